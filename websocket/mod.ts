/**
 * WebSocket servers and clients (RFC 6455) with compression (RFC 7692), the same in Deno and in
 * Node: `serve()` and `upgrade()` for servers, `connect()` for clients, topics for many receivers,
 * and the `WebSocket` of browsers.
 *
 * Strict in what it accepts, with finite limits for everything that a peer may send or hold back,
 * and a heartbeat that finds out when the peer is gone.
 *
 * In Deno it needs `--allow-net`.
 *
 * @example
 * ```ts
 * import { connect, serve } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (connection) => {
 *   connection.on("message", (data) => connection.send(data));
 * });
 * const { port } = await server.opened;
 *
 * const connection = connect(`ws://127.0.0.1:${port}/`);
 * connection.send("Hello");
 * for await (const message of connection) {
 *   assertEquals(message, "Hello");
 *   break;
 * }
 * ```
 *
 * @module
 */

export {
  NetError,
  type NetErrorOptions,
  ProtocolError,
  TransportError,
  UsageError,
} from "../_core/errors.ts";
export type {
  ChooseIdentity,
  ClientUpgrade,
  CloseOptions,
  Data,
  DropInfo,
  EndAddress,
  FetchOptions,
  FieldsInput,
  HeadersInput,
  HttpClient,
  HttpClientLimits,
  HttpClientOptions,
  HttpClientStats,
  HttpClientTimeouts,
  HttpServer,
  HttpServerEvents,
  HttpServerLimits,
  HttpServerOptions,
  HttpServerTimeouts,
  Identity,
  Informational,
  ListenTarget,
  PeerCertificate,
  Pem,
  PipeDestination,
  PoolCounts,
  ProxyOption,
  ProxyParts,
  ReadyState,
  RedirectMode,
  RequestBody,
  RequestInfo,
  RespondWith,
  ServeOptions,
  SocketAddress,
  SocketInfo,
  TcpAddress,
  TcpListenOptions,
  TcpSocket,
  TcpSocketEvents,
  TcpSocketOptions,
  TlsClientOptions,
  TlsOptions,
  TlsServerSideOptions,
  TlsSocket,
  TlsSocketEvents,
  TlsVersion,
  UnixAddress,
  UnixListenOptions,
  Upgrade,
  UpgradeOptions,
  UpgradeRequest,
  WaitOptions,
} from "../http/mod.ts";
export { connect, type WebSocketConnectOptions } from "./connect.ts";
export {
  type OpenInfo,
  WebSocketConnection,
  type WebSocketConnectionEvents,
} from "./connection.ts";
export type { CloseInfo } from "./link_owner.ts";
export type { CompressionOptions, HeartbeatOptions, WebSocketOptions } from "./options.ts";
export { reconnect, type ReconnectOptions } from "./reconnect.ts";
export { redisBroker, type RedisBrokerOptions, type RedisClient } from "./redis.ts";
export { serve, type WebSocketListener, type WebSocketServeOptions } from "./serve.ts";
export { type PublishOptions, type TopicBroker, Topics, type TopicsOptions } from "./topics.ts";
export { upgrade, type WebSocketUpgrade, type WebSocketUpgradeOptions } from "./upgrade.ts";
export {
  CloseEvent,
  type CloseEventInit,
  WebSocket,
  type WebSocketData,
  type WebSocketEventMap,
  type WebSocketHandler,
} from "./websocket.ts";
