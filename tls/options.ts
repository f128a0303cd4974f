/** Options of TLS: shapes, defaults, checks. @module */

import { netError } from "../_core/errors.ts";
import type {
  ChooseKeyPair,
  ClientSettings,
  KeyPair,
  ServerSettings,
  SessionSettings,
  TlsVersion,
} from "../_runtime/tls.ts";
import type { ConnectOptions, TcpServerOptions } from "../tcp/mod.ts";
import { wireHost } from "./host_name.ts";
import * as limits from "./limits.ts";

/** Keys or certificates in PEM: the text, or its bytes as a file has them. */
export type Pem = string | Uint8Array;

/** A certificate and its private key. */
export interface Identity {
  /** The private key, PEM. */
  key: Pem;
  /** The certificate, PEM; after it those that lead to its authority, if any lie between. */
  cert: Pem;
}

/** What both sides of a session may set. */
export interface TlsOptions {
  /** Our private key, PEM. */
  key?: Pem;
  /** Our certificate, PEM; after it those that lead to its authority, if any lie between. */
  cert?: Pem;
  /**
   * The authorities to trust, PEM, in place of the runtime's own. A client in Deno trusts its own
   * besides, which its faster TLS cannot leave out, unless `details` or another option asks for
   * `node:tls`.
   */
  ca?: Pem | readonly Pem[];
  /**
   * Application protocols (ALPN, RFC 7301), the preferred first, such as `["h2", "http/1.1"]`.
   * Without one in common the handshake fails with `ERR_TLS_ALPN`.
   */
  alpnProtocols?: readonly string[];
  /** Whether a peer whose certificate is not verified is refused. Default true. */
  rejectUnauthorized?: boolean;
  /** The oldest version to speak. Default TLS 1.2 (RFC 5246). */
  minVersion?: TlsVersion;
  /** The newest version to speak. Default TLS 1.3 (RFC 8446). */
  maxVersion?: TlsVersion;
  /** Time in ms for the handshake before `ERR_TLS_HANDSHAKE_TIMEOUT`. Default 10,000. */
  handshakeTimeout?: number;
  /**
   * Whether an end without the closing message (close_notify) is the failure `ERR_TLS_TRUNCATED`:
   * for protocols that do not tell their length themselves. It takes a slower way in Node, and for
   * servers in Deno. Default false.
   */
  strictClose?: boolean;
}

/** What a client may set besides. */
export interface TlsClientOptions extends TlsOptions {
  /**
   * The name that the server is asked for (SNI, RFC 6066) and that its certificate has to have
   * (RFC 9525). Default the host that is connected to. An IP address is verified and never sent.
   */
  servername?: string;
  /**
   * SHA-256 sums of certificates one of which the server's has to have: 64 hexadecimal digits, with
   * or without colons. It is checked besides everything else, and with `rejectUnauthorized: false`
   * alone.
   */
  pin?: string | readonly string[];
  /**
   * Whether `protocol`, `cipher` and `peerCertificate` have to be known. Deno's own TLS, the faster
   * one, does not tell them: with true, `node:tls` is used there. Node always tells.
   */
  details?: boolean;
}

/** How to connect by TLS. */
export interface TlsConnectOptions extends ConnectOptions, TlsClientOptions {}

/**
 * Finds the certificate for a name that a client asks for, which comes in small letters; null or
 * undefined for the server's default. The handshake waits for a promise, within its time.
 */
export type ChooseIdentity = (
  servername: string,
) => Identity | null | undefined | PromiseLike<Identity | null | undefined>;

/** What a server may set besides. */
export interface TlsServerSideOptions extends TlsOptions {
  /** Whether clients are asked for a certificate. Default false. */
  requestCert?: boolean;
  /**
   * Certificates by the name that a client asks for (SNI): `"*.example.com"` is for every name with
   * one label more; or a function that finds them, whose error fails the handshake. Names without a
   * certificate get the one in `cert`.
   */
  sni?: Readonly<Record<string, Identity>> | ChooseIdentity;
}

/** How a TLS server and the sockets that it accepts behave. */
export interface TlsServerOptions extends TcpServerOptions, TlsServerSideOptions {}

const decoder = new TextDecoder();

function invalid(message: string): never {
  throw netError("ERR_INVALID_ARG_VALUE", message);
}

function text(name: string, pem: unknown): string {
  if (typeof pem === "string") return pem;
  if (pem instanceof Uint8Array) return decoder.decode(pem);
  const given = pem === null ? "null" : typeof pem;
  throw netError("ERR_INVALID_ARG_TYPE", `Cannot use ${name} ${given}: it takes PEM`);
}

/** Reads a certificate with its key. */
export function readIdentity({ key, cert }: Identity): KeyPair {
  return { key: text("key", key), cert: text("cert", cert) };
}

