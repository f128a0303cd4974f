/** Options of HTTP clients: shapes, defaults, checks. @module */

import { checkNumber } from "../_core/check_number.ts";
import { netError } from "../_core/errors.ts";
import type { TcpSocketOptions } from "../tcp/mod.ts";
import type { TlsClientOptions } from "../tls/mod.ts";
import type { ClientEngineOptions } from "./_engine/client_engine.ts";
import * as limits from "./client_limits.ts";
import type { FieldsInput } from "./client_request.ts";
import { type ProxyChoice, type ProxyOption, readProxy } from "./proxy.ts";

/** What a client accepts, in bytes or numbers. `Infinity` turns a limit off. */
export interface HttpClientLimits {
  /** Bytes of a status line. Default 8,192. */
  statusLine?: number;
  /** Bytes of a response's head. Default 65,536. */
  head?: number;
  /** Header fields of a response, and trailer fields. Default 500. */
  fields?: number;
  /** Bytes of a response's content as it is sent. Default none: it streams with back-pressure. */
  body?: number;
  /** Bytes of content after decompression. Default none, see `expansion`. */
  decodedBody?: number;
  /** How many times as long decompressed content of more than 64 MiB may be. Default 200. */
  expansion?: number;
  /** Bytes of all chunk extensions of a response. Default 16,384. */
  chunkExtensions?: number;
  /** Bytes of a response's trailer section. Default 16,384. */
  trailers?: number;
  /** Interim responses (1xx) before the final one. Default 100. */
  informational?: number;
  /** Redirects that are followed for one request. Default 20. */
  redirects?: number;
  /** Bytes of content nobody wants that are read to keep the connection. Default 65,536. */
  unread?: number;
  /** Requests that may wait for a connection. Default 100,000. */
  queued?: number;
}

/** How long a client waits, in ms. `Infinity` turns a limit off. */
export interface HttpClientTimeouts {
  /** For a connection to open: then `ETIMEDOUT`. Default 30,000. */
  connect?: number;
  /** For a TLS handshake: then `ERR_TLS_HANDSHAKE_TIMEOUT`. Default 10,000. */
  handshake?: number;
  /** For a free connection: then `ERR_HTTP_QUEUE_TIMEOUT`. Default 60,000. */
  queue?: number;
  /** For the head of a response: then `ERR_HTTP_HEAD_TIMEOUT`. Default 300,000. */
  head?: number;
  /**
   * For content that makes no progress, either way, and for somebody to begin to read a response:
   * `ERR_HTTP_BODY_TIMEOUT`. Default 300,000.
   */
  body?: number;
  /** For 100 (Continue), before content is sent without it. Default 1,000. */
  continue?: number;
  /** For everything, from the call to the last byte: `ERR_HTTP_REQUEST_TIMEOUT`. Default none. */
  total?: number;
  /** For an idle connection, which is then closed; a server's hint shortens it. Default 30,000. */
  keepAlive?: number;
}

/** Whether redirects are followed, given as they are, or an error. */
export type RedirectMode = "follow" | "manual" | "error";

/** How an HTTP client behaves. Keys, certificates and the like are for HTTPS. */
export interface HttpClientOptions
  extends
    Omit<TlsClientOptions, "alpnProtocols" | "handshakeTimeout" | "strictClose">,
    Pick<TcpSocketOptions, "noDelay"> {
  /** Connections to one origin. Default 256. */
  maxSockets?: number;
  /** Connections in all. Default 768. */
  maxTotalSockets?: number;
  /** Whether connections are used again. Default true. */
  keepAlive?: boolean;
  /** What it accepts. */
  limits?: HttpClientLimits;
  /** How long it waits. */
  timeouts?: HttpClientTimeouts;
  /** What to do with redirects, unless the call says otherwise. Default `follow`. */
  redirect?: RedirectMode;
  /** Whether gzip, deflate and br are asked for and decompressed. Default true. */
  decompress?: boolean;
  /** Header fields for every request, unless the call has them too. */
  headers?: NonNullable<FieldsInput>;
  /** The path of a Unix socket that every connection goes to. */
  path?: string;
  /**
   * A proxy: its URL, which may hold user and password, or `environment` for what `HTTP_PROXY`,
   * `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say. Default none.
   */
  proxy?: ProxyOption;
  /** Only addresses of IPv4, or of IPv6. Default both. */
  family?: 4 | 6;
  /** The IP address to connect from. */
  localAddress?: string;
}

