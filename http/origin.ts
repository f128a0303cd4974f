/**
 * URLs as a client needs them: an origin to connect to, and a request target (RFC 9110, section
 * 7.1). Parsing a URL costs more than sending a small request, so plain ones are taken apart by hand.
 *
 * @module
 */

import { unbracket } from "../_core/address.ts";
import { netError } from "../_core/errors.ts";
import { latin1, utf8 } from "../_core/text.ts";
import type { RequestMessage } from "./_engine/client_engine.ts";

/** What a request is sent to. */
export interface Origin {
  /** `http://host:port`, as URLs write it; also the name of its pool. */
  readonly name: string;
  /** Whether TLS carries it. */
  readonly secure: boolean;
  /** The host without brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** The value of Host: without the port where it is the usual one (RFC 9110, section 7.2). */
  readonly host: string;
}

/** A URL taken apart. */
export interface Target {
  /** The origin's name, as the pools go by. */
  readonly origin: string;
  /** Path and query: the target in origin-form (RFC 9112, section 3.2.1). */
  readonly path: string;
  /** The URL as the response shows it: without fragment and credentials. */
  readonly href: string;
  /** The fragment with its `#`, which a redirect inherits (RFC 9110, section 10.2.2). */
  readonly hash: string;
  /** The value of Authorization that the URL's user and password make; null without. */
  readonly authorization: string | null;
  /** The message of a plain GET, kept for the next one by whoever made it. */
  plain: RequestMessage | null;
}

// Neither dot segments, which a parser takes out, nor letters that it escapes.
const PLAIN_PATH = /^(?:\/(?!\.|%2[eE])[\w\-.~!$&()*+,;=:@%]*)+(?:\?[\w\-.~!$&()*+,;=:@%/?]*)?$/;

/** Where the authority of an http URL ends; -1 for what is none, or has no path. */
function pathStart(text: string): number {
  if (text.startsWith("http://")) return text.indexOf("/", 7);
  if (text.startsWith("https://")) return text.indexOf("/", 8);
  return -1;
}

/**
 * Takes a URL apart without parsing it, if `known` knows its origin by that very spelling and there
 * is nothing in it that a parser would change; null otherwise.
 */
export function splitPlain(text: string, known: (origin: string) => boolean): Target | null {
  const at = pathStart(text);
  if (at === -1) return null;
  const origin = text.slice(0, at);
  if (!known(origin)) return null;
  const path = text.slice(at);
  if (!PLAIN_PATH.test(path)) return null;
  return { origin, path, href: text, hash: "", authorization: null, plain: null };
}

/** Parses a URL, relative to a base for a redirect. Throws `ERR_INVALID_ARG_VALUE`. */
export function parseUrl(text: string | URL, base?: string): URL {
  let url: URL;
  try {
    url = base === undefined ? new URL(text) : new URL(text, base);
  } catch (cause) {
    throw netError("ERR_INVALID_ARG_VALUE", `Cannot use the URL ${JSON.stringify(String(text))}`, {
      cause,
    });
  }
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  const message = `Cannot use the URL ${JSON.stringify(url.href)}: it is no http or https URL`;
  throw netError("ERR_INVALID_ARG_VALUE", message);
}

/** The value of Authorization or Proxy-Authorization for a name and a password (RFC 7617). */
export function basicCredentials(username: string, password: string): string {
  const bytes = utf8(`${username}:${password}`);
  return `Basic ${btoa(latin1(bytes, 0, bytes.length))}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A percent sign that is just that.
  }
}

/** The credentials in a URL; null without. */
export function credentialsOf({ username, password }: URL): string | null {
  if (username === "" && password === "") return null;
  return basicCredentials(decoded(username), decoded(password));
}

/** Takes a parsed URL apart. */
export function targetOf(url: URL): Target {
  const { origin, hash } = url;
  const path = url.pathname + url.search;
  const authorization = credentialsOf(url);
  return { origin, path, href: origin + path, hash, authorization, plain: null };
}

/** The origin of a parsed URL. */
export function originOf(url: URL): Origin {
  const secure = url.protocol === "https:";
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  return { name: url.origin, secure, hostname: unbracket(url.hostname), port, host: url.host };
}
