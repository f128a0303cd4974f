/** The socket of the tls module. @module */

import type { NetError } from "../_core/errors.ts";
import { partsOf } from "../_io/socket_parts.ts";
import type { PeerCertificate, SecureStream, SessionInfo } from "../_runtime/tls.ts";
import { TcpSocket, type TcpSocketEvents, type TcpSocketOptions } from "../tcp/mod.ts";

/** The events of a {@linkcode TlsSocket}, with the arguments of their listeners. */
export interface TlsSocketEvents extends TcpSocketEvents {
  /** The handshake is done and the peer verified; not on a socket that a server accepted. */
  secureConnect: [];
}

/**
 * A TLS session, with everything that a TcpSocket has. `connect()`, servers and `startTls()` make
 * it.
 *
 * Events come in this order: `connect` when TCP has connected, `secureConnect` when the handshake
 * is done and the peer verified, `data`..., `end`, `close`. `opened` resolves with
 * `secureConnect`. With TLS 1.3 a server that refuses the client's certificate does so after that
 * (RFC 8446, section 4.4.2.4): the client's first read fails.
 *
 * @example
 * ```ts
 * import { connect, createSelfSigned, createServer } from "@netstd/net/tls";
 * import { assertEquals } from "@std/assert";
 *
 * const { key, cert } = await createSelfSigned(["localhost"]);
 * await using server = createServer({ key, cert }, (socket) => socket.pipe(socket));
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * await using socket = connect(server.address, { ca: cert, servername: "localhost" });
 * socket.write("hello");
 * assertEquals(new TextDecoder().decode((await socket.read())!), "hello");
 * assertEquals(socket.authorized, true);
 * ```
 */
export class TlsSocket extends TcpSocket {
  /** Makes a socket that waits for its session: `connect()` and servers do. */
  constructor(options: TcpSocketOptions = {}) {
    super(options);
    partsOf(this).openEvent = "secureConnect";
  }

  /** The application protocol that was agreed (RFC 7301); null when none was, or not yet. */
  get alpnProtocol(): string | null {
    return this.#session?.alpnProtocol ?? null;
  }

  /** The version, `TLSv1.2` or `TLSv1.3`; undefined before the handshake, see `details`. */
  get protocol(): string | undefined {
    return this.#session?.protocol;
  }

  /** The cipher suite; undefined before the handshake, see `details`. */
  get cipher(): string | undefined {
    return this.#session?.cipher;
  }

  /** The name that the client asked for, at the server; undefined without. */
  get servername(): string | undefined {
    return this.#session?.servername;
  }

  /** Whether the peer's certificate was verified. */
  get authorized(): boolean {
    return this.#session?.authorized ?? false;
  }

  /** Why the peer's certificate was not verified, where that is no reason to refuse it. */
  get authorizationError(): NetError | undefined {
    return this.#session?.authorizationError;
  }

  /** The peer's certificate; undefined before the handshake and without one, see `details`. */
  get peerCertificate(): PeerCertificate | undefined {
    return this.#session?.peerCertificate;
  }

  /**
   * Whether the peer ended with TLS's closing message (RFC 8446, section 6.1): false when the
   * connection was cut off, and something may be missing; undefined before the end, and where the
   * engine does not tell: in Node, unless `strictClose` is set.
   */
  get closedCleanly(): boolean | undefined {
    return this.#stream?.closedCleanly;
  }

  get #session(): SessionInfo | undefined {
    return this.#stream?.session;
  }

  get #stream(): SecureStream | null {
    return partsOf(this).connection.stream as SecureStream | null;
  }
}

/** Listeners with the arguments of the events above. */
export interface TlsSocket {
  /** Adds a listener. */
  on<Name extends keyof TlsSocketEvents>(
    event: Name,
    listener: (...args: TlsSocketEvents[Name]) => void,
  ): this;
  /** Adds a listener for one event. */
  once<Name extends keyof TlsSocketEvents>(
    event: Name,
    listener: (...args: TlsSocketEvents[Name]) => void,
  ): this;
  /** Adds a listener, as `on()`. */
  addListener<Name extends keyof TlsSocketEvents>(
    event: Name,
    listener: (...args: TlsSocketEvents[Name]) => void,
  ): this;
  /** Removes a listener. */
  off<Name extends keyof TlsSocketEvents>(
    event: Name,
    listener: (...args: TlsSocketEvents[Name]) => void,
  ): this;
  /** Removes a listener, as `off()`. */
  removeListener<Name extends keyof TlsSocketEvents>(
    event: Name,
    listener: (...args: TlsSocketEvents[Name]) => void,
  ): this;
}
