/** Two sockets as one: the heart of a proxy. @module */

import { checkSignal } from "../_core/abort.ts";
import { eventsOf, type TcpSocket, type WaitOptions } from "./socket.ts";

/**
 * Moves bytes both ways between two sockets, with back-pressure, and passes each side's end on to
 * the other. Resolves when both have closed; when one fails the other is destroyed, and it rejects
 * with the error. When `signal` aborts, both are destroyed, and it rejects with the signal's reason.
 *
 * @example
 * ```ts
 * import { connect, createServer, relay } from "@netstd/net/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * await using echo = createServer((socket) => socket.pipe(socket));
 * await echo.listen({ port: 0, hostname: "127.0.0.1" });
 * await using proxy = createServer((socket) => {
 *   relay(socket, connect(echo.address)).catch(console.error);
 * });
 * await proxy.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * const socket = connect(proxy.address);
 * socket.end("through");
 * assertEquals(new TextDecoder().decode((await socket.read())!), "through");
 * await socket.closed;
 * ```
 */
export async function relay(
  a: TcpSocket,
  b: TcpSocket,
  options: WaitOptions = {},
): Promise<void> {
  const pair = [a, b] as const;
  const signal = checkSignal(options.signal);
  const destroy = () => pair.forEach((socket) => socket.destroy());
  if (signal?.aborted) destroy();
  signal?.throwIfAborted();
  signal?.addEventListener("abort", destroy);
  try {
    await move(a, b);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", destroy);
  }
  signal?.throwIfAborted();
}

async function move(a: TcpSocket, b: TcpSocket): Promise<void> {
  const pair = [a, b] as const;
  for (const socket of pair) eventsOf(socket).connection.keepHalfOpen();
  a.pipe(b);
  b.pipe(a);
  const results = await Promise.allSettled(pair.map(async (socket) => {
    try {
      await socket.closed;
    } finally {
      // A side that broke off takes the other with it; one that ended has passed that on.
      if (!eventsOf(socket).connection.endedWell) (socket === a ? b : a).destroy();
    }
  }));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
