/**
 * The runtime Deno: TCP and Unix sockets by Deno's own listen and connect. `node:net`, which Deno
 * has too, loses data when a silent peer ends its side under back-pressure; it serves only where
 * Deno's own lacks an option (`localAddress`, `reusePort`). The npm build has `node.ts` in place
 * of this file.
 *
 * @module
 */

import { formatHostPort, ipVersion } from "../_core/address.ts";
import { NetError, netError } from "../_core/errors.ts";
import type { ByteStream, Listener, ListenerSink } from "../_io/stream.ts";
import { DenoListener } from "./deno_listener.ts";
import { everyAddress, mayReach } from "./deno_permissions.ts";
import { DenoStream } from "./deno_stream.ts";
import { bindFirst } from "./every_address.ts";
import type { BindUdpRequest, DatagramHandle, DatagramSink } from "./datagram.ts";
import { type Attempt, mapError, systemError } from "./map_error.ts";
import type {
  ConnectTcpRequest,
  ListenTcpRequest,
  ListenUnixRequest,
  ResolvedAddress,
  Runtime,
} from "./runtime.ts";
import { type FileAccess, SocketFile } from "./socket_file.ts";
import type { TlsEngine } from "./tls.ts";

/** An abort comes out as the signal's reason, everything else as ours. */
function failure(error: unknown, attempt: Attempt, signal?: AbortSignal): unknown {
  return signal?.aborted ? signal.reason : mapError(error, attempt);
}

function attemptOf(syscall: string, host: string | undefined, port: number): Attempt {
  if (host === undefined || ipVersion(host) !== 0) return { syscall, address: host, port };
  return { syscall, hostname: host, port };
}

/**
 * Asks for a permission where node's modules would: they throw what nobody can catch.
 * A permission that can be prompted for is.
 */
function demand(host: string, port: number, attempt: Attempt): void {
  const descriptor = { name: "net", host: formatHostPort(host, port) } as const;
  let { state } = Deno.permissions.querySync(descriptor);
  if (state === "prompt") ({ state } = Deno.permissions.requestSync(descriptor));
  if (state !== "granted") throw denied(attempt);
}

function denied(attempt: Attempt): NetError {
  const error = systemError("ERR_ACCESS_DENIED", attempt);
  error.name = "NotCapable";
  return error;
}

function tryListen(request: ListenTcpRequest, host: string): Deno.Listener {
  const options = { hostname: host, port: request.port, tcpBacklog: request.backlog };
  try {
    // Asked for without its flag, it ends the process.
    return Deno.listen(request.reusePort ? { ...options, reusePort: true } : options);
  } catch (error) {
    throw mapError(error, attemptOf("listen", host, request.port));
  }
}

/** Loaded when a name is asked for: most programs never do, or connect to one server. */
async function lookup(hostname: string, family: 0 | 4 | 6): Promise<ResolvedAddress[]> {
  const dns = await import("./node_dns.ts");
  return await dns.lookup(hostname, family).catch((error) => {
    // It asks for a permission for the name, and says so in its own way.
    const forbidden = error instanceof NetError && error.code === "EPERM";
    throw forbidden ? denied({ syscall: "getaddrinfo", hostname }) : error;
  });
}

async function connectTcp(request: ConnectTcpRequest): Promise<ByteStream> {
  const { host, port, signal, noDelay, keepAlive, keepAliveDelay, attemptDelay } = request;
  if (request.localAddress !== undefined) {
    const attempt = attemptOf("connect", host, port);
    demand(host, port, attempt);
    demand(request.localAddress, 0, attempt);
    return (await import("./node_net.ts")).connectTcp(request);
  }
  let conn: Deno.TcpConn;
  try {
    conn = await Deno.connect({
      hostname: host,
      port,
      signal,
      autoSelectFamilyAttemptDelay: attemptDelay,
    });
  } catch (error) {
    throw failure(error, attemptOf("connect", host, port), signal);
  }
  if (signal.aborted) {
    conn.close();
    throw signal.reason;
  }
  const stream = new DenoStream(conn);
  if (noDelay) stream.setNoDelay(true);
  if (keepAlive) stream.setKeepAlive(true, keepAliveDelay);
  return stream;
}

