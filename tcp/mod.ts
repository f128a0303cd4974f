/**
 * TCP and Unix sockets: servers and clients, by events or by promises, iteration and web streams,
 * the same in Deno and in Node.
 *
 * Nothing is lost where the runtimes lose it: writes leave whole and in order, the end of one side
 * never closes the other, unread input does not turn a close into a reset, and a server outlives
 * whatever its clients and the descriptor limit do. Errors carry the same `code`, `syscall`,
 * `address` and `port` on both.
 *
 * In Deno it stands on `Deno.listen` and `Deno.connect` and needs `--allow-net`; for Unix sockets
 * also `--allow-read` and `--allow-write` of the path. In Node it stands on `node:net`.
 *
 * @example
 * ```ts
 * import { connect, createServer } from "@netstd/net/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = createServer((socket) => {
 *   socket.write("Hello\n");
 *   socket.pipe(socket);
 * });
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * await using socket = connect(server.address);
 * assertEquals(new TextDecoder().decode((await socket.read())!), "Hello\n");
 * ```
 *
 * @module
 */

export type { SocketAddress, TcpAddress, UnixAddress } from "../_core/address.ts";
export type { Data } from "../_core/bytes.ts";
export {
  NetError,
  type NetErrorOptions,
  ProtocolError,
  TransportError,
  UsageError,
} from "../_core/errors.ts";
export type { DropInfo } from "../_io/stream.ts";
export type { CloseOptions } from "./closing.ts";
export { connect } from "./connect.ts";
export type {
  ConnectOptions,
  ConnectTarget,
  ListenTarget,
  TcpListenOptions,
  TcpSocketOptions,
  TcpTarget,
  UnixListenOptions,
  UnixTarget,
} from "./options.ts";
export type { PipeDestination } from "./pipe.ts";
export { relay } from "./relay.ts";
export {
  type ConnectionListener,
  createServer,
  TcpServer,
  type TcpServerEvents,
  type TcpServerOptions,
} from "./server.ts";
export {
  type ReadyState,
  type SocketInfo,
  TcpSocket,
  type TcpSocketEvents,
  type WaitOptions,
} from "./socket.ts";
