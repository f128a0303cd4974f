/** Making UDP sockets, for each of their two faces. @module */

import type { RemoteInfo } from "./address.ts";
import type { UdpBindOptions, UdpSocketOptions } from "./options.ts";
import { UdpSocket } from "./socket.ts";

/** Gets the datagrams of a socket. */
export type MessageListener = (data: Uint8Array, remote: RemoteInfo) => void;

/**
 * Makes a socket and binds it: to any port of every address unless told otherwise. A number is the
 * port.
 *
 * Rejects as {@linkcode UdpSocket.bind} does, and with a RangeError (`ERR_OUT_OF_RANGE`) or a
 * TypeError (`ERR_INVALID_ARG_VALUE`) for an option that cannot be.
 *
 * @example
 * ```ts
 * import { bind } from "@netstd/net/udp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await bind({ hostname: "127.0.0.1" });
 * await using client = await bind({ hostname: "127.0.0.1" });
 * await client.send("hello", server.address);
 *
 * for await (const { data, remote } of server) {
 *   assertEquals(new TextDecoder().decode(data), "hello");
 *   assertEquals(remote.port, client.address.port);
 *   break; // leaving the loop closes the server
 * }
 * ```
 */
export async function bind(options: number | UdpBindOptions = {}): Promise<UdpSocket> {
  if (typeof options === "number") return await new UdpSocket().bind(options);
  return await new UdpSocket(options).bind(options);
}

/**
 * Makes a socket that is not bound: `bind()` does that, or the first `send()`. `listener` is added
 * for `message`.
 *
 * Throws a RangeError (`ERR_OUT_OF_RANGE`) or a TypeError (`ERR_INVALID_ARG_VALUE`) for an option
 * that cannot be.
 *
 * @example
 * ```ts
 * import { createSocket } from "@netstd/net/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const socket = createSocket({ maxQueued: 100 });
 * socket.on("listening", () => console.log("Bound to", socket.address));
 * socket.on("message", (data, remote) => {
 *   assertEquals([...data], [1, 2, 3]);
 *   assertEquals(remote.size, 3);
 *   socket.close();
 * });
 * await socket.bind({ hostname: "127.0.0.1" });
 * await socket.send(new Uint8Array([1, 2, 3]), socket.address);
 * ```
 */
export function createSocket(listener?: MessageListener): UdpSocket;
/** Makes a socket with options; see above. */
export function createSocket(options: UdpSocketOptions, listener?: MessageListener): UdpSocket;
export function createSocket(
  first?: UdpSocketOptions | MessageListener,
  second?: MessageListener,
): UdpSocket {
  const options = typeof first === "function" ? {} : first ?? {};
  const listener = typeof first === "function" ? first : second;
  const socket = new UdpSocket(options);
  if (listener !== undefined) socket.on("message", listener);
  return socket;
}
