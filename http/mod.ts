/**
 * HTTP/1.1 servers and clients (RFC 9110, RFC 9112) on this package's own sockets, the same in Deno
 * and in Node: `serve()` with the shape of `Deno.serve`, `createServer()` with events, `fetch()` and
 * a client with a pool that can be steered. HTTPS and Unix sockets included.
 *
 * Strict in what it accepts, with finite limits and timeouts for everything that a peer may send or
 * hold back. Requests and responses are the platform's to whoever uses them, made without its cost.
 *
 * In Deno it needs `--allow-net`; for Unix sockets also `--allow-read` and `--allow-write` of the
 * path.
 *
 * @example
 * ```ts
 * import { fetch, Response, serve } from "@netstd/net/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   return new Response(`Hello from ${new URL(request.url).pathname}`);
 * });
 * const { port } = await server.opened;
 * const response = await fetch(`http://127.0.0.1:${port}/home`);
 * assertEquals(await response.text(), "Hello from /home");
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
  CloseOptions,
  Data,
  DropInfo,
  Identity,
  ListenTarget,
  PeerCertificate,
  Pem,
  PipeDestination,
  ReadyState,
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
  WaitOptions,
} from "../tls/mod.ts";
export { installResponse } from "./install.ts";
export { type FetchOptions, HttpClient, type HttpClientStats } from "./client.ts";
export type { RequestBody } from "./client_body.ts";
export type { Informational } from "./client_call.ts";
export type {
  HttpClientLimits,
  HttpClientOptions,
  HttpClientTimeouts,
  RedirectMode,
} from "./client_options.ts";
export type { FieldsInput } from "./client_request.ts";
export type { ClientUpgrade, UpgradeRequest } from "./client_upgrade.ts";
export { defaultClient, fetch } from "./fetch.ts";
export type { BodyInput, HeadersInput, ResponseInput } from "./platform.ts";
export type { PoolCounts } from "./pools.ts";
export type { ProxyOption, ProxyParts } from "./proxy.ts";
export type {
  HttpServerLimits,
  HttpServerOptions,
  HttpServerTimeouts,
  ServeOptions,
} from "./server_options.ts";
export { rawHeaders } from "./raw_headers.ts";
export { type EndAddress, RequestInfo } from "./request_info.ts";
export { Response } from "./response.ts";
export { serve } from "./serve.ts";
export {
  createServer,
  type Handler,
  HttpServer,
  type HttpServerEvents,
  type RespondWith,
} from "./server.ts";
export { trailers, withTrailers } from "./trailers.ts";
export { type Upgrade, upgrade, type UpgradeOptions } from "./upgrade.ts";
