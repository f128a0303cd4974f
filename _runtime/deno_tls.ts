/**
 * TLS in Deno: its own for clients where that keeps every promise, `node:tls` for the rest. Its own
 * is faster, and tells an end with the closing message from one without; it cannot say what was
 * agreed on, nor turn verification off for one connection. Its listeners cannot turn Nagle off,
 * choose a certificate by name, or ask for one.
 *
 * @module
 */

import type { Cancellation } from "../_core/cancellation.ts";
import { ipVersion, type SocketAddress } from "../_core/address.ts";
import type { ByteStream } from "../_io/stream.ts";
import { denoAddress, DenoStream } from "./deno_stream.ts";
import { nodeSocket } from "./deno_node_socket.ts";
import type { Attempt } from "./map_error.ts";
import { NodeStream } from "./node_stream.ts";
import { connectSession, engine as nodeEngine } from "./node_tls.ts";
import { readAuthorities } from "./node_tls_check.ts";
import type {
  ClientSettings,
  SecureStream,
  SessionInfo,
  SessionSettings,
  TlsEngine,
} from "./tls.ts";
import { mapTlsError, tlsError } from "./tls_error.ts";

/** Whether Deno's own TLS can do what is asked for. */
function nativeCan(settings: ClientSettings): boolean {
  const { identity, rejectUnauthorized, pins, details, minVersion, maxVersion, ca } = settings;
  if (identity !== undefined || !rejectUnauthorized || pins.length > 0 || details) return false;
  if (minVersion === "TLSv1.3" || maxVersion === "TLSv1.2") return false;
  // It never takes an authority's certificate for a server's: one that has names may be both.
  return readAuthorities(ca ?? []).every(({ subjectAltName }) => !subjectAltName);
}

/** The addresses of the connection below; a session of Deno's own has them in another shape. */
interface Ends {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
}

function attemptOf(remote: SocketAddress, syscall: string): Attempt {
  if (remote.transport === "unix") return { syscall, address: remote.path ?? undefined };
  return { syscall, address: remote.address, port: remote.port };
}

/** The stream of a session of Deno's own TLS. */
class DenoTlsStream extends DenoStream implements SecureStream {
  readonly session: SessionInfo;
  readonly #end: { clean: boolean | undefined };
  readonly #ends: Ends;

  constructor(conn: Deno.TlsConn, ends: Ends, alpnProtocol: string | null, strictClose: boolean) {
    const end: { clean: boolean | undefined } = { clean: undefined };
    super(tellingEnds(conn, end, attemptOf(ends.remote, "read"), strictClose));
    this.#end = end;
    this.#ends = ends;
    this.session = {
      alpnProtocol,
      protocol: undefined,
      cipher: undefined,
      servername: undefined,
      authorized: true,
      authorizationError: undefined,
      peerCertificate: undefined,
    };
  }

  get closedCleanly(): boolean | undefined {
    return this.#end.clean;
  }

  /** What is below is no connection of its own any more. */
  override release(): null {
    return null;
  }

  override get localAddress(): SocketAddress {
    return this.#ends.local;
  }

  override get remoteAddress(): SocketAddress {
    return this.#ends.remote;
  }
}

/** Changes a connection so that its failures are ours, and its end is seen. */
function tellingEnds(
  conn: Deno.TlsConn,
  end: { clean: boolean | undefined },
  attempt: Attempt,
  strictClose: boolean,
): Deno.TlsConn {
  const fail = (error: unknown): never => {
    throw mapTlsError(error, attempt);
  };
  const readFailed = (error: unknown): null => {
    if (!(error instanceof Deno.errors.UnexpectedEof)) return fail(error);
    end.clean = false;
    if (strictClose) throw tlsError("ERR_TLS_TRUNCATED", attempt, error);
    return null;
  };
  const readDone = (count: number | null): number | null => {
    if (count === null) end.clean = true;
    return count;
  };
  const { read, write, closeWrite } = conn;
  conn.read = (buffer) => read.call(conn, buffer).then(readDone, readFailed);
  conn.write = (chunk) => write.call(conn, chunk).catch(fail);
  conn.closeWrite = () => closeWrite.call(conn).catch(fail);
  return conn;
}

async function connectNative(
  dialed: Deno.TcpConn,
  settings: ClientSettings,
  stop: Cancellation,
): Promise<SecureStream> {
  const { host, ca, alpnProtocols, strictClose } = settings;
  const ends = { local: denoAddress(dialed.localAddr), remote: denoAddress(dialed.remoteAddr) };
  const attempt = attemptOf(ends.remote, "connect");
  let conn: Deno.TcpConn | Deno.TlsConn = dialed;
  const close = () => {
    try {
      conn.close();
    } catch {
      // A failed handshake has closed it.
    }
  };
  stop.whenCancelled(close);
  try {
    stop.throwIfCancelled();
    const secured = await Deno.startTls(dialed, {
      hostname: ipVersion(host) === 6 ? `[${host}]` : host,
      ...(ca === undefined ? {} : { caCerts: [...ca] }),
      ...(alpnProtocols.length === 0 ? {} : { alpnProtocols: [...alpnProtocols] }),
    });
    conn = secured;
    // An abort meanwhile closed what was no connection any more.
    stop.throwIfCancelled();
    const { alpnProtocol } = await secured.handshake();
    stop.throwIfCancelled();
    return new DenoTlsStream(secured, ends, alpnProtocol, strictClose);
  } catch (error) {
    close();
    if (stop.cancelled) throw stop.reason;
    // The peer has gone in the middle of the handshake.
    if (!(error instanceof Deno.errors.UnexpectedEof)) throw mapTlsError(error, attempt);
    throw mapTlsError(Object.assign(new Error(error.message), { code: "ECONNRESET" }), attempt);
  } finally {
    stop.forget();
  }
}

/** Where `node:tls` is fast, if the stream can be had that way. */
function onNodeSocket(
  stream: ByteStream,
  early: Uint8Array,
  settings: SessionSettings,
): ByteStream {
  // On a Duplex an end is told from a cut whatever Deno's engine does.
  const conn = settings.strictClose ? null : untouchedConn(stream, early);
  const socket = conn === null ? null : nodeSocket(conn);
  return socket === null ? stream : new NodeStream(socket);
}

/** The connection of a stream of TCP that nobody has read from. */
function untouchedConn(stream: ByteStream, early: Uint8Array): Deno.TcpConn | null {
  const isTcp = stream instanceof DenoStream && stream.remoteAddress?.transport === "tcp";
  return isTcp && early.length === 0 ? stream.release() as Deno.TcpConn | null : null;
}

/** The TLS of Deno. */
export const engine: TlsEngine = {
  checkClient: nodeEngine.checkClient,
  createAcceptor(settings) {
    const acceptor = nodeEngine.createAcceptor(settings);
    return {
      accept: (stream, early, stop, result) =>
        acceptor.accept(onNodeSocket(stream, early, settings), early, stop, result),
      setIdentity: (identity) => acceptor.setIdentity(identity),
    };
  },
  connect(stream, early, settings, stop) {
    const conn = nativeCan(settings) ? untouchedConn(stream, early) : null;
    if (conn !== null) return connectNative(conn, settings, stop);
    return connectSession(onNodeSocket(stream, early, settings), early, settings, stop);
  },
};
