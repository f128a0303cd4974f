/** TLS on a connection that began without (STARTTLS). @module */

import { checkSignal } from "../_core/abort.ts";
import type { Cancellation } from "../_core/cancellation.ts";
import { checkNumber } from "../_core/check_number.ts";
import { partsOf } from "../_io/socket_parts.ts";
import type { ByteStream } from "../_io/stream.ts";
import { takeOver } from "../_io/take_over.ts";
import { runtime } from "../_runtime/mod.ts";
import type { SecureStream, TlsAcceptor } from "../_runtime/tls.ts";
import type { TcpSocket, TcpSocketOptions } from "../tcp/mod.ts";
import { withinHandshakeTime } from "./handshake.ts";
import * as limits from "./limits.ts";
import {
  clientSettings,
  serverSettings,
  type TlsClientOptions,
  type TlsServerSideOptions,
} from "./options.ts";
import { TlsSocket } from "./socket.ts";

/** How the client of a connection starts TLS. */
export interface StartTlsClientOptions extends TcpSocketOptions, TlsClientOptions {
  /** This side is the client. */
  isServer?: false;
  /** Calls the handshake off; the socket then fails with the signal's reason. */
  signal?: AbortSignal;
}

/** How the server of a connection starts TLS. */
export interface StartTlsServerOptions extends TcpSocketOptions, TlsServerSideOptions {
  /** This side is the server. */
  isServer: true;
  /** Calls the handshake off; the socket then fails with the signal's reason. */
  signal?: AbortSignal;
}

/** How to start TLS. */
export type StartTlsOptions = StartTlsClientOptions | StartTlsServerOptions;

/** Reading keys takes longer than a handshake: who upgrades with the same object does it once. */
const acceptors = new WeakMap<StartTlsOptions, TlsAcceptor>();

type Handshake = (
  stream: ByteStream,
  early: Uint8Array,
  stop: Cancellation,
) => Promise<SecureStream>;

/** Checks the options at once, and gives what loads the engine and then does the handshake. */
function prepare(socket: TcpSocket, options: StartTlsOptions): () => Promise<Handshake> {
  if (options.isServer) {
    const settings = serverSettings(options);
    return async () => {
      const engine = await runtime.loadTls();
      const acceptor = acceptors.get(options) ?? engine.createAcceptor(settings);
      acceptors.set(options, acceptor);
      return (stream, early, stop) =>
        new Promise((opened, failed) => acceptor.accept(stream, early, stop, { opened, failed }));
    };
  }
  const settingsFor = (host: string) => clientSettings(options, host);
  settingsFor("localhost");
  return async () => {
    const engine = await runtime.loadTls();
    const settings = settingsFor(socket.remoteAddress?.address ?? "localhost");
    engine.checkClient(settings);
    return (stream, early, stop) => engine.connect(stream, early, settings, stop);
  };
}

/**
 * Starts TLS on an open connection, as its client or, with `isServer: true`, as its server. Gives
 * the new socket at once; it opens after the handshake, with `secureConnect`. What was written to
 * the old socket goes out first, what it read and nobody took belongs to the session. The old
 * socket closes: a read that waits is rejected with `ERR_SOCKET_UPGRADED`. One that a server
 * accepted keeps its place there.
 *
 * A client has to name the server in `servername`: the socket knows its address alone. Throws and
 * fails as `connect()` does.
 *
 * @example
 * ```ts
 * import { connect, createServer } from "@netstd/net/tcp";
 * import { createSelfSigned, startTls } from "@netstd/net/tls";
 * import { assertEquals } from "@std/assert";
 *
 * const { key, cert } = await createSelfSigned(["mail.test"]);
 * const security = { isServer: true, key, cert } as const;
 * await using server = createServer(async (socket) => {
 *   await socket.read(); // STARTTLS
 *   socket.write("220 Go ahead\r\n");
 *   startTls(socket, security).end("Now in private");
 * });
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * const plain = connect(server.address);
 * plain.write("STARTTLS\r\n");
 * await plain.read(); // 220
 * await using socket = startTls(plain, { ca: cert, servername: "mail.test" });
 * assertEquals(new TextDecoder().decode((await socket.read())!), "Now in private");
 * ```
 */
export function startTls(
  socket: TcpSocket,
  options: StartTlsOptions,
  listener?: () => void,
): TlsSocket {
  partsOf(socket); // or it throws, before anything is under way
  const timeout = checkNumber(
    "handshakeTimeout",
    options.handshakeTimeout,
    limits.HANDSHAKE_TIMEOUT,
  );
  checkSignal(options.signal);
  const load = prepare(socket, options);
  const secured = new TlsSocket(options);
  if (listener !== undefined) secured.on("secureConnect", listener);
  upgrade(socket, secured, load, timeout, options.signal);
  return secured;
}

async function upgrade(
  socket: TcpSocket,
  secured: TlsSocket,
  load: () => Promise<Handshake>,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const parts = partsOf(secured);
  const { connection } = parts;
  connection.abandon = () => socket.destroy();
  // Reading stops now, not when the engine is there.
  partsOf(socket).connection.reads.pause();
  try {
    signal?.throwIfAborted();
    await socket.opened;
    const handshake = await load();
    const remote = socket.remoteAddress;
    const wait = { connection, timeout, remote, ...(signal === undefined ? {} : { signal }) };
    const stream = await takeOver(socket, ({ stream, early }) => {
      partsOf(socket).handOver(secured);
      return withinHandshakeTime(wait, (stop) => handshake(stream, early, stop));
    });
    connection.open(stream);
  } catch (error) {
    socket.destroy();
    if (signal?.aborted) parts.observed = true;
    connection.destroy(error);
  }
}