/** The options of a client, checked and complete. */
export interface ClientSettings extends ClientEngineOptions {
  readonly maxSockets: number;
  readonly maxTotalSockets: number;
  readonly maxQueued: number;
  readonly maxRedirects: number;
  readonly maxUnread: number;
  readonly maxDecoded: number;
  readonly maxExpansion: number;
  readonly keepAlive: boolean;
  readonly timeouts: Required<HttpClientTimeouts>;
  readonly redirect: RedirectMode;
  readonly decompress: boolean;
  readonly proxy: ProxyChoice;
}

const AT_LEAST_ONE = [1, Infinity] as const;

function readTimeouts(given: HttpClientTimeouts): Required<HttpClientTimeouts> {
  const wait = (name: keyof HttpClientTimeouts, fallback: number) =>
    checkNumber(`timeouts.${name}`, given[name], fallback);
  return {
    connect: wait("connect", limits.CONNECT_TIMEOUT),
    handshake: wait("handshake", limits.HANDSHAKE_TIMEOUT),
    queue: wait("queue", limits.QUEUE_TIMEOUT),
    head: wait("head", limits.HEAD_TIMEOUT),
    body: wait("body", limits.BODY_TIMEOUT),
    continue: wait("continue", limits.CONTINUE_TIMEOUT),
    total: wait("total", Infinity),
    keepAlive: wait("keepAlive", limits.KEEP_ALIVE_TIMEOUT),
  };
}

/** Checks what to do with redirects. */
export function checkRedirect(mode: unknown): RedirectMode {
  if (mode === "follow" || mode === "manual" || mode === "error") return mode;
  const message = `Cannot use the redirect mode ${String(mode)}: it is follow, manual or error`;
  throw netError("ERR_INVALID_ARG_VALUE", message);
}

/** Checks the options of a client and fills in the defaults. */
export function clientSettings(options: HttpClientOptions): ClientSettings {
  const { limits: given = {}, path } = options;
  const limit = (name: keyof HttpClientLimits, fallback: number) =>
    checkNumber(`limits.${name}`, given[name], fallback);
  if (path !== undefined && (typeof path !== "string" || path === "")) {
    throw netError("ERR_INVALID_ARG_VALUE", `Cannot use the path ${String(path)}`);
  }
  return {
    maxStartLine: limit("statusLine", limits.MAX_STATUS_LINE),
    maxHead: limit("head", limits.MAX_HEAD),
    maxFields: limit("fields", limits.MAX_FIELDS),
    maxBody: limit("body", Infinity),
    maxChunkExtensions: limit("chunkExtensions", limits.MAX_CHUNK_EXTENSIONS),
    maxTrailers: limit("trailers", limits.MAX_TRAILERS),
    maxInformational: limit("informational", limits.MAX_INFORMATIONAL),
    maxRedirects: limit("redirects", limits.MAX_REDIRECTS),
    maxUnread: limit("unread", limits.MAX_UNREAD),
    maxDecoded: limit("decodedBody", Infinity),
    maxExpansion: limit("expansion", limits.MAX_EXPANSION),
    maxQueued: limit("queued", limits.MAX_QUEUED),
    maxSockets: checkNumber("maxSockets", options.maxSockets, limits.MAX_SOCKETS, AT_LEAST_ONE),
    maxTotalSockets: checkNumber(
      "maxTotalSockets",
      options.maxTotalSockets,
      limits.MAX_TOTAL_SOCKETS,
      AT_LEAST_ONE,
    ),
    keepAlive: options.keepAlive ?? true,
    timeouts: readTimeouts(options.timeouts ?? {}),
    redirect: checkRedirect(options.redirect ?? "follow"),
    decompress: options.decompress ?? true,
    proxy: readProxy(options.proxy),
  };
}
