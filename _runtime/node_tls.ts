/**
 * TLS by node's `tls`. Node stands on it; Deno does for servers, and for what its own TLS lacks: client
 * certificates after startTls, versions, unverified peers, and what was agreed in the handshake.
 *
 * @module
 */

import { EventEmitter } from "node:events";
import * as tls from "node:tls";
import { ipVersion } from "../_core/address.ts";
import type { Cancellation } from "../_core/cancellation.ts";
import type { NetError } from "../_core/errors.ts";
import type { ByteStream } from "../_io/stream.ts";
import { checkIdentity, readAuthorities } from "./node_tls_check.ts";
import { checkServerIdentity, isPinned, sessionInfo } from "./node_tls_session.ts";
import { Carrier, TlsNodeStream } from "./node_tls_stream.ts";
import type {
  ClientSettings,
  HandshakeResult,
  KeyPair,
  SecureStream,
  ServerSettings,
  SessionSettings,
  TlsAcceptor,
  TlsEngine,
} from "./tls.ts";
import { certificateError, mapTlsError, tlsError } from "./tls_error.ts";

/** What a context of OpenSSL is made from. */
function contextOptions(
  settings: SessionSettings,
  identity: KeyPair | undefined,
): tls.SecureContextOptions {
  const { ca, minVersion, maxVersion } = settings;
  return {
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(identity === undefined ? {} : { key: identity.key, cert: identity.cert }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  };
}

function alpn({ alpnProtocols }: SessionSettings): { ALPNProtocols?: string[] } {
  return alpnProtocols.length === 0 ? {} : { ALPNProtocols: [...alpnProtocols] };
}

/** From here on the peer may end its side alone. */
function opened(
  socket: tls.TLSSocket,
  carrier: Carrier,
  authorizationError: NetError | undefined,
  { strictClose }: SessionSettings,
  client?: { servername: string | undefined; asked: boolean },
): SecureStream {
  socket.allowHalfOpen = true;
  carrier.allowHalfOpen(true);
  const session = sessionInfo(socket, authorizationError, client?.servername, client?.asked);
  return new TlsNodeStream(socket, carrier, session, strictClose);
}

/** Why the server's certificate is not the one that the client wants, if so. */
function verdict(
  socket: tls.TLSSocket,
  carrier: Carrier,
  { pins, rejectUnauthorized }: ClientSettings,
): { authorizationError?: NetError; refusal?: NetError } {
  const attempt = carrier.attempt("connect");
  if (pins.length > 0 && !isPinned(socket.getPeerCertificate()?.raw, pins)) {
    const cause = new Error("The certificate has none of the pinned SHA-256 sums");
    return { refusal: tlsError("ERR_TLS_CERT_UNTRUSTED", attempt, cause) };
  }
  if (socket.authorized) return {};
  const authorizationError = certificateError(socket.authorizationError, attempt);
  return rejectUnauthorized ? { refusal: authorizationError } : { authorizationError };
}

/** Does the handshake of a client. */
export function connectSession(
  stream: ByteStream,
  early: Uint8Array,
  settings: ClientSettings,
  stop: Cancellation,
): Promise<SecureStream> {
  const carrier = new Carrier(stream, early, settings.strictClose);
  const { host, identity, rejectUnauthorized } = settings;
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      ...contextOptions(settings, identity),
      ...alpn(settings),
      ...(ipVersion(host) === 0 ? { servername: host } : {}),
      // It stands for the name when there is none to send.
      host,
      socket: carrier.socket,
      rejectUnauthorized,
      checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
    });
    const settle = (act: () => void) => {
      socket.off("secureConnect", onSecure).off("error", onError).off("close", onClose);
      stop.forget();
      act();
    };
    const refuse = (error: unknown) =>
      settle(() => {
        socket.on("error", () => {}).destroy();
        carrier.destroy();
        reject(error);
      });
    const onSecure = () => {
      const { refusal, authorizationError } = verdict(socket, carrier, settings);
      if (refusal !== undefined) return refuse(refusal);
      settle(() => resolve(opened(socket, carrier, authorizationError, settings)));
    };
    const onError = (error: Error) => refuse(mapTlsError(error, carrier.attempt("connect")));
    const onClose = () => onError(Object.assign(new Error("Closed"), { code: "ECONNRESET" }));
    socket.on("secureConnect", onSecure).on("error", onError).on("close", onClose);
    stop.whenCancelled(() => refuse(stop.reason));
  });
}

