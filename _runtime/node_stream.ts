/**
 * A byte stream over node's `net.Socket` (and `tls.TLSSocket`, its subclass). Deno uses it as
 * well, for the options that only its `node:net` has.
 *
 * @module
 */

import type { Socket } from "node:net";
import { type SocketAddress, tcpAddress } from "../_core/address.ts";
import type { NetError } from "../_core/errors.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";
import { systemClock } from "./clock.ts";
import { type Attempt, mapError } from "./map_error.ts";
import * as below from "./node_handle.ts";

/**
 * Where a socket keeps its stream, so that all sockets share the listeners below. Null once it has
 * closed: node's objects live on until a full collection, and ours need not go with them.
 */
const STREAM: unique symbol = Symbol("stream");

type Wrapped = Socket & { [STREAM]: NodeStream | null };

/** The stream that a socket was made one of, until it has closed. */
export function streamOf(socket: Socket): NodeStream | null {
  return (socket as Wrapped)[STREAM];
}

function onData(this: Socket, chunk: Uint8Array): void {
  // A Buffer is not what we promise: its slice() shares memory, and it compares as a Buffer.
  streamOf(this)?.sink?.onData(
    new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength),
  );
}

function onRead(this: Socket, count: number): boolean {
  streamOf(this)?.lend(count);
  return true;
}

function onEnd(this: Socket): void {
  streamOf(this)?.ended();
}

function onError(this: Socket, error: Error): void {
  streamOf(this)?.failed(error);
}

function onClose(this: Socket): void {
  streamOf(this)?.closed();
}

/** Bytes of a write that may have been answered before the system has taken all of it. */
const LARGE_WRITE = 16 * 1024;
/** Time in ms for what came in before a write failed: a peer that is gone has sent it already. */
const LAST_READS = 100;

/**
 * In place of a socket's `_write()`: Node drops what came in as soon as it knows that a write failed,
 * and that may be the answer of a peer which did not want to read it all.
 */
export function writeReadingOn(
  this: Socket,
  chunk: Uint8Array | string,
  encoding: BufferEncoding,
  callback: (error?: Error | null) => void,
): void {
  const { _write } = Object.getPrototypeOf(this) as Socket;
  if (chunk.length < LARGE_WRITE) return _write.call(this, chunk, encoding, callback);
  _write.call(this, chunk, encoding, (error) => {
    if (!error || streamOf(this)?.readsOn(error, callback) !== true) callback(error);
  });
}

/** The two ends of a connection, where they are known by other means than the socket. */
export interface Ends {
  readonly localAddress: SocketAddress | undefined;
  readonly remoteAddress: SocketAddress | undefined;
}

/** See the module's text. */
export class NodeStream implements ByteStream, below.Writer {
  /** Who is told; the listeners above read it. */
  sink: StreamSink | null = null;
  readonly #socket: Socket;
  /** For writes past the socket's queue. */
  readonly #handle: below.WritingHandle | null;
  /** What the socket reads into, if that is lent to the sink. */
  #shared: Uint8Array | null = null;
  #atWork = 0;
  #error: NetError | null = null;
  #releasing = false;
  /** Tells Node of the write that failed; null when none did. */
  #fail: (() => void) | null = null;
  #cancelLastReads: (() => void) | null = null;
  #local: SocketAddress | undefined;
  #remote: SocketAddress | undefined;
  /** Tells of a write that went through the socket; made for the first. */
  #written: ((error?: Error | null) => void) | null = null;

  /** Takes over a connected socket that has not read yet. `ends` are those of a Unix socket. */
  constructor(socket: Socket, ends?: Ends) {
    this.#socket = socket;
    const isKnown = (socket as Partial<Wrapped>)[STREAM] !== undefined;
    (socket as Wrapped)[STREAM] = this;
    if (ends !== undefined) {
      this.#local = ends.localAddress;
      this.#remote = ends.remoteAddress;
    } else {
      // Node keeps the peer's address from the first time that it was asked, and only then.
      void socket.remoteAddress;
    }
    this.#handle = below.handleOf(socket);
    if (isKnown) return;
    socket.on("error", onError);
  }

  get localAddress(): SocketAddress | undefined {
    const { localAddress, localPort } = this.#socket;
    if (this.#local === undefined && localAddress !== undefined) {
      this.#local = tcpAddress(localAddress, localPort ?? 0);
    }
    return this.#local;
  }