async function connectUnix(path: string, signal: AbortSignal): Promise<ByteStream> {
  try {
    const conn = await Deno.connect({ transport: "unix", path });
    if (!signal.aborted) return new DenoStream(conn);
    conn.close();
  } catch (error) {
    throw failure(error, { syscall: "connect", address: path }, signal);
  }
  throw signal.reason;
}

/** Whether Deno runs with `--unstable-net`, which is seen by what it brings. */
function hasUnstableNet(): boolean {
  // A type of its own, since the type of Deno says that it is always there.
  return (Deno as { listenDatagram?: unknown }).listenDatagram !== undefined;
}

/** Deno's own has no `reusePort` without a flag. */
async function listenReusing(request: ListenTcpRequest, sink: ListenerSink): Promise<Listener> {
  const { host = "::", port } = request;
  const attempt = attemptOf("listen", host, port);
  demand(host, port, attempt);
  try {
    const [net, { keepAccepting }] = await Promise.all([
      import("./node_net.ts"),
      import("./deno_node_server.ts"),
    ]);
    return await net.listenTcp(request, sink, (server, onExhausted) => {
      return keepAccepting(server, request.backlog, onExhausted);
    });
  } catch (error) {
    // It says so whatever the reason is: Deno's own knows it.
    if (mapError(error, attempt).code === "EINVAL") {
      tryListen({ ...request, reusePort: false }, host).close();
    }
    throw error;
  }
}

async function listenTcp(request: ListenTcpRequest, sink: ListenerSink): Promise<Listener> {
  if (request.reusePort && !hasUnstableNet()) return await listenReusing(request, sink);
  if (request.ipv6Only && (request.host === undefined || request.host === "::")) {
    const message = "Cannot listen with ipv6Only: Deno always takes IPv4 in on the address ::";
    throw netError("ERR_FEATURE_UNAVAILABLE", message, { syscall: "listen" });
  }
  const hosts = request.host === undefined ? everyAddress(request.port) : [request.host];
  return await bindFirst(hosts, (host) => {
    return new DenoListener(tryListen(request, host), sink, request);
  });
}

const files: FileAccess = {
  identify(path) {
    try {
      const { dev, ino } = Deno.lstatSync(path);
      return `${dev}:${ino}`;
    } catch {
      return undefined;
    }
  },
  rename: Deno.renameSync,
};

class DenoUnixListener extends DenoListener {
  readonly #file: SocketFile;

  constructor(listener: Deno.Listener, sink: ListenerSink, path: string) {
    super(listener, sink, null);
    this.#file = new SocketFile(path, files);
  }

  override close(): Promise<void> {
    return this.#file.whileClosing(() => super.close());
  }
}

/** Deno takes no backlog for a Unix socket: it is always 1,024. */
function openUnix({ path, mode }: ListenUnixRequest): Deno.Listener {
  const listener = Deno.listen({ transport: "unix", path });
  try {
    if (mode !== undefined && !path.startsWith("\0")) Deno.chmodSync(path, mode);
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

function listenUnix(request: ListenUnixRequest, sink: ListenerSink): Promise<Listener> {
  const { path } = request;
  try {
    return Promise.resolve(new DenoUnixListener(openUnix(request), sink, path));
  } catch (error) {
    return Promise.reject(mapError(error, { syscall: "listen", address: path }));
  }
}

async function removeFile(path: string): Promise<void> {
  const attempt: Attempt = { syscall: "unlink", address: path };
  try {
    // A connect is refused at any file: only a socket may go.
    if (!(await Deno.lstat(path)).isSocket) throw systemError("ENOTSOCK", attempt);
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw mapError(error, attempt);
  }
}

/** Loaded when a UDP socket is bound: most programs never do. */
async function bindUdp(request: BindUdpRequest, sink: DatagramSink): Promise<DatagramHandle> {
  return await (await import("./deno_datagram.ts")).bindUdp(request, sink);
}

async function loadTls(): Promise<TlsEngine> {
  return (await import("./deno_tls.ts")).engine;
}

/** Deno as the library's runtime. */
export const runtime: Runtime = {
  // A permission for a name does not cover the addresses behind it: then Deno has to resolve.
  mayResolve: (host, port) =>
    mayReach(host) && mayReach(`127.0.0.1:${port}`) && mayReach(`[::1]:${port}`),
  lookup,
  connectTcp,
  connectUnix,
  listenTcp,
  listenUnix,
  bindUdp,
  loadTls,
  removeFile,
};
