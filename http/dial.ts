/**
 * Opening a stream for HTTP: TCP or a Unix socket, TLS over it, through a proxy if there is one. The
 * sockets of tcp and tls do the connecting; what carries HTTP then is the stream below them.
 *
 * @module
 */

import { ipVersion } from "../_core/address.ts";
import { netError } from "../_core/errors.ts";
import { partsOf } from "../_io/socket_parts.ts";
import type { ByteStream } from "../_io/stream.ts";
import { takeOver } from "../_io/take_over.ts";
import { connect as connectTcp, type ConnectOptions, TcpSocket } from "../tcp/mod.ts";
import { connect as connectTls, startTls, type TlsConnectOptions } from "../tls/mod.ts";
import type { ClientSettings, HttpClientOptions } from "./client_options.ts";
import type { Origin } from "./origin.ts";
import type { Proxy } from "./proxy.ts";
import { askTunnel } from "./tunnel.ts";

/** What is connected to. */
export interface DialPlace {
  /** The origin that requests are for. */
  readonly origin: Origin;
  /** The proxy on the way; null for none. */
  readonly proxy: Proxy | null;
  /** The Unix socket in place of host and port; undefined for none. */
  readonly path: string | undefined;
}

/** The options that sockets understand. */
function socketOptions(options: HttpClientOptions, settings: ClientSettings): ConnectOptions {
  const { family, localAddress, noDelay } = options;
  return {
    connectTimeout: settings.timeouts.connect,
    ...(family === undefined ? {} : { family }),
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(noDelay === undefined ? {} : { noDelay }),
  };
}

/** The options of the session with an origin. */
function tlsOptions(
  options: HttpClientOptions,
  settings: ClientSettings,
  origin: Origin,
): TlsConnectOptions & { servername: string } {
  const { ca, cert, key, servername, pin, rejectUnauthorized, minVersion, maxVersion, details } =
    options;
  const given = { ca, cert, key, pin, rejectUnauthorized, minVersion, maxVersion, details };
  return {
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as TlsConnectOptions),
    servername: servername ?? origin.hostname,
    alpnProtocols: ["http/1.1"],
    handshakeTimeout: settings.timeouts.handshake,
  };
}

/** Checks what only connecting would find out. Throws as `tls.connect()` does. */
export function checkDialing(options: HttpClientOptions): void {
  const { key, cert, family, localAddress } = options;
  if (family !== undefined && family !== 4 && family !== 6) {
    const message = `Cannot use the family ${String(family)}: it is 4 or 6`;
    throw netError("ERR_INVALID_ARG_VALUE", message);
  }
  if (localAddress !== undefined && ipVersion(String(localAddress)) === 0) {
    const message = `Cannot connect from ${JSON.stringify(localAddress)}: it is no IP address`;
    throw netError("ERR_INVALID_ARG_VALUE", message);
  }
  if ((key === undefined) !== (cert === undefined)) {
    const missing = key === undefined ? "key" : "cert";
    const message = `Cannot use a certificate or its key alone: ${missing} is missing`;
    throw netError("ERR_INVALID_ARG_VALUE", message);
  }
}

/** Opens a stream to a place; rejects with what prevented it, or with the signal's reason. */
export async function dial(
  place: DialPlace,
  options: HttpClientOptions,
  settings: ClientSettings,
  signal: AbortSignal,
): Promise<ByteStream> {
  const { origin, proxy, path } = place;
  const common = { ...socketOptions(options, settings), signal };
  const next = proxy?.origin ?? origin;
  const target = path === undefined ? { hostname: next.hostname, port: next.port } : { path };
  const socket = next.secure
    // What is set for the origin's session says nothing of the proxy's.
    ? connectTls(target, { ...tlsOptions(proxy?.tls ?? options, settings, next), ...common })
    : connectTcp(target, common);
  const opened = await open(socket);
  if (proxy === null || !origin.secure) return detach(opened);
  return await tunnel(opened, { origin, proxy }, options, settings, signal);
}

async function tunnel(
  socket: TcpSocket,
  { origin, proxy }: { origin: Origin; proxy: Proxy },
  options: HttpClientOptions,
  settings: ClientSettings,
  signal: AbortSignal,
): Promise<ByteStream> {
  const stream = await detach(socket);
  const { early } = await askTunnel(stream, { origin, proxy }, settings, signal);
  const carrier = new TcpSocket();
  const { connection } = partsOf(carrier);
  if (early.length > 0) connection.reads.unshift(early);
  connection.open(stream);
  const secured = startTls(carrier, { ...tlsOptions(options, settings, origin), signal });
  return detach(await open(secured));
}

async function open<Socket extends TcpSocket>(socket: Socket): Promise<Socket> {
  partsOf(socket).observed = true;
  await socket.opened;
  return socket;
}

/** The stream from below a socket. Nothing was asked yet, so nothing can have come. */
function detach(socket: TcpSocket): Promise<ByteStream> {
  return takeOver(socket, ({ stream, early, ended }) => {
    if (early.length === 0 && !ended) {
      stream.attach(NOBODY);
      return stream;
    }
    stream.attach(NOBODY);
    stream.close();
    const what = ended ? "ended at once" : "spoke before it was asked";
    throw netError("ERR_HTTP_NO_RESPONSE", `Cannot use the connection: the server ${what}`);
  });
}

/** Who is told between two owners, which follow each other within a turn. */
const NOBODY = {
  borrows: false,
  onData() {},
  onEnd() {},
  onWritten() {},
  onFinish() {},
  onClose() {},
};