/** The same from the options of a socket or server; undefined without both. */
function identityOf({ key, cert }: TlsOptions): KeyPair | undefined {
  if (key === undefined && cert === undefined) return undefined;
  if (key !== undefined && cert !== undefined) return readIdentity({ key, cert });
  const missing = key === undefined ? "key" : "cert";
  return invalid(`Cannot use a certificate or its key alone: ${missing} is missing`);
}

function version(name: string, value: unknown): TlsVersion | undefined {
  if (value === undefined || value === "TLSv1.2" || value === "TLSv1.3") return value;
  return invalid(`Cannot use ${name} ${String(value)}: it is TLSv1.2 or TLSv1.3`);
}

function protocols(names: unknown): readonly string[] {
  if (!isListOfText(names)) {
    throw netError("ERR_INVALID_ARG_TYPE", "Cannot use alpnProtocols: they are a list of names");
  }
  const encoder = new TextEncoder();
  let total = 0;
  for (const name of names) {
    const { length } = encoder.encode(name);
    total += length + 1;
    if (length === 0 || length > 255 || total > limits.ALPN_BYTES) {
      invalid(`Cannot use the application protocol ${JSON.stringify(name)}`);
    }
  }
  return [...names];
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isList(ca: Pem | readonly Pem[]): ca is readonly Pem[] {
  return Array.isArray(ca);
}

function sessionSettings(options: TlsOptions): SessionSettings {
  const { ca, alpnProtocols = [] } = options;
  const minVersion = version("minVersion", options.minVersion);
  const maxVersion = version("maxVersion", options.maxVersion);
  if (minVersion === "TLSv1.3" && maxVersion === "TLSv1.2") {
    invalid("Cannot use minVersion TLSv1.3 with maxVersion TLSv1.2");
  }
  const list = ca === undefined ? undefined : isList(ca) ? ca : [ca];
  return {
    ca: list?.map((pem) => text("ca", pem)),
    alpnProtocols: protocols(alpnProtocols),
    minVersion,
    maxVersion,
    rejectUnauthorized: options.rejectUnauthorized ?? true,
    strictClose: options.strictClose ?? false,
  };
}

function readPins(pin: string | readonly string[] | undefined): readonly Uint8Array[] {
  if (pin === undefined) return [];
  const pins = [pin].flat();
  // A list that came out empty must not let every certificate pass.
  if (pins.length === 0) invalid("Cannot use an empty list of pins: no certificate would do");
  return pins.map(readPin);
}

function readPin(pin: unknown): Uint8Array {
  const digits = String(pin).replaceAll(":", "");
  if (typeof pin !== "string" || !/^[0-9a-f]{64}$/i.test(digits)) {
    invalid(`Cannot use the pin ${String(pin)}: it takes the 64 hexadecimal digits of a SHA-256`);
  }
  return Uint8Array.from(digits.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

/** Reads the options of a client that connects to a host. */
export function clientSettings(options: TlsClientOptions, host: string): ClientSettings {
  const { servername = host, pin, details = false } = options;
  return {
    ...sessionSettings(options),
    host: wireHost(servername),
    identity: identityOf(options),
    pins: readPins(pin),
    details,
  };
}

/** Finds names in a table: as they are, then by a wildcard for the first label (RFC 9525, 6.3). */
function byName(table: Readonly<Record<string, Identity>>): ChooseKeyPair {
  const entries = Object.entries(table);
  const pairs = new Map(entries.map(([name, one]) => [wireHost(name), readIdentity(one)]));
  return (name) => {
    const plain = name.toLowerCase();
    return pairs.get(plain) ?? pairs.get(plain.replace(/^[^.]+/, "*"));
  };
}

/** What a function finds, read once for each object that it gives. */
function byFunction(choose: ChooseIdentity): ChooseKeyPair {
  const known = new WeakMap<Identity, KeyPair>();
  const read = (identity: Identity | null | undefined): KeyPair | undefined => {
    if (identity === null || identity === undefined) return undefined;
    const pair = known.get(identity) ?? readIdentity(identity);
    known.set(identity, pair);
    return pair;
  };
  return (name) => {
    const chosen = choose(name.toLowerCase());
    const isPromise = typeof (chosen as Partial<PromiseLike<unknown>> | null)?.then === "function";
    return isPromise ? Promise.resolve(chosen).then(read) : read(chosen as Identity | null);
  };
}

/** Reads the options of a server. */
export function serverSettings(options: TlsServerSideOptions): ServerSettings {
  const { sni, requestCert = false } = options;
  const identity = identityOf(options);
  if (identity === undefined && sni === undefined) {
    invalid("Cannot make a TLS server without key and cert, or sni");
  }
  return {
    ...sessionSettings(options),
    identity,
    choose: sni === undefined
      ? undefined
      : typeof sni === "function"
      ? byFunction(sni)
      : byName(sni),
    requestCert,
  };
}
