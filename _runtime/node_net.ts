/**
 * TCP and Unix sockets by node's `net`. The npm build stands on it; Deno loads it for the options
 * that its own listen and connect lack.
 *
 * @module
 */

import * as fs from "node:fs";
import * as net from "node:net";
import { ipVersion, type SocketAddress, tcpAddress } from "../_core/address.ts";
import type { ByteStream, Listener, ListenerSink } from "../_io/stream.ts";
import { LONGEST } from "./clock.ts";
import { mapError } from "./map_error.ts";
import { DescriptorWatch, type ServerWatch } from "./node_descriptors.ts";
import { type Ends, NodeStream } from "./node_stream.ts";
import type { ConnectTcpRequest, ListenTcpRequest, ListenUnixRequest } from "./runtime.ts";
import { type FileAccess, SocketFile } from "./socket_file.ts";

function unixEnds(local: string | null, remote: string | null): Ends {
  return {
    localAddress: { transport: "unix", path: local },
    remoteAddress: { transport: "unix", path: remote },
  };
}

/** Waits for a socket to connect; destroys it when the signal aborts. */
function connected(socket: net.Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      socket.off("connect", onConnect).off("error", onError);
      signal.removeEventListener("abort", onAbort);
      act();
    };
    const onConnect = () => settle(resolve);
    const onError = (error: Error) => settle(() => reject(error));
    const onAbort = () =>
      settle(() => {
        // What a socket that was given up may still report is nobody's business.
        socket.on("error", () => {}).destroy();
        reject(signal.reason);
      });
    socket.on("connect", onConnect).on("error", onError);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}

/** Connects by TCP to one address. */
export async function connectTcp(request: ConnectTcpRequest): Promise<ByteStream> {
  const { host, port, signal, localAddress } = request;
  const isName = ipVersion(host) === 0;
  // Node takes whole numbers above zero only.
  const autoSelectFamilyAttemptDelay = Math.ceil(
    Math.min(Math.max(1, request.attemptDelay), LONGEST),
  );
  try {
    signal.throwIfAborted();
    const socket = net.connect({
      host,
      port,
      allowHalfOpen: true,
      noDelay: request.noDelay,
      keepAlive: request.keepAlive,
      keepAliveInitialDelay: request.keepAliveDelay,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(isName ? { autoSelectFamily: true, autoSelectFamilyAttemptDelay } : {}),
    });
    await connected(socket, signal);
    return new NodeStream(socket);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const target = isName ? { hostname: host, port } : { address: host, port };
    throw mapError(error, { syscall: "connect", ...target });
  }
}

/** Connects to a Unix socket. */
export async function connectUnix(path: string, signal: AbortSignal): Promise<ByteStream> {
  try {
    signal.throwIfAborted();
    const socket = net.connect({ path, allowHalfOpen: true });
    await connected(socket, signal);
    return new NodeStream(socket, unixEnds(null, path));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw mapError(error, { syscall: "connect", address: path });
  }
}

/** Resolves when a server listens, rejects with its error. */
function listening(server: net.Server, options: net.ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Makes what looks after a server; that of Deno needs more than Node's. */
type Watching = (server: net.Server, onExhausted: (code: string) => void) => ServerWatch;

const watchDescriptors: Watching = (_server, onExhausted) => new DescriptorWatch(onExhausted);

/** A listener over `net.Server`. */
class NodeListener implements Listener {
  readonly address: SocketAddress;
  readonly #server: net.Server;
  readonly #sink: ListenerSink;
  readonly #watch: ServerWatch;
  #stopped: Promise<void> | null = null;

  constructor(
    server: net.Server,
    sink: ListenerSink,
    address: SocketAddress,
    watching: Watching = watchDescriptors,
  ) {
    this.#server = server;
    this.#sink = sink;
    this.address = address;
    this.#watch = watching(server, (reason) => this.#dropped(reason));
    server.on("connection", (socket) => this.#take(socket));
    // Accepting goes on after an error: it is one client that is lost.
    server.on("error", (error) => this.#dropped(mapError(error, { syscall: "accept" }).code));
  }

  close(): Promise<void> {
    this.#watch.stop();
    // `close` waits for the open connections too, and those are ours to wait for: the listening
    // handle is closed at once, and with it the address is free.
    this.#stopped ??= new Promise((resolve) => {
      this.#server.close();
      setImmediate(resolve);
    });
    return this.#stopped;
  }

  ref(): void {
    this.#server.ref();
  }

  unref(): void {
    this.#server.unref();
  }

  #dropped(reason: string): void {
    this.#sink.onDrop({ reason, localAddress: this.address });
  }

  #take(socket: net.Socket): void {
    this.#watch.clientCame();
    if (this.address.transport === "unix") {
      const ends = unixEnds(this.address.path, null);
      return this.#sink.onConnection(new NodeStream(socket, ends));
    }
    const stream = new NodeStream(socket);
    if (socket.remoteAddress !== undefined) return this.#sink.onConnection(stream);
    // It was reset before it was accepted.
    stream.close();
    this.#dropped("ENOTCONN");
  }
}

/** Listens on TCP. */
export async function listenTcp(
  request: ListenTcpRequest,
  sink: ListenerSink,
  watching?: Watching,
): Promise<Listener> {
  const { host, port, backlog, ipv6Only, reusePort } = request;
  const server = net.createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    noDelay: request.noDelay,
    keepAlive: request.keepAlive,
    keepAliveInitialDelay: request.keepAliveDelay,
  });
  const options = { port, backlog, ipv6Only, reusePort, ...(host === undefined ? {} : { host }) };
  try {
    await listening(server, options);
  } catch (error) {
    throw mapError(error, { syscall: "listen", address: host ?? "::", port });
  }
  const bound = server.address() as net.AddressInfo;
  return new NodeListener(server, sink, tcpAddress(bound.address, bound.port), watching);
}

const files: FileAccess = {
  identify(path) {
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
  },
  rename: fs.renameSync,
};

class NodeUnixListener extends NodeListener {
  readonly #file: SocketFile;

  constructor(server: net.Server, sink: ListenerSink, path: string) {
    super(server, sink, { transport: "unix", path });
    this.#file = new SocketFile(path, files);
  }

  override close(): Promise<void> {
    return this.#file.whileClosing(() => super.close());
  }
}

/** Listens on a Unix socket. */
export async function listenUnix(
  request: ListenUnixRequest,
  sink: ListenerSink,
): Promise<Listener> {
  const { path, backlog, mode } = request;
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  try {
    await listening(server, { path, backlog });
    if (mode !== undefined && !path.startsWith("\0")) fs.chmodSync(path, mode);
  } catch (error) {
    server.close();
    throw mapError(error, { syscall: "listen", address: path });
  }
  return new NodeUnixListener(server, sink, path);
}
