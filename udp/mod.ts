/**
 * UDP sockets, by events or by promises and iteration, the same in Deno and in Node: unicast,
 * broadcast, multicast, connected or not, IPv4 and IPv6.
 *
 * Nothing is lost where the runtimes lose it: datagrams that are sent without waiting leave in
 * order, one that is too long fails with `EMSGSIZE` instead of vanishing, none arrives cut off, a
 * connected socket hears its peer only, and five bytes that are kept hold five bytes of memory.
 * Errors carry the same `code`, `syscall`, `address` and `port` on both.
 *
 * In Deno it needs `--allow-net` and no other flag; with `--unstable-net` it stands on
 * `Deno.listenDatagram`, which is faster than Deno's `node:dgram`. In Node it stands on
 * `node:dgram`.
 *
 * @example
 * ```ts
 * import { bind } from "@netstd/net/udp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await bind({ hostname: "127.0.0.1" });
 * server.on("message", (data, remote) => server.send(data, remote)); // an echo
 *
 * await using client = await bind({ hostname: "127.0.0.1" });
 * await client.send("hello", server.address);
 * const { data } = await client.read();
 * assertEquals(new TextDecoder().decode(data), "hello");
 * ```
 *
 * @example A small DNS client: it asks for the IPv4 addresses of a name, up to three times
 * ```ts
 * import { bind, NetError } from "@netstd/net/udp";
 * import { assertEquals } from "@std/assert";
 *
 * function question(id: number, name: string): Uint8Array {
 *   const labels = name.split(".").flatMap((label) => {
 *     return [label.length, ...new TextEncoder().encode(label)];
 *   });
 *   // Recursion desired, one question; type A, class IN.
 *   const head = [id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
 *   return new Uint8Array([...head, ...labels, 0, 0, 1, 0, 1]);
 * }
 *
 * function addresses(answer: Uint8Array): string[] {
 *   const skipName = (at: number) => {
 *     while (answer[at]! > 0 && answer[at]! < 192) at += answer[at]! + 1;
 *     return answer[at] === 0 ? at + 1 : at + 2; // the end, or a pointer to the rest
 *   };
 *   const found: string[] = [];
 *   let at = skipName(12) + 4;
 *   for (let left = answer[6]! << 8 | answer[7]!; left > 0; left--) {
 *     at = skipName(at);
 *     const [type, size] = [answer[at]! << 8 | answer[at + 1]!, answer[at + 8]! << 8 | answer[at + 9]!];
 *     if (type === 1) found.push(answer.subarray(at + 10, at + 14).join("."));
 *     at += 10 + size;
 *   }
 *   return found;
 * }
 *
 * async function resolve(name: string, server: { hostname: string; port: number }) {
 *   await using socket = await bind({ hostname: "0.0.0.0" });
 *   await socket.connect(server); // from now on nobody else is heard
 *   for (let attempt = 1; attempt <= 3; attempt++) {
 *     const id = Math.floor(Math.random() * 65_536);
 *     await socket.send(question(id, name));
 *     const signal = AbortSignal.timeout(1_000);
 *     try {
 *       for (;;) {
 *         const { data } = await socket.read({ signal });
 *         if ((data[0]! << 8 | data[1]!) === id) return addresses(data);
 *       }
 *     } catch (error) {
 *       if (!signal.aborted) throw error;
 *     }
 *   }
 *   throw new NetError("ETIMEDOUT", `Cannot resolve ${name}: no answer`);
 * }
 *
 * // A name server that knows one name, and drops the first question.
 * await using server = await bind({ hostname: "127.0.0.1" });
 * let questions = 0;
 * server.on("message", (query, remote) => {
 *   if (++questions === 1) return;
 *   const record = [192, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7];
 *   const answer = new Uint8Array([...query, ...record]);
 *   answer.set([0x81, 0x80], 2); // an answer; recursion desired and available
 *   answer[7] = 1;
 *   server.send(answer, remote);
 * });
 *
 * const { port } = server.address;
 * assertEquals(await resolve("example.test", { hostname: "127.0.0.1", port }), ["192.0.2.7"]);
 * assertEquals(questions, 2);
 * ```
 *
 * @module
 */

export type { Data } from "../_core/bytes.ts";
export {
  NetError,
  type NetErrorOptions,
  ProtocolError,
  TransportError,
  UsageError,
} from "../_core/errors.ts";
export type { RemoteInfo, UdpAddress } from "./address.ts";
export { bind, createSocket, type MessageListener } from "./create.ts";
export type { UdpMessage } from "./inbox.ts";
export type { UdpBindOptions, UdpBindTarget, UdpSocketOptions, UdpTarget } from "./options.ts";
export {
  type UdpOutgoing,
  type UdpReadOptions,
  UdpSocket,
  type UdpSocketEvents,
} from "./socket.ts";