const IN_BUN = process.versions["bun"] !== undefined;

/** One handshake of a server's. */
interface Handshake {
  readonly carrier: Carrier;
  readonly stop: Cancellation;
  readonly result: HandshakeResult;
}

/** A `tls.Server` as one connection sees it; its prototype is the server. */
interface View extends tls.Server {
  /** Null once it is over. */
  handshake: Handshake | null;
}

/**
 * Sessions of a server. A `tls.Server` that never listens does each handshake when it is told of a
 * connection; what comes of it, it tells to a view of itself that is made for the one connection.
 */
class NodeTlsAcceptor implements TlsAcceptor {
  readonly #settings: ServerSettings;
  readonly #options: tls.TlsOptions;
  readonly #server: tls.Server;
  /** All views have one shape, which engines of JavaScript handle much faster than many. */
  readonly #View: new (handshake: Handshake) => View;
  readonly #contexts = new WeakMap<KeyPair, tls.SecureContext>();
  /** Those that may wait for a certificate. */
  readonly #handshaking = new Set<Carrier>();
  #waking = false;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    if (settings.identity !== undefined) checkIdentity(settings.identity);
    readAuthorities(settings.ca ?? []);
    this.#options = {
      ...contextOptions(settings, settings.identity),
      ...alpn(settings),
      requestCert: settings.requestCert,
      rejectUnauthorized: settings.requestCert && settings.rejectUnauthorized,
    };
    if (settings.choose !== undefined) {
      this.#options.SNICallback = (name, answer) => this.#choose(name, answer);
    }
    this.#server = new tls.Server(this.#options);
    this.#View = this.#viewOf(this.#server);
  }

  #viewOf(server: tls.Server): new (handshake: Handshake) => View {
    const told = this.#told.bind(this);
    const emit = function (this: View, name: string, first: unknown, failed?: tls.TLSSocket) {
      const isResult = name === "secureConnection" || name === "tlsClientError";
      const { handshake } = this;
      if (!isResult || handshake === null) return false;
      this.handshake = null;
      told(handshake, name, first, failed);
      return true;
    };
    const View = function (this: View, handshake: Handshake) {
      this.handshake = handshake;
    };
    View.prototype = Object.create(server, { emit: { value: emit } });
    return View as unknown as new (handshake: Handshake) => View;
  }

  setIdentity(identity: KeyPair): void {
    checkIdentity(identity);
    const context = contextOptions(this.#settings, identity);
    this.#server.setSecureContext(context);
    Object.assign(this.#options, context);
  }

  accept(
    stream: ByteStream,
    early: Uint8Array,
    stop: Cancellation,
    result: HandshakeResult,
  ): void {
    const settings = this.#settings;
    const carrier = new Carrier(stream, early, settings.strictClose);
    carrier.allowHalfOpen(false);
    if (this.#refuses) carrier.resetWhenDestroyed(true);
    if (settings.choose !== undefined) this.#handshaking.add(carrier);
    stop.whenCancelled(() => {
      this.#handshaking.delete(carrier);
      carrier.destroy();
      result.failed(stop.reason);
    });
    if (stop.cancelled) return;
    const handshake = { carrier, stop, result };
    const view = IN_BUN ? this.#ownServer(handshake) : new this.#View(handshake);
    EventEmitter.prototype.emit.call(view, "connection", carrier.socket);
  }

  /** Bun tells the server what comes of a handshake, and no view: each has a server of its own. */
  #ownServer(handshake: Handshake): tls.Server {
    const server = new tls.Server(this.#options);
    server.on("secureConnection", (socket) => {
      this.#told(handshake, "secureConnection", socket, undefined);
    });
    server.on("tlsClientError", (error, socket) => {
      this.#told(handshake, "tlsClientError", error, socket);
    });
    return server;
  }

  /** A handshake is over. */
  #told(
    { carrier, stop, result }: Handshake,
    name: string,
    first: unknown,
    failed: tls.TLSSocket | undefined,
  ): void {
    stop.forget();
    this.#handshaking.delete(carrier);
    if (this.#refuses) carrier.resetWhenDestroyed(false);
    if (name === "secureConnection") {
      result.opened(this.#opened(first as tls.TLSSocket, carrier));
    } else {
      const error = failureOf(first, failed, carrier);
      if (failed !== undefined) forgetClock(failed);
      // Bun ends the connection itself as if all was well, and only after it has told of this.
      if (error.code.startsWith("ERR_TLS_CERT")) carrier.reset();
      else carrier.destroy();
      result.failed(error);
    }
  }

  /** Whether clients without a certificate of ours are refused. */
  get #refuses(): boolean {
    return this.#settings.requestCert && this.#settings.rejectUnauthorized;
  }

  #opened(socket: tls.TLSSocket, carrier: Carrier): SecureStream {
    const { requestCert } = this.#settings;
    const authorizationError = requestCert && !socket.authorized
      ? certificateError(socket.authorizationError, carrier.attempt("accept"))
      : undefined;
    const { servername } = socket as { servername?: string | false | null };
    // Deno gives it in small letters, Node as it came.
    const name = servername ? servername.toLowerCase() : undefined;
    const client = { servername: name, asked: requestCert };
    return opened(socket, carrier, authorizationError, this.#settings, client);
  }

  #choose(name: string, answer: (error: Error | null, context?: tls.SecureContext) => void): void {
    // Deno asks for clients without a name, too.
    if (name === "") return answer(null);
    const found = (identity: KeyPair | undefined) =>
      answer(null, identity === undefined ? undefined : this.#context(identity));
    const failed = (error: unknown) =>
      answer(error instanceof Error ? error : new Error(String(error)));
    try {
      const chosen = this.#settings.choose!(name);
      if (chosen instanceof Promise) chosen.then(found).catch(failed).then(() => this.#wake());
      else found(chosen);
    } catch (error) {
      failed(error);
    }
  }

  /** Deno's engine does not say whose handshake it was: those that still wait are not disturbed. */
  #wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      for (const carrier of [...this.#handshaking]) carrier.wake();
    });
  }

  #context(identity: KeyPair): tls.SecureContext {
    let context = this.#contexts.get(identity);
    if (context === undefined) {
      checkIdentity(identity);
      context = tls.createSecureContext(contextOptions(this.#settings, identity));
      this.#contexts.set(identity, context);
    }
    return context;
  }
}

/**
 * Deno leaves its own clock for a handshake running, and what failed would be kept by it for 120 s.
 * No public function stops that clock, but it can be made to forget.
 */
function forgetClock(socket: tls.TLSSocket): void {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    if (symbol.description !== "handshake-timer") continue;
    const clock: unknown = Reflect.get(socket, symbol);
    if (typeof clock === "object" && clock !== null && "_onTimeout" in clock) {
      clock._onTimeout = () => {};
    }
  }
}

/** A client's certificate that was refused shows as a connection that the engine closed. */
function failureOf(error: unknown, socket: tls.TLSSocket | undefined, carrier: Carrier): NetError {
  const attempt = carrier.attempt("accept");
  const mapped = mapTlsError(error, attempt);
  if (mapped.code === "UNKNOWN") return tlsError("ERR_TLS_ALERT", attempt, error);
  const { authorizationError } = socket ?? {};
  if (mapped.code !== "ECONNRESET" || !authorizationError) return mapped;
  return certificateError(authorizationError, attempt);
}

/** Checks a client's certificate, key and authorities. */
export function checkClient(settings: ClientSettings): void {
  const { identity, ca } = settings;
  if (identity !== undefined) checkIdentity(identity);
  readAuthorities(ca ?? []);
}

/** The TLS of Node. */
export const engine: TlsEngine = {
  createAcceptor: (settings) => new NodeTlsAcceptor(settings),
  checkClient,
  connect: connectSession,
};
