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

/** Where a socket keeps its stream, so that all sockets share the listeners below. */
const STREAM: unique symbol = Symbol("stream");

type Wrapped = Socket & { [STREAM]: NodeStream };

function onData(this: Socket, chunk: Uint8Array): void {
  // A Buffer is not what we promise: its slice() shares memory, and it compares as a Buffer.
  (this as Wrapped)[STREAM].sink?.onData(
    new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength),
  );
}

function onEnd(this: Socket): void {
  const stream = (this as Wrapped)[STREAM];
  if (!stream.failLate()) stream.sink?.onEnd();
}

function onError(this: Socket, error: Error): void {
  (this as Wrapped)[STREAM].failed(error);
}

function onClose(this: Socket): void {
  (this as Wrapped)[STREAM].closed();
}

/** Bytes of a write that may have been answered before the system has taken all of it. */
const LARGE_WRITE = 16 * 1024;
/** Time in ms for what came in before a write failed: a peer that is gone has sent it already. */
const LAST_READS = 100;

/**
 * In place of a socket's `_write()`: Node drops what came in as soon as it knows that a write failed,
 * and that may be the answer of a peer which did not want to read it all.
 */
function writeReadingOn(
  this: Socket,
  chunk: Uint8Array,
  encoding: BufferEncoding,
  callback: (error?: Error | null) => void,
): void {
  const { _write } = Object.getPrototypeOf(this) as Socket;
  if (chunk.length < LARGE_WRITE) return _write.call(this, chunk, encoding, callback);
  _write.call(this, chunk, encoding, (error) => {
    const { [STREAM]: stream } = this as Wrapped;
    if (!error || !stream.readsOn(error, callback)) callback(error);
  });
}

/** See the module's text. */
export class NodeStream implements ByteStream {
  /** Who is told; the listeners above read it. */
  sink: StreamSink | null = null;
  readonly #socket: Socket;
  #atWork = 0;
  #error: NetError | null = null;
  #releasing = false;
  /** Tells Node of the write that failed; null when none did. */
  #fail: (() => void) | null = null;
  #cancelLastReads: (() => void) | null = null;
  #local: SocketAddress | undefined;
  readonly #remote: SocketAddress | undefined;
  readonly #path: string | null;

  /** Takes over a connected socket that has not read yet. `path` is a Unix socket's. */
  constructor(socket: Socket, unix?: { local: string | null; remote: string | null }) {
    this.#socket = socket;
    (socket as Wrapped)[STREAM] = this;
    if (unix !== undefined) {
      this.#local = { transport: "unix", path: unix.local };
      this.#remote = { transport: "unix", path: unix.remote };
    } else if (socket.remoteAddress !== undefined) {
      this.#remote = tcpAddress(socket.remoteAddress, socket.remotePort ?? 0);
    }
    this.#path = unix?.remote ?? null;
    socket.on("error", onError);
    socket.on("close", onClose);
    socket._write = writeReadingOn;
  }

  get localAddress(): SocketAddress | undefined {
    const { localAddress, localPort } = this.#socket;
    if (this.#local === undefined && localAddress !== undefined) {
      this.#local = tcpAddress(localAddress, localPort ?? 0);
    }
    return this.#local;
  }

  get remoteAddress(): SocketAddress | undefined {
    return this.#remote;
  }

  /** Node reads into fresh memory each time. */
  get givesChunks(): boolean {
    return true;
  }

  attach(sink: StreamSink): void {
    const handedOver = this.sink !== null;
    this.sink = sink;
    const socket = this.#socket;
    socket.pause();
    if (handedOver) return;
    socket.on("data", onData);
    socket.on("end", onEnd);
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
    this.#socket.write(chunk, this.#written);
  }

  writeText(text: string): void {
    this.#atWork = text.length;
    this.#socket.write(text, "latin1", this.#written);
  }

  /** Node calls it with the error as well when a write fails; `error` and `close` tell that. */
  readonly #written = (error?: Error | null): void => {
    if (!error && !this.#releasing && !this.#socket.destroyed) this.sink?.onWritten(this.#atWork);
  };

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
    if (this.#remote?.transport === "tcp" && !this.#socket.writableEnded) {
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

  /** Gives the socket up for another to use; nothing is told any more. */
  release(): Socket {
    this.sink = null;
    delete (this.#socket as Partial<Socket>)._write;
    return this.#socket.off("data", onData).off("end", onEnd).off("error", onError)
      .off("close", onClose);
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

  /** For the listeners: tells Node now that a write failed; false when none did. */
  failLate(): boolean {
    const fail = this.#fail;
    if (fail === null) return false;
    this.#fail = null;
    this.#cancelLastReads!();
    fail();
    return true;
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
    if (sink === null) return;
    // Node keeps what it read before a reset; it is still the reader's.
    for (let chunk = this.#socket.read(); chunk !== null; chunk = this.#socket.read()) {
      if (!this.#releasing) sink.onData(new Uint8Array(chunk));
    }
    sink.onClose(this.#releasing ? null : this.#error);
  }

  #attempt(error: Error): Attempt {
    const syscall = (error as { syscall?: string }).syscall ?? "read";
    if (this.#remote?.transport !== "tcp") return { syscall, address: this.#path ?? undefined };
    return { syscall, address: this.#remote.address, port: this.#remote.port };
  }
}
