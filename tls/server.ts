/** The server of the tls module. @module */

import type { SocketAddress } from "../_core/address.ts";
import type { Cancellation } from "../_core/cancellation.ts";
import { checkNumber } from "../_core/check_number.ts";
import { throwLater } from "../_core/emitter.ts";
import type { NetError } from "../_core/errors.ts";
import { partsOf, provideHooks, type ServerHooks } from "../_io/socket_parts.ts";
import type { ByteStream } from "../_io/stream.ts";
import { runtime } from "../_runtime/mod.ts";
import type { HandshakeResult, ServerSettings, TlsAcceptor } from "../_runtime/tls.ts";
import { type ListenTarget, TcpServer, type TcpServerEvents } from "../tcp/mod.ts";
import { startHandshake } from "./handshake.ts";
import * as limits from "./limits.ts";
import { type Identity, readIdentity, serverSettings, type TlsServerOptions } from "./options.ts";
import { TlsSocket } from "./socket.ts";

const NOTHING = new Uint8Array();

/** The events of a {@linkcode TlsServer}, with the arguments of their listeners. */
export interface TlsServerEvents extends TcpServerEvents {
  /** A client has connected and done its handshake; `connection` follows with the same socket. */
  secureConnection: [socket: TlsSocket];
  /** A handshake failed and the client was let go; `remote` is its address. */
  tlsClientError: [error: NetError, remote: SocketAddress | undefined];
}

/**
 * A TLS server; see {@linkcode createServer}. It has everything that a TcpServer has: its sockets
 * come to `secureConnection` listeners or to an iteration once their handshake is done. Handshakes
 * count for `connections` and `maxConnections`; they run beside each other, none holds another up.
 *
 * @example
 * ```ts
 * import { connect, createSelfSigned, TlsServer } from "@netstd/net/tls";
 * import { assertEquals } from "@std/assert";
 *
 * const { key, cert } = await createSelfSigned(["127.0.0.1"]);
 * const server = await new TlsServer({ key, cert }).listen({ port: 0, hostname: "127.0.0.1" });
 * connect(server.address, { ca: cert }).end("hello");
 * for await (const socket of server) {
 *   assertEquals(new TextDecoder().decode((await socket.read())!), "hello");
 *   await socket.close();
 *   break; // leaving the loop closes the server
 * }
 * ```
 */
export class TlsServer extends TcpServer {
  readonly #settings: ServerSettings;
  readonly #handshakeTimeout: number;
  #acceptor: TlsAcceptor | null = null;
  /** What `setSecureContext()` was given before there was an acceptor. */
  #identity: Identity | null = null;
  readonly #hooks: ServerHooks<TlsSocket> = {
    events: ["secureConnection", "connection"],
    makeSocket: (options) => new TlsSocket(options),
    prepare: (socket, stream, ready) => this.#prepare(socket, stream, ready),
  };

  static {
    provideHooks<TlsServer, TlsSocket>(this.prototype, (server) => server.#hooks);
  }

  /** Makes a server that does not listen yet. */
  constructor(options: TlsServerOptions) {
    super(options);
    this.#settings = serverSettings(options);
    this.#handshakeTimeout = checkNumber(
      "handshakeTimeout",
      options.handshakeTimeout,
      limits.HANDSHAKE_TIMEOUT,
    );
  }

  /**
   * Starts to listen, as `TcpServer.listen()`. Rejects besides with `ERR_TLS_INVALID_KEY` when the
   * key is of another certificate or cannot be read, and with `ERR_TLS_INVALID_CA`.
   */
  override async listen(target: ListenTarget): Promise<this> {
    try {
      await this.#load();
    } catch (error) {
      if (this.listenerCount("error") > 0) this.emit("error", error as Error);
      throw error;
    }
    return await super.listen(target);
  }

  /**
   * Changes the certificate for handshakes to come; sessions go on with the one they began with.
   * Throws `ERR_TLS_INVALID_KEY`, or has `listen()` reject with it, and then keeps the old one.
   */
  setSecureContext(identity: Identity): void {
    if (this.#acceptor === null) this.#identity = identity;
    else this.#acceptor.setIdentity(readIdentity(identity));
  }

  /** The sockets as their handshakes are done, until the server closes; as `TcpServer` has it. */
  override [Symbol.asyncIterator](): AsyncIterableIterator<TlsSocket> {
    return super[Symbol.asyncIterator]() as AsyncIterableIterator<TlsSocket>;
  }

  async #load(): Promise<TlsAcceptor> {
    const engine = await runtime.loadTls();
    this.#acceptor ??= engine.createAcceptor(this.#settings);
    if (this.#identity !== null) {
      const identity = this.#identity;
      this.#identity = null;
      this.#acceptor.setIdentity(readIdentity(identity));
    }
    return this.#acceptor;
  }

  #prepare(socket: TlsSocket, stream: ByteStream, ready: (stream: ByteStream) => void): void {
    const { remoteAddress } = stream;
    const { connection } = partsOf(socket);
    const wait = { connection, timeout: this.#handshakeTimeout, remote: remoteAddress };
    const begin = (stop: Cancellation, result: HandshakeResult) =>
      this.#acceptor!.accept(stream, NOTHING, stop, result);
    startHandshake(wait, begin, {
      opened: ready,
      failed: (error) => {
        // Whoever destroyed the socket knows.
        if (!socket.destroyed) this.#report(error as NetError, remoteAddress);
        socket.destroy();
      },
    });
  }

  #report(error: NetError, remote: SocketAddress | undefined): void {
    try {
      (this.emit as (name: string, ...args: unknown[]) => boolean)("tlsClientError", error, remote);
    } catch (thrown) {
      throwLater(thrown);
    }
  }
}

