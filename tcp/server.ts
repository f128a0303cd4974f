/** The server of the tcp module: events, iteration, limits, and a close that can be waited for. @module */

import { checkSignal } from "../_core/abort.ts";
import type { SocketAddress } from "../_core/address.ts";
import { checkNumber } from "../_core/check_number.ts";
import { beforeListener, EventEmitter, throwLater } from "../_core/emitter.ts";
import { netError } from "../_core/errors.ts";
import type { ConnectionOptions } from "../_io/connection_owner.ts";
import { ReadQueue } from "../_io/read_queue.ts";
import { handOut, handOutEvents, hooksOf, type Taker, takerOf } from "../_io/socket_parts.ts";
import type { ByteStream, DropInfo, Listener, ListenerSink } from "../_io/stream.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import { type CloseOptions, Closing } from "./closing.ts";
import * as limits from "./limits.ts";
import { openListeners } from "./listen.ts";
import {
  connectionOptions,
  type ListenTarget,
  readListenTarget,
  socketSettings,
  type TcpSocketOptions,
} from "./options.ts";
import { ServerSockets } from "./server_sockets.ts";
import { eventsOf, prepared, TcpSocket } from "./socket.ts";

/** How a server and the sockets that it accepts behave. */
export interface TcpServerOptions extends TcpSocketOptions {
  /** Sockets open at a time; what comes beyond is closed at once, with a `drop`. Default no limit. */
  maxConnections?: number;
}

/** The events of a {@linkcode TcpServer}, with the arguments of their listeners. */
export interface TcpServerEvents {
  /** The server listens. */
  listening: [];
  /** A client has connected. */
  connection: [socket: TcpSocket];
  /** A client was let go before anybody got it. */
  drop: [info: DropInfo];
  /** A socket failed and its user does not listen to `error`. */
  clientError: [error: Error, socket: TcpSocket];
  /** The server has closed, and so have its sockets. */
  close: [];
  /** The server could not listen. */
  error: [error: Error];
}

/**
 * A TCP or Unix server; see {@linkcode createServer}.
 *
 * Events: `listening`, `connection`..., `close`. Its sockets come to `connection` listeners or to
 * an iteration, one of the two. Accepting goes on whatever clients do; a client that was let go is
 * a `drop`.
 *
 * @example Iteration
 * ```ts
 * import { connect, createServer } from "@netstd/net/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const server = await createServer().listen({ port: 0, hostname: "127.0.0.1" });
 * connect(server.address).end("hello");
 * for await (const socket of server) {
 *   assertEquals(new TextDecoder().decode((await socket.read())!), "hello");
 *   await socket.close();
 *   break; // leaving the loop closes the server
 * }
 * ```
 */