  get remoteAddress(): SocketAddress | undefined {
    if (this.#remote !== undefined) return this.#remote;
    const { remoteAddress, remotePort } = this.#socket;
    if (remoteAddress === undefined) return undefined;
    return this.#remote = tcpAddress(remoteAddress, remotePort ?? 0);
  }

  /** Where Node does the reading, each chunk is in fresh memory. */
  get givesChunks(): boolean {
    return this.#shared === null;
  }

  attach(sink: StreamSink): void {
    const handedOver = this.sink !== null;
    this.sink = sink;
    const socket = this.#socket;
    socket.pause();
    if (handedOver) return;
    socket._write = writeReadingOn;
    if (sink.borrows) this.#shared = below.readShared(socket, onRead);
    if (this.#shared === null) socket.on("data", onData);
    socket.on("end", onEnd);
    this.watchClose();
  }

  /** For the listeners: so many bytes came into the shared memory. */
  lend(count: number): void {
    const { sink } = this;
    const chunk = this.#shared!;
    if (sink === null) return;
    sink.onData(sink.borrows ? chunk.subarray(0, count) : chunk.slice(0, count));
  }

  resume(): void {
    // What a socket that was reset still holds would flow into nowhere: `closed` reads it.
    if (!this.#socket.destroyed) this.#socket.resume();
  }

  pause(): void {
    this.#socket.pause();
  }

  /** Node reads into memory of its own. */
  recycle(_chunk: Uint8Array): void {}

  write(chunk: Uint8Array): void {
    this.#atWork = chunk.length;
    if (!this.#writeByHandle(chunk)) this.#socket.write(chunk, this.#whenWritten());
  }

  writeText(text: string): void {
    this.#atWork = text.length;
    if (!this.#writeByHandle(text)) this.#socket.write(text, "latin1", this.#whenWritten());
  }

  /** False when it has to go through the socket, which also knows what to do about a failure. */
  #writeByHandle(data: Uint8Array | string): boolean {
    if (this.#handle === null || this.#socket.destroyed) return false;
    return below.writeByHandle(this.#handle, data, this);
  }

  writeDone(): void {
    if (!this.#releasing && !this.#socket.destroyed) this.sink?.onWritten(this.#atWork);
  }

  writeFailed(error: Error): void {
    const tell = (failure: Error) => void this.#socket.destroy(failure);
    if (!this.#releasing && !this.readsOn(error, tell)) tell(error);
  }

  /** Node calls it with the error as well when a write fails; `error` and `close` tell that. */
  #whenWritten(): (error?: Error | null) => void {
    return this.#written ??= (error) => {
      if (!error) this.writeDone();
    };
  }

  end(): void {
    this.#socket.end((error?: Error | null) => {
      if (!error && !this.#releasing && this.#error === null) this.sink?.onFinish();
    });
  }

  close(): void {
    this.#releasing = true;
    this.#socket.destroy();
  }

  reset(): void {
    this.#releasing = true;
    // Node has it for TCP alone, and not while a FIN is on its way.
    if (this.remoteAddress?.transport === "tcp" && !this.#socket.writableEnded) {
      this.#socket.resetAndDestroy();
    } else this.#socket.destroy();
  }

  setNoDelay(on: boolean): void {
    this.#socket.setNoDelay(on);
  }

  setKeepAlive(on: boolean, delay: number): void {
    this.#socket.setKeepAlive(on, delay);
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  /** Gives the socket up for another to use; nothing is told any more, and an error throws nothing. */
  release(): Socket {
    const socket = this.#socket;
    if (this.sink === null) return socket;
    this.sink = null;
    if (this.#shared !== null) below.endReadShared(socket);
    // To delete it would make the socket slow for good.
    socket._write = (Object.getPrototypeOf(socket) as Socket)._write;
    return socket.off("data", onData).off("end", onEnd).off("close", onClose);
  }

  /** For writes: whether what came in before one failed is read first; then `tell` is called. */
  readsOn(failure: Error, tell: (error: Error) => void): boolean {
    const socket = this.#socket;
    if (this.#releasing || socket.destroyed || socket.readableEnded || socket.isPaused()) {
      return false;
    }
    this.failed(failure);
    this.#fail = () => tell(failure);
    this.#cancelLastReads = systemClock.schedule(() => this.failLate(), LAST_READS);
    return true;
  }

  /** For the streams that are built on this one: has `closed()` called. */
  watchClose(): void {
    this.#socket.on("close", onClose);
  }

  /** For the listeners: tells Node now that a write failed; false when none did. */
  failLate(): boolean {
    const fail = this.#fail;
    if (fail === null) return false;
    this.#fail = null;
    this.#cancelLastReads!();
    fail();
    return true;
  }

  /** For the listeners: the peer has ended its side. Bun says so of what was closed here, too. */
  ended(): void {
    if (!this.#releasing && !this.failLate()) this.sink?.onEnd();
  }

  /** For the listeners: remembers the failure that `close` will report. */
  failed(error: Error): void {
    this.#error ??= mapError(error, this.#attempt(error));
  }

  /** For the listeners: the descriptor is gone. */
  closed(): void {
    const { sink } = this;
    this.sink = null;
    this.#cancelLastReads?.();
    (this.#socket as Wrapped)[STREAM] = null;
    if (sink === null) return;
    // Node keeps what it read before a reset; it is still the reader's.
    for (let chunk = this.#socket.read(); chunk !== null; chunk = this.#socket.read()) {
      if (!this.#releasing) sink.onData(new Uint8Array(chunk));
    }
    sink.onClose(this.#releasing ? null : this.#error);
  }

  #attempt(error: Error): Attempt {
    const syscall = (error as { syscall?: string }).syscall ?? "read";
    const remote = this.remoteAddress;
    if (remote?.transport !== "tcp") return { syscall, address: remote?.path ?? undefined };
    return { syscall, address: remote.address, port: remote.port };
  }
}