/** Listeners with the arguments of the events above. */
export interface TlsServer {
  /** Adds a listener. */
  on<Name extends keyof TlsServerEvents>(
    event: Name,
    listener: (...args: TlsServerEvents[Name]) => void,
  ): this;
  /** Adds a listener for one event. */
  once<Name extends keyof TlsServerEvents>(
    event: Name,
    listener: (...args: TlsServerEvents[Name]) => void,
  ): this;
  /** Adds a listener, as `on()`. */
  addListener<Name extends keyof TlsServerEvents>(
    event: Name,
    listener: (...args: TlsServerEvents[Name]) => void,
  ): this;
  /** Removes a listener. */
  off<Name extends keyof TlsServerEvents>(
    event: Name,
    listener: (...args: TlsServerEvents[Name]) => void,
  ): this;
  /** Removes a listener, as `off()`. */
  removeListener<Name extends keyof TlsServerEvents>(
    event: Name,
    listener: (...args: TlsServerEvents[Name]) => void,
  ): this;
}

/** Gets the sockets of a TLS server. */
export type SecureConnectionListener = (socket: TlsSocket) => void;

/**
 * Makes a TLS server; `listen()` starts it. `listener` is added for `secureConnection`.
 *
 * Throws a TypeError (`ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE`) or a RangeError
 * (`ERR_OUT_OF_RANGE`) for an option that cannot be. A client whose handshake fails is a
 * `tlsClientError`: `ERR_TLS_NOT_TLS`, `ERR_TLS_PROTOCOL_VERSION`, `ERR_TLS_ALPN`,
 * `ERR_TLS_ALERT`, `ERR_TLS_HANDSHAKE_TIMEOUT`, `ERR_TLS_CERT_UNTRUSTED`, `ERR_TLS_CERT_EXPIRED`,
 * `ECONNRESET`.
 *
 * @example Clients with certificates (mutual TLS)
 * ```ts
 * import { connect, createCertificateAuthority, createServer, issueCertificate } from "@netstd/net/tls";
 * import { assertEquals } from "@std/assert";
 *
 * const authority = await createCertificateAuthority();
 * const server = createServer({
 *   ...await issueCertificate(authority, { names: ["localhost"] }),
 *   ca: authority.cert,
 *   requestCert: true,
 * }, (socket) => socket.end(`Hello, ${socket.peerCertificate?.subject.CN}`));
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * const socket = connect(server.address, {
 *   ...await issueCertificate(authority, { names: ["alice"], client: true }),
 *   ca: authority.cert,
 *   servername: "localhost",
 * });
 * assertEquals(new TextDecoder().decode((await socket.read())!), "Hello, alice");
 * await socket.close();
 * await server.close();
 * ```
 */
export function createServer(
  options: TlsServerOptions,
  listener?: SecureConnectionListener,
): TlsServer {
  const server = new TlsServer(options);
  if (listener !== undefined) server.on("secureConnection", listener);
  return server;
}
