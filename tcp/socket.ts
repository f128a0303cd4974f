/** The socket of the tcp module, in its two faces: events, and promises with streams. @module */

import { checkSignal, untilAborted } from "../_core/abort.ts";
import type { SocketAddress } from "../_core/address.ts";
import { type Data, toBytes } from "../_core/bytes.ts";
import { checkNumber } from "../_core/check_number.ts";
import { beforeListener, EventEmitter } from "../_core/emitter.ts";
import { NetError } from "../_core/errors.ts";
import { Connection } from "../_io/connection.ts";
import type { ConnectionOptions } from "../_io/connection_owner.ts";
import { provideParts } from "../_io/socket_parts.ts";
import { createReadable, createWritable } from "../_io/web_streams.ts";
import { KEEP_ALIVE_DELAY } from "./limits.ts";
import { connectionOptions, type TcpSocketOptions } from "./options.ts";
import { pipe, type PipeDestination } from "./pipe.ts";
import { SocketEvents } from "./socket_events.ts";

/** The two ends of a connection. */
export interface SocketInfo {
  /** Our end. */
  localAddress: SocketAddress | undefined;
  /** The peer's end. */
  remoteAddress: SocketAddress | undefined;
}

/** How to wait. */
export interface WaitOptions {
  /** Ends the wait, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The events of a {@linkcode TcpSocket}, with the arguments of their listeners. */
export interface TcpSocketEvents {
  /** The connection is there; not on a socket that a server accepted. */
  connect: [];
  /** Bytes came in; the chunk is the listener's to keep. The first listener starts the flow. */
  data: [chunk: Uint8Array];
  /** The peer has ended its side, and all that it sent was read. */
  end: [];
  /** After `write()` answered false, everything has gone out. */
  drain: [];
  /** Nothing was sent or received for as long as `setTimeout()` says. */
  timeout: [];
  /** The connection failed; `close` follows. */
  error: [error: Error];
  /** The last event: the socket is closed; `hadError` after an error. */
  close: [hadError: boolean];
}

/** State of a socket by the names that node:net uses. */
export type ReadyState = "opening" | "open" | "readOnly" | "writeOnly" | "closed";

/** Options that were checked and filled in before: a server does it once for all its sockets. */
export const prepared: unique symbol = Symbol("prepared");

/** For the modules above: what is below a socket's public face. */
export let eventsOf: (socket: TcpSocket) => SocketEvents;

/**
 * A TCP or Unix socket. `connect()` and servers make it.
 *
 * Events come in this order: `connect`, `data`..., `end`, `close`; an `error` is always followed
 * by `close`, and nothing comes after that. One consumer at a time: a `data` listener makes the
 * socket flow; `read()`, iteration and `readable` pull. A second one while one is at work is a
 * UsageError (`ERR_INVALID_STATE`). A socket that nobody reads stays paused: its peer meets
 * back-pressure, and its end goes unnoticed.
 *
 * An `error` that nobody listens to is thrown as uncaught, unless somebody took one of the
 * promises or streams, or a server accepted the socket: then the server emits `clientError`.
 *
 * @example
 * ```ts
 * import { connect, createServer } from "@netstd/net/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = createServer((socket) => socket.pipe(socket));
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * const socket = connect(server.address);
 * socket.end("hello");
 * let text = "";
 * for await (const chunk of socket) text += new TextDecoder().decode(chunk);
 * assertEquals(text, "hello");
 * ```
 */
export class TcpSocket extends EventEmitter<TcpSocketEvents>
  implements AsyncIterable<Uint8Array>, AsyncDisposable, Disposable {
  readonly #connection: Connection;
  readonly #events: SocketEvents;
  readonly #settings: ConnectionOptions;
  /** How many `data` listeners ever came, and whether anything was put back. */
  #dataListeners = 0;
  #unshifted = false;
  #readable: ReadableStream<Uint8Array> | null = null;
  #writable: WritableStream<Uint8Array | string> | null = null;

  static {
    eventsOf = (socket) => socket.#events;
    provideParts(this.prototype, eventsOf);
    beforeListener(this.prototype, (socket, event) => {
      if (event !== "data") return;
      socket.#dataListeners += 1;
      socket.#connection.reads.listen();
    });
  }

  /** Makes a socket that waits for its connection: `connect()` and servers do. */
  constructor(options: TcpSocketOptions = {}) {
    super();
    const { [prepared]: settings } = options as { [prepared]?: ConnectionOptions };
    this.#settings = settings ?? connectionOptions(options, "client");
    this.#events = new SocketEvents(this);
    this.#connection = new Connection(this.#events, this.#settings);
    this.#events.connection = this.#connection;
  }

  /**
   * Resolves with the two addresses once connected; rejects with what prevented it: a
   * TransportError, the signal's reason, or `ERR_SOCKET_CLOSED` after `destroy()`.
   */
  get opened(): Promise<SocketInfo> {
    return this.#events.opened;
  }

  /**
   * Resolves when the socket has closed; rejects with the error that closed it. Whoever asks holds
   * the process until then, unless `unref()` was called.
   */
  get closed(): Promise<void> {
    return this.#events.awaitClosed();
  }

  /**
   * What comes in, as a web stream; it takes the reading for good. Our side stays open at the
   * peer's end, and cancelling drops what still comes. Throws `ERR_INVALID_STATE` while somebody
   * else reads.
   */
  get readable(): ReadableStream<Uint8Array> {
    this.#events.observed = true;
    return this.#readable ??= createReadable(this.#connection, this.#events.closed);
  }

  /** What goes out, as a web stream: closing it ends our side only, aborting destroys the socket. */
  get writable(): WritableStream<Uint8Array | string> {
    this.#events.observed = true;
    const { highWaterMark } = this.#settings;
    const { closed } = this.#events;
    return this.#writable ??= createWritable(this.#connection, closed, highWaterMark);
  }

  /** Bytes received so far. */
  get bytesRead(): number {
    return this.#connection.bytesRead;
  }

  /** Bytes that the system has taken so far. */
  get bytesWritten(): number {
    return this.#connection.bytesWritten;
  }

  /** Bytes that were written and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount;
  }

  /** `opening`, `open`, `readOnly` after `end()`, `writeOnly` after the peer's end, `closed`. */
  get readyState(): ReadyState {
    return this.#connection.readyState;
  }

  /** Whether the socket was given up or has closed. */
  get destroyed(): boolean {
    return this.#connection.destroyed;
  }

  /** Our end, once connected. */
  get localAddress(): SocketAddress | undefined {
    return this.#connection.stream?.localAddress;
  }

  /** The peer's end, once connected. */
  get remoteAddress(): SocketAddress | undefined {
    return this.#connection.stream?.remoteAddress;
  }

  /**
   * The next chunk, yours to keep; null at the peer's end, for ever. Rejects with the socket's
   * error, with `ERR_SOCKET_CLOSED` after `destroy()`, with `ERR_INVALID_STATE` while somebody
   * else reads, with the signal's reason when it aborts; then nothing is lost.
   */
  read(options: WaitOptions = {}): Promise<Uint8Array | null> {
    this.#events.observed = true;
    return this.#connection.reads.read(options.signal);
  }

  /**
   * The chunks until the peer's end. Leaving the loop early closes the socket as `close()` does;
   * an error of the socket is thrown in it.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    this.#events.observed = true;
    return new ChunkIterator(this.#connection);
  }

  /**
   * Puts data back in front of what is still to be read; after the end only `read()` and iteration
   * give it. Throws a TypeError (`ERR_INVALID_ARG_TYPE`) for anything but bytes or a string.
   */
  unshift(data: Data): void {
    const bytes = toBytes(data);
    if (bytes.length === 0) return;
    this.#unshifted = true;
    this.#connection.reads.unshift(bytes);
  }

  /**
   * Sends bytes, or a string as UTF-8, after all that was written before. Before the connection
   * is there, it waits. Leave the bytes alone until `drain` or `flush()`.
   *
   * Answers false when more than `highWaterMark` bytes wait: then hold back until `drain`. After
   * `end()` it answers false and the socket fails with `ERR_STREAM_WRITE_AFTER_END`; on a closed
   * socket it answers false, and `flush()` tells why. Throws a TypeError (`ERR_INVALID_ARG_TYPE`)
   * for anything but a string or a Uint8Array.
   */
  write(data: Data): boolean {
    return this.#connection.write(data);
  }

  /**
   * Resolves when the system has taken all that was written so far. Rejects when it never will:
   * with the socket's error, or `ERR_SOCKET_CLOSED`; with the signal's reason when it aborts, which
   * only ends the wait.
   */
  flush(options: WaitOptions = {}): Promise<void> {
    const signal = checkSignal(options.signal);
    this.#events.observed = true;
    const flushed = this.#connection.flush();
    return signal === undefined ? flushed : untilAborted(flushed, signal);
  }

  /** Ends our side after all that was written, and after `data`. Reading goes on. */
  end(data?: Data): void {
    this.#connection.end(data);
  }

  /**
   * Closes without loss: sends all that was written and our end, drops what still comes in until
   * the peer ends too (within `lingerTimeout`), then closes. Gives `closed`; a signal that aborts
   * only ends the wait.
   */
  close(options: WaitOptions = {}): Promise<void> {
    const signal = checkSignal(options.signal);
    this.#connection.close();
    return signal === undefined ? this.closed : untilAborted(this.closed, signal);
  }

  /** Closes at once; what was not sent yet is lost. With an error, `error` comes before `close`. */
  destroy(error?: Error): void {
    this.#connection.destroy(error);
  }

  /** As `destroy()`, with an RST to the peer; Deno cannot, and closes. */
  reset(): void {
    this.#connection.reset();
  }

  /** Holds `data` and `end` back until `resume()`. At most `highWaterMark` is read ahead. */
  pause(): this {
    this.#connection.pause();
    return this;
  }

  /** Lets data flow again. Without a `data` listener, what comes in is dropped. */
  resume(): this {
    this.#connection.reads.resume(this.listenerCount("data") > 0);
    return this;
  }

  /**
   * Sends what comes in to another socket, or to anything with `write()`, `end()` and `drain`,
   * with back-pressure, and ends it at the peer's end. Gives the destination.
   */
  pipe<T extends PipeDestination>(destination: T): T {
    pipe(this, destination, this.#sender(destination));
    return destination;
  }

  /** Between two of our sockets, buffers go back to the one that read into them. */
  #sender(destination: PipeDestination): (chunk: Uint8Array) => boolean {
    if (!(destination instanceof TcpSocket)) return (chunk) => destination.write(chunk);
    const writing = destination.#connection;
    const recycle = (chunk: Uint8Array) => {
      // Another listener may keep the chunk, and what was put back may be a part of one.
      if (this.#dataListeners > 1 || this.#unshifted) return;
      this.#connection.stream?.recycle(chunk);
    };
    return (chunk) => writing.write(chunk, { buffer: chunk.buffer, release: () => recycle(chunk) });
  }

  /** Emits `timeout` after `ms` of silence, once each time; the socket stays open. 0 turns it off. */
  setTimeout(ms: number): this {
    this.#connection.setTimeout(checkNumber("the timeout", ms, undefined));
    return this;
  }

  /** Turns Nagle's algorithm off (true, the default of every socket) or on. */
  setNoDelay(on: boolean = true): this {
    this.#connection.withStream((stream) => stream.setNoDelay(on));
    return this;
  }

  /** Has the system probe a silent peer, first after `delay` ms (60,000), where that can be set. */
  setKeepAlive(on: boolean = true, delay: number = KEEP_ALIVE_DELAY): this {
    this.#connection.withStream((stream) => stream.setKeepAlive(on, delay));
    return this;
  }

  /** Lets the socket hold the process, the default. */
  ref(): this {
    this.#events.holdProcess(true);
    return this;
  }

  /** Lets the process end although the socket is open. */
  unref(): this {
    this.#events.holdProcess(false);
    return this;
  }

  /** Destroys the socket. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** Closes the socket without loss, as `close()`; an error that it failed with is not thrown. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => {});
  }
}

class ChunkIterator implements AsyncIterableIterator<Uint8Array> {
  readonly #connection: Connection;
  #claimed = false;
  #over = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const { reads } = this.#connection;
    if (this.#over) return { value: undefined, done: true };
    if (!this.#claimed) {
      reads.claim("iteration");
      this.#claimed = true;
    }
    let chunk: Uint8Array | null = null;
    try {
      chunk = await reads.pull();
    } catch (error) {
      const code = error instanceof NetError ? error.code : "";
      // The read before is still at work, and the claim is its.
      if (code === "ERR_INVALID_STATE" && !this.#connection.destroyed) throw error;
      if (code !== "ERR_SOCKET_CLOSED" || this.#connection.failure !== null) {
        this.#finish();
        throw error;
      }
    }
    if (chunk !== null) return { value: chunk, done: false };
    this.#finish();
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#finish();
    this.#connection.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  #finish(): void {
    if (this.#claimed) this.#connection.reads.release();
    this.#claimed = false;
    this.#over = true;
  }
}