export class TcpServer extends EventEmitter<TcpServerEvents>
  implements AsyncIterable<TcpSocket>, AsyncDisposable {
  /** Sockets open at a time; may be changed while the server runs. */
  maxConnections: number;
  readonly #options: TcpServerOptions;
  readonly #socketOptions: TcpSocketOptions & { [prepared]: ConnectionOptions };
  readonly #sockets: ServerSockets;
  readonly #sink: ListenerSink;
  readonly #taker: Taker | undefined;
  #accepted: ReadQueue<TcpSocket>;
  #listeners: Listener[] = [];
  #starting: Promise<Listener[]> | null = null;
  #closing: Closing | null = null;
  #address: SocketAddress | null = null;
  #unref = false;
  /** Takes the abort listener off the signal of `listen()`. */
  #forget: (() => void) | null = null;

  static {
    beforeListener(this.prototype, (server, event) => {
      // Sockets that wait are handed out when a listener comes.
      if (handOutEvents(server).includes(event)) server.#accepted.listen();
    });
  }

  /** Makes a server that does not listen yet. */
  constructor(options: TcpServerOptions = {}) {
    super({ captureRejections: true });
    this.maxConnections = checkNumber("maxConnections", options.maxConnections, Infinity);
    this.#options = options;
    socketSettings(options);
    this.#socketOptions = { [prepared]: connectionOptions(options, "accepted") };
    this.#accepted = this.#queue();
    this.#sink = {
      onConnection: (stream) => this.#onConnection(stream),
      onDrop: (info) => this.#emit("drop", info),
    };
    this.#sockets = new ServerSockets({
      make: () =>
        hooksOf<TcpSocket>(this)?.makeSocket(this.#socketOptions) ??
          new TcpSocket(this.#socketOptions),
      onError: (error, socket) => this.#emit("clientError", error, socket),
      onLeft: () => this.#onSocketLeft(),
    });
    this.#taker = takerOf(options);
  }

  /**
   * Where the server listens, or did. Throws a UsageError (`ERR_SERVER_NOT_RUNNING`) before it
   * ever listened.
   */
  get address(): SocketAddress {
    if (this.#address !== null) return this.#address;
    throw netError("ERR_SERVER_NOT_RUNNING", "Cannot tell the address: the server never listened");
  }

  /** How many of its sockets are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Whether it listens. */
  get listening(): boolean {
    return this.#listeners.length > 0;
  }

  /**
   * Starts to listen. Resolves with the server after `listening`. Rejects, with an `error` event
   * for those who listen to it: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `ENAMETOOLONG`,
   * `ERR_ACCESS_DENIED`; `ERR_SERVER_ALREADY_LISTEN` while it listens; `ERR_SOCKET_BAD_PORT`,
   * `ERR_INVALID_ARG_VALUE`; `ERR_FEATURE_UNAVAILABLE` for an option that this runtime lacks; or
   * the signal's reason. After a failure, and after `close()`, it may listen again.
   */
  async listen(target: ListenTarget): Promise<this> {
    const request = readListenTarget(target);
    checkSignal(request.signal)?.throwIfAborted();
    if (this.listening || this.#starting !== null || this.#closing !== null) {
      throw netError("ERR_SERVER_ALREADY_LISTEN", "Cannot listen: the server listens already");
    }
    this.#starting = openListeners(request, socketSettings(this.#options), this.#sink);
    try {
      this.#listeners = await this.#starting;
    } catch (error) {
      this.#starting = null;
      if (this.listenerCount("error") > 0) this.#emit("error", error as Error);
      throw error;
    }
    this.#starting = null;
    await this.#obey(request.signal);
    this.#address = this.#listeners[0]!.address;
    if (this.#unref) this.unref();
    this.#emit("listening");
    return this;
  }

  /**
   * Stops accepting, and resolves when all sockets have closed too; `close` comes just before. With
   * `timeout`, the sockets that are still open after that many ms are destroyed. May be called
   * again, with a shorter time for instance. Holds the process until then, unless `unref()` was
   * called.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const timeout = checkNumber("the timeout", options.timeout, Infinity);
    checkSignal(options.signal);
    if (this.#starting !== null) await this.#starting.catch(() => {});
    if (this.#closing === null) {
      if (!this.listening) return;
      this.#closing = new Closing(sharedTimers, () => {
        for (const occupant of this.#sockets.all) occupant.destroy();
      });
      this.#closing.holdProcess(!this.#unref);
      this.#stop();
    }
    await this.#closing.wait(timeout, options.signal);
  }

  /** Lets the server hold the process, the default. */
  ref(): this {
    this.#unref = false;
    this.#closing?.holdProcess(true);
    for (const listener of this.#listeners) listener.ref();
    return this;
  }

  /** Lets the process end although the server listens. */
  unref(): this {
    this.#unref = true;
    this.#closing?.holdProcess(false);
    for (const listener of this.#listeners) listener.unref();
    return this;
  }

  /**
   * The sockets as they are accepted, until the server closes. Leaving the loop early closes the
   * server. While it runs, a `connection` listener is a UsageError (`ERR_INVALID_STATE`).
   */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<TcpSocket> {
    const accepted = this.#accepted;
    accepted.claim("iteration");
    try {
      for (;;) {
        const socket = await accepted.pull();
        if (socket === null) return;
        yield socket;
      }
    } finally {
      accepted.release();
      if (this.#accepted === accepted) void this.close();
    }
  }

  /** @ignore What a listener that is an async function rejects with. */
  [Symbol.for("nodejs.rejection")](error: unknown, _event: string, socket: unknown): void {
    if (!(socket instanceof TcpSocket)) return throwLater(error);
    // A socket's own failure was told; its user's takes that one socket along.
    if (eventsOf(socket).connection.failure?.error !== error) socket.destroy(error as Error);
  }

  /** Closes the server and waits for its sockets, as `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #queue(): ReadQueue<TcpSocket> {
    return new ReadQueue<TcpSocket>({
      deliver: (item) => handOut(this, (name) => this.#emit(name, item)),
      listening: () => this.#hasListeners(),
      deliverEnd: () => {},
      deliverFailure: () => {},
      setReading: () => {},
      sizeOf: () => 1,
    }, limits.ACCEPTED_WAITING);
  }

  #hasListeners(): boolean {
    return handOutEvents(this).some((name) => this.listenerCount(name) > 0);
  }

  #onConnection(stream: ByteStream): void {
    const full = this.#closing !== null
      ? "closing"
      : this.#sockets.size >= this.maxConnections
      ? "maxConnections"
      : this.#accepted.size >= limits.ACCEPTED_WAITING
      ? "backlog"
      : null;
    if (full !== null) {
      const { localAddress, remoteAddress } = stream;
      stream.close();
      this.#emit("drop", { reason: full, localAddress, remoteAddress });
      return;
    }
    const hooks = hooksOf<TcpSocket>(this);
    const taker = hooks === undefined ? this.#taker : undefined;
    if (taker !== undefined) return this.#sockets.give(stream, taker);
    const socket = this.#sockets.makeSocket();
    this.#sockets.own(socket);
    if (hooks === undefined) return this.#ready(socket, stream);
    hooks.prepare(socket, stream, (prepared) => this.#ready(socket, prepared));
  }

  #ready(socket: TcpSocket, stream: ByteStream): void {
    if (this.#taker !== undefined && this.#closing === null && !socket.destroyed) {
      return this.#sockets.give(stream, this.#taker, socket);
    }
    eventsOf(socket).connection.open(stream);
    if (this.#closing === null) this.#accepted.push(socket);
    else socket.destroy(); // It took time to get ready.
  }

  #onSocketLeft(): void {
    // After the socket's own listeners.
    if (this.#closing !== null && this.#sockets.size === 0) {
      queueMicrotask(() => this.#maybeClosed());
    }
  }

  /** Closes when the signal aborts, unless it has closed before. */
  async #obey(signal: AbortSignal | undefined): Promise<void> {
    if (signal === undefined) return;
    if (signal.aborted) {
      await this.#closeListeners();
      throw signal.reason;
    }
    const onAbort = () => void this.close();
    signal.addEventListener("abort", onAbort);
    this.#forget = () => signal.removeEventListener("abort", onAbort);
  }

  async #closeListeners(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    this.#listeners = [];
  }

  async #stop(): Promise<void> {
    this.#forget?.();
    this.#forget = null;
    for (const occupant of this.#sockets.all) occupant.shutdown?.();
    const { consumer } = this.#accepted;
    this.#accepted.end();
    if (consumer !== "iteration") await this.#dropWaiting();
    await this.#closeListeners();
    this.#maybeClosed();
  }

  /** Nobody will ever take them. */
  async #dropWaiting(): Promise<void> {
    while (this.#accepted.size > 0) (await this.#accepted.pull())?.destroy();
  }

  #maybeClosed(): void {
    if (this.#closing === null || this.listening || this.#sockets.size > 0) return;
    const closing = this.#closing;
    this.#closing = null;
    // Ready to listen again, for whoever listens to its connections already.
    this.#accepted = this.#queue();
    if (this.#hasListeners()) this.#accepted.listen();
    this.#emit("close");
    closing.settle();
  }

  #emit(name: string, ...args: unknown[]): boolean {
    try {
      return (this.emit as (name: string, ...args: unknown[]) => boolean)(name, ...args);
    } catch (error) {
      throwLater(error);
      return true;
    }
  }
}

/** Gets the sockets of a server. */
export type ConnectionListener = (socket: TcpSocket) => void;

/**
 * Makes a server; `listen()` starts it. `listener` is added for `connection`.
 *
 * Throws a RangeError (`ERR_OUT_OF_RANGE`) for an option that cannot be.
 *
 * @example
 * ```ts
 * import { connect, createServer } from "@netstd/net/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createServer((socket) => {
 *   socket.write("Who is there?\n");
 *   socket.on("data", (chunk) => socket.write(chunk));
 *   socket.on("end", () => console.log("The client has ended"));
 * });
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * const socket = connect(server.address);
 * socket.on("data", (chunk) => {
 *   assertEquals(new TextDecoder().decode(chunk), "Who is there?\n");
 *   socket.end();
 * });
 * await socket.closed;
 * await server.close();
 * ```
 */
export function createServer(listener?: ConnectionListener): TcpServer;
/** Makes a server with options; see above. */
export function createServer(
  options: TcpServerOptions,
  listener?: ConnectionListener,
): TcpServer;
export function createServer(
  first?: TcpServerOptions | ConnectionListener,
  second?: ConnectionListener,
): TcpServer {
  const options = typeof first === "function" ? {} : first ?? {};
  const listener = typeof first === "function" ? first : second;
  const server = new TcpServer(options);
  if (listener !== undefined) server.on("connection", listener);
  return server;
}
