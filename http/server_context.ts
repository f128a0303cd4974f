/** What the connections and exchanges of one HTTP server share. @module */

import type { NetError } from "../_core/errors.ts";
import type { ByteStream } from "../_io/stream.ts";
import type { TimerQueue } from "../_io/timers.ts";
import type { RequestHead } from "./_engine/message.ts";
import type { Exchange } from "./exchange.ts";
import type { ServerSettings } from "./server_options.ts";
import type { ServerConnection } from "./server_connection.ts";

/** The server, to its connections. */
export interface ServerContext {
  readonly settings: ServerSettings;
  readonly timers: TimerQueue;
  /** Whether the connections are encrypted. */
  readonly secure: boolean;
  /** Has a request answered. */
  dispatch(exchange: Exchange): void;
  /** Answers in place of a handler that failed. */
  onError(error: unknown): Response | Promise<Response>;
  /** Tells of an error that no response can tell of any more. */
  report(error: unknown): void;
  /** A client broke the protocol, or its time was over. */
  onClientError(error: NetError, connection: ServerConnection): void;
  /** The URL of a request. */
  urlOf(head: RequestHead, stream: ByteStream): string;
}

/**
 * The URL of a request (RFC 9112, section 3.3), as the platform writes URLs: what `new URL()` makes
 * of it, so that it can be parsed and two ways to write it are one. The place of an authority that
 * is missing, or that HTTP allows and URLs do not, is taken by where the client connected to.
 */
export function targetUrl(head: RequestHead, secure: boolean, stream: ByteStream): string {
  const { target, form } = head;
  switch (form) {
    case "absolute":
      return parsed(target) ?? localOrigin(secure, stream) + pathOf(target);
    case "authority":
      return parsed(`${schemeOf(secure)}://${target}/`) ?? `${localOrigin(secure, stream)}/`;
    // Its path is empty (RFC 9112, section 3.3).
    case "asterisk":
      return `${originOf(head, secure, stream)}/`;
    case "origin":
      return joined(originOf(head, secure, stream), target);
  }
}

/** The last URL of an origin and a target: the next one is often the same. */
let last = { origin: "", target: "", url: "" };

function joined(origin: string, target: string): string {
  if (target === last.target && origin === last.origin) return last.url;
  const url = origin + target;
  last = { origin, target, url: isPlain(target) ? url : new URL(url).href };
  return last.url;
}

/** Whether nothing about an origin-form target would be written otherwise in a URL. */
function isPlain(target: string): boolean {
  return !target.includes("/.") && !target.includes("/%2") && !target.includes("'");
}

/** The origin for the last Host: on a server mostly the same. */
let known = { host: "", secure: false, origin: "" };

function originOf({ host }: RequestHead, secure: boolean, stream: ByteStream): string {
  if (host === null || host === "") return localOrigin(secure, stream);
  if (host === known.host && secure === known.secure) return known.origin;
  const url = parsed(`${schemeOf(secure)}://${host}/`);
  if (url === null) return localOrigin(secure, stream);
  known = { host, secure, origin: url.slice(0, -1) };
  return known.origin;
}

/** Where the client connected to. */
function localOrigin(secure: boolean, stream: ByteStream): string {
  const address = stream.localAddress;
  if (address?.transport !== "tcp") return `${schemeOf(secure)}://localhost`;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  // An IPv6 address may name its zone, which URLs cannot.
  const url = parsed(`${schemeOf(secure)}://${host}:${address.port}/`);
  return url === null ? `${schemeOf(secure)}://localhost:${address.port}` : url.slice(0, -1);
}

function schemeOf(secure: boolean): string {
  return secure ? "https" : "http";
}

function parsed(url: string): string | null {
  try {
    return new URL(url).href;
  } catch {
    return null;
  }
}

/** Path and query of a target in absolute form. */
function pathOf(target: string): string {
  const path = target.replace(/^[^:]+:\/\/[^/?]*/, "");
  return path.startsWith("/") ? path : `/${path}`;
}
