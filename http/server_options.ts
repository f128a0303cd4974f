/** Options of HTTP servers: shapes, defaults, checks. @module */

import type { SocketAddress } from "../_core/address.ts";
import { checkNumber } from "../_core/check_number.ts";
import type { TcpListenOptions, UnixListenOptions } from "../tcp/mod.ts";
import type { TlsServerSideOptions } from "../tls/mod.ts";
import type { ServerEngineOptions } from "./_engine/server_parts.ts";
import { httpDate } from "./date.ts";
import * as limits from "./server_limits.ts";
import type { EndAddress } from "./request_info.ts";

/** What a server accepts, in bytes or numbers. `Infinity` turns a limit off. */
export interface HttpServerLimits {
  /** Bytes of the request line; longer ones are answered by 414. Default 16,384. */
  requestLine?: number;
  /** Bytes of a request's head; longer ones are answered by 431. Default 32,768. */
  head?: number;
  /** Header fields of a request, and trailer fields; more are answered by 431. Default 200. */
  fields?: number;
  /** Bytes of a request's content; more is answered by 413, or ends it midway. Default 4 GiB. */
  body?: number;
  /** Bytes of all chunk extensions of a request. Default 16,384. */
  chunkExtensions?: number;
  /** Bytes of a request's trailer section. Default 16,384. */
  trailers?: number;
  /** Bytes of pipelined requests that wait behind the one at work. Default 65,536. */
  pipelined?: number;
  /**
   * Bytes of content that the handler left unread which are dropped to keep the connection alive;
   * with more of it the connection is closed after the response. Default 262,144.
   */
  unread?: number;
  /** Connections at a time; what comes beyond is closed at once, with a `drop`. Default 100,000. */
  connections?: number;
}

/** How long a server waits, in ms. `Infinity` turns a limit off. */
export interface HttpServerTimeouts {
  /** For a head, from its first byte or from the client's connecting: then 408. Default 15,000. */
  head?: number;
  /** For content that makes no progress although it is read: then 408. Default 30,000. */
  body?: number;
  /** For another request; told to clients in Keep-Alive. Default 65,000. */
  keepAlive?: number;
  /** For a client that takes nothing of a response: then the connection is cut. Default 60,000. */
  response?: number;
  /**
   * With a client of HTTP/1.1 that has ended its side while its request is at work, before it is
   * sent 102 (Processing): if it is gone, that tells. Default 1,500.
   */
  presence?: number;
  /** For a client that does not end its side after the server's end. Default 2,000. */
  linger?: number;
}

/** How an HTTP server behaves. */
export interface HttpServerOptions {
  /** Makes it an HTTPS server: key and certificate, and everything else of `tls.createServer()`. */
  tls?: TlsServerSideOptions;
  /** What it accepts. */
  limits?: HttpServerLimits;
  /** How long it waits. */
  timeouts?: HttpServerTimeouts;
  /**
   * Whether a client that has ended its side gets the answer to what it asked (RFC 9112, section
   * 9.6). With false its end is taken for its going. Default true.
   */
  allowHalfOpen?: boolean;
  /**
   * Answers in place of a handler that threw, rejected, or gave a response that cannot be sent.
   * Default: reports the error to the console and answers 500 without saying why.
   */
  onError?: (error: unknown) => Response | Promise<Response>;
}

/** Where and how to serve: the shape of `Deno.serve`. */
export interface ServeOptions extends HttpServerOptions {
  /** The port; 0 lets the system choose. Default 8000. */
  port?: number;
  /** The IP address or name to listen on. Default every address. */
  hostname?: string;
  /** The path of a Unix socket to listen on, in place of a port. */
  path?: string;
  /** Lets several processes listen on one port, where the runtime can. */
  reusePort?: boolean;
  /** Shuts the server down when it aborts, as `shutdown()` does. */
  signal?: AbortSignal;
  /** Called with the address once the server listens. */
  onListen?: (address: EndAddress) => void;
}

/** The options of a server, checked and complete. */
export interface ServerSettings extends ServerEngineOptions {
  readonly timeouts: Required<HttpServerTimeouts>;
  readonly highWaterMark: number;
  readonly lingerBytes: number;
  readonly allowHalfOpen: boolean;
}

function readTimeouts(timeouts: HttpServerTimeouts): Required<HttpServerTimeouts> {
  const wait = (name: keyof HttpServerTimeouts, fallback: number) =>
    checkNumber(`timeouts.${name}`, timeouts[name], fallback);
  return {
    head: wait("head", limits.HEAD_TIMEOUT),
    body: wait("body", limits.BODY_TIMEOUT),
    keepAlive: wait("keepAlive", limits.KEEP_ALIVE_TIMEOUT),
    response: wait("response", limits.RESPONSE_TIMEOUT),
    presence: wait("presence", limits.PRESENCE_TIMEOUT),
    linger: wait("linger", limits.LINGER_TIMEOUT),
  };
}

/** The field lines that announce how long an idle connection is kept. */
function keepAliveLines(timeout: number): string {
  const seconds = Math.floor(timeout / 1000);
  const hint = Number.isFinite(seconds) && seconds > 0 ? `keep-alive: timeout=${seconds}\r\n` : "";
  return `connection: keep-alive\r\n${hint}`;
}

/** Checks the options of a server and fills in the defaults. Throws `ERR_OUT_OF_RANGE`. */
export function readServerOptions(options: HttpServerOptions): ServerSettings {
  const given = options.limits ?? {};
  const limit = (name: keyof HttpServerLimits, fallback: number) =>
    checkNumber(`limits.${name}`, given[name], fallback);
  const timeouts = readTimeouts(options.timeouts ?? {});
  return {
    maxStartLine: limit("requestLine", limits.MAX_REQUEST_LINE),
    maxHead: limit("head", limits.MAX_HEAD),
    maxFields: limit("fields", limits.MAX_FIELDS),
    maxBody: limit("body", limits.MAX_BODY),
    maxChunkExtensions: limit("chunkExtensions", limits.MAX_CHUNK_EXTENSIONS),
    maxTrailers: limit("trailers", limits.MAX_TRAILERS),
    maxPipelined: limit("pipelined", limits.MAX_PIPELINED),
    maxUnread: limit("unread", limits.MAX_UNREAD),
    keepAliveLines: keepAliveLines(timeouts.keepAlive),
    date: httpDate,
    timeouts,
    highWaterMark: limits.HIGH_WATER_MARK,
    lingerBytes: limits.LINGER_BYTES,
    allowHalfOpen: options.allowHalfOpen ?? true,
  };
}

/** Where `serve()` listens. */
export function listenTargetOf(
  options: ServeOptions,
): TcpListenOptions | UnixListenOptions {
  const { path, port = 8000, hostname, reusePort } = options;
  if (path !== undefined) return { path, removeStale: true };
  return {
    port,
    ...(hostname === undefined ? {} : { hostname }),
    ...(reusePort === undefined ? {} : { reusePort }),
  };
}

/** An address with the name that `Deno.serve` gives the IP address. */
export function endAddress(address: SocketAddress): EndAddress {
  return address.transport === "tcp" ? { ...address, hostname: address.address } : address;
}
