/** Connecting by TLS. @module */

import { checkSignal } from "../_core/abort.ts";
import { splitHostPort } from "../_core/address.ts";
import type { Cancellation } from "../_core/cancellation.ts";
import { checkNumber } from "../_core/check_number.ts";
import { throwLater } from "../_core/emitter.ts";
import { partsOf } from "../_io/socket_parts.ts";
import { takeOver } from "../_io/take_over.ts";
import { systemClock } from "../_runtime/clock.ts";
import { systemError } from "../_runtime/map_error.ts";
import { runtime } from "../_runtime/mod.ts";
import type { ClientSettings, SecureStream } from "../_runtime/tls.ts";
import { connect as connectTcp, type ConnectTarget, type TcpSocket } from "../tcp/mod.ts";
import { withinHandshakeTime } from "./handshake.ts";
import * as limits from "./limits.ts";
import { clientSettings, type TlsConnectOptions } from "./options.ts";
import { TlsSocket } from "./socket.ts";

/** The host that a target names, as `tcp.connect()` reads it, which checks the target next. */
function hostOf(target: ConnectTarget): string {
  if (typeof target === "string") {
    const isPath = target.includes("/") || target.startsWith("\0");
    return isPath ? "localhost" : splitHostPort(target).hostname ?? "localhost";
  }
  if (typeof target !== "object" || target === null) return "localhost";
  const { hostname, address } = target as { hostname?: string; address?: string };
  return hostname ?? address ?? "localhost";
}

/** One attempt to open a session. */
interface Opening {
  readonly socket: TlsSocket;
  readonly raw: TcpSocket;
  readonly settings: ClientSettings;
  readonly handshakeTimeout: number;
  readonly connectTimeout: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Connects by TLS to a TCP port or a Unix socket. Gives the socket at once, connecting: write to
 * it, listen to it, or await `opened`, which resolves after the handshake and the verification of
 * the server's certificate. `listener` is added for `secureConnect`.
 *
 * Throws as `tcp.connect()` does, and a TypeError (`ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE`)
 * for an option that cannot be. The socket fails as one of TCP, and with `ERR_TLS_CERT_UNTRUSTED`,
 * `ERR_TLS_CERT_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`, `ERR_TLS_PROTOCOL_VERSION`,
 * `ERR_TLS_NOT_TLS`, `ERR_TLS_ALPN`, `ERR_TLS_ALERT`, `ERR_TLS_HANDSHAKE_TIMEOUT`,
 * `ERR_TLS_INVALID_KEY` or `ERR_TLS_INVALID_CA`; the engine's own error is in `cause`. `signal` and
 * `connectTimeout` reach through the handshake.
 *
 * @example
 * ```ts
 * import { connect, createSelfSigned, createServer } from "@netstd/net/tls";
 * import { assertEquals } from "@std/assert";
 *
 * const { key, cert } = await createSelfSigned(["127.0.0.1"]);
 * await using server = createServer({ key, cert }, (socket) => socket.end("Good day\n"));
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * await using socket = connect(server.address, { ca: cert });
 * await socket.opened;
 * assertEquals(new TextDecoder().decode((await socket.read())!), "Good day\n");
 * ```
 */
export function connect(
  target: ConnectTarget,
  options: TlsConnectOptions = {},
  listener?: () => void,
): TlsSocket {
  const signal = checkSignal(options.signal);
  const handshakeTimeout = checkNumber(
    "handshakeTimeout",
    options.handshakeTimeout,
    limits.HANDSHAKE_TIMEOUT,
  );
  const connectTimeout = checkNumber(
    "connectTimeout",
    options.connectTimeout,
    limits.CONNECT_TIMEOUT,
  );
  const settings = clientSettings(options, hostOf(target));
  const raw = connectTcp(target, options);
  // What it fails with, the session's socket tells.
  partsOf(raw).observed = true;
  const socket = new TlsSocket(options);
  if (listener !== undefined) socket.on("secureConnect", listener);
  if (signal?.aborted) partsOf(socket).connection.openRefused(signal.reason);
  else open({ socket, raw, settings, handshakeTimeout, connectTimeout, signal });
  return socket;
}

async function open(opening: Opening): Promise<void> {
  const { socket, raw, settings } = opening;
  const parts = partsOf(socket);
  const started = systemClock.now();
  parts.connection.abandon = () => raw.destroy();
  try {
    const engine = await runtime.loadTls();
    engine.checkClient(settings);
    await raw.opened;
    tellConnected(socket);
    if (socket.destroyed) return;
    const stream = await takeOver(raw, ({ stream, early }) =>
      handshake(
        opening,
        started,
        (stop) => engine.connect(stream, early, settings, stop),
      ));
    parts.connection.open(stream);
  } catch (error) {
    raw.destroy();
    // Whoever aborts knows: it is no error to crash for when nobody listens.
    if (opening.signal?.aborted) parts.observed = true;
    parts.connection.destroy(error);
  }
}

/** TCP is there, the session is not. */
function tellConnected(socket: TlsSocket): void {
  if (socket.destroyed) return;
  try {
    socket.emit("connect");
  } catch (error) {
    throwLater(error);
  }
}

/** The handshake within both time limits, until the caller's signal aborts. */
async function handshake(
  { socket, raw, handshakeTimeout, connectTimeout, signal }: Opening,
  started: number,
  run: (stop: Cancellation) => Promise<SecureStream>,
): Promise<SecureStream> {
  const { remoteAddress: remote } = raw;
  const left = Math.max(0, started + connectTimeout - systemClock.now());
  const wait = {
    connection: partsOf(socket).connection,
    timeout: Math.min(handshakeTimeout, left),
    remote,
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    return await withinHandshakeTime(wait, run);
  } catch (error) {
    const isTimeout = (error as { code?: string } | null)?.code === "ERR_TLS_HANDSHAKE_TIMEOUT";
    if (!isTimeout || left >= handshakeTimeout) throw error;
    const address = remote?.address ?? remote?.path ?? undefined;
    throw systemError("ETIMEDOUT", { syscall: "connect", address, port: remote?.port });
  }
}
