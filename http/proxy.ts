/** Which proxy a request goes through (RFC 9110, section 7.3.2), if any. @module */

import { ipVersion } from "../_core/address.ts";
import { netError } from "../_core/errors.ts";
import { environmentVariable } from "../_runtime/environment.ts";
import type { TlsClientOptions } from "../tls/mod.ts";
import { credentialsOf, type Origin, originOf } from "./origin.ts";

/** A proxy by its parts. */
export interface ProxyParts {
  /** Its URL, `http://` or `https://`, maybe with user and password. */
  url: string | URL;
  /** The value of Proxy-Authorization; default what user and password of the URL make. */
  authorization?: string;
  /** The authorities to trust for an `https://` proxy, PEM, in place of the runtime's own. */
  ca?: TlsClientOptions["ca"];
}

/** A proxy: its URL, its parts, or `environment`. */
export type ProxyOption = string | URL | ProxyParts;

/** A proxy that is known. */
export interface Proxy {
  /** Where it is. */
  readonly origin: Origin;
  /** The value of Proxy-Authorization; null without. */
  readonly authorization: string | null;
  /** How the session with it is verified, if it has one. */
  readonly tls: Pick<TlsClientOptions, "ca">;
}

/** Finds the proxy for an origin; null for none. */
export type ProxyChoice = (origin: Origin) => Proxy | null;

function parse(given: string | URL): URL {
  // `HTTP_PROXY=proxy:3128` is common.
  const text = String(given);
  const url = tryUrl(text);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw netError("ERR_INVALID_ARG_VALUE", `Cannot use the proxy ${JSON.stringify(text)}`);
}

function tryUrl(text: string): URL | null {
  try {
    return new URL(text.includes("://") ? text : `http://${text}`);
  } catch {
    return null;
  }
}

function proxyOf(option: string | URL | ProxyParts): Proxy {
  const parts: ProxyParts = typeof option === "string" || option instanceof URL
    ? { url: option }
    : option;
  const url = parse(parts.url);
  const authorization = parts.authorization ?? credentialsOf(url);
  if (authorization !== null && !/^[\x20-\x7e]+$/.test(authorization)) {
    throw netError(
      "ERR_INVALID_ARG_VALUE",
      "Cannot use the proxy's authorization: it is not ASCII",
    );
  }
  const { ca } = parts;
  return { origin: originOf(url), authorization, tls: ca === undefined ? {} : { ca } };
}

/** Reads the option. Throws `ERR_INVALID_ARG_VALUE`. */
export function readProxy(option: ProxyOption | undefined): ProxyChoice {
  if (option === undefined) return () => null;
  if (option === "environment") return fromEnvironment(environmentVariable);
  const proxy = proxyOf(option);
  return () => proxy;
}

/** Reads the variables that curl and others read. */
export function fromEnvironment(variable: (name: string) => string | undefined): ProxyChoice {
  const either = (name: string) => variable(name.toLowerCase()) || variable(name) || null;
  // A CGI script's HTTP_PROXY is what the client sent in a field `Proxy`.
  const insecure = variable("http_proxy") ||
    (variable("REQUEST_METHOD") === undefined ? variable("HTTP_PROXY") : null) || null;
  const all = either("ALL_PROXY");
  const [http, https] = [insecure ?? all, either("HTTPS_PROXY") ?? all].map((text) =>
    text === null ? null : proxyOf(text)
  );
  const excluded = exclusions(either("NO_PROXY") ?? "");
  return (origin) => (excluded(origin) ? null : (origin.secure ? https : http) ?? null);
}

/** What `NO_PROXY` leaves out: names with all below them, addresses, networks, `*`. */
function exclusions(list: string): (origin: Origin) => boolean {
  const rules = list.toLowerCase().split(/[\s,]+/).filter((entry) => entry !== "").map(rule);
  return (origin) => rules.some((excludes) => excludes(origin));
}

function rule(entry: string): (origin: Origin) => boolean {
  if (entry === "*") return () => true;
  const network = /^([\d.]+)\/(\d{1,2})$/.exec(entry);
  if (network !== null) return inNetwork(network[1]!, Number(network[2]));
  const [, host = "", port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry)!;
  const whole = ipVersion(entry) === 6 ? entry : host;
  const at = ipVersion(entry) === 6 ? undefined : port;
  const name = whole.replace(/^\*?\./, "");
  return (origin) => {
    if (at !== undefined && Number(at) !== origin.port) return false;
    return origin.hostname === name || origin.hostname.endsWith(`.${name}`);
  };
}

function number(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function inNetwork(address: string, bits: number): (origin: Origin) => boolean {
  if (ipVersion(address) !== 4 || bits > 32) return () => false;
  const size = 2 ** (32 - bits);
  const first = Math.floor(number(address) / size);
  return ({ hostname }) =>
    ipVersion(hostname) === 4 && Math.floor(number(hostname) / size) === first;
}
