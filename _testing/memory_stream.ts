/**
 * A byte stream in memory: two ends with a bounded buffer each way, half-close, short writes, and
 * faults on demand. It behaves as the seam says, so what works over it works over a socket.
 *
 * @module
 */

import { type SocketAddress, tcpAddress } from "../_core/address.ts";
import { concat } from "../_core/bytes.ts";
import { netError } from "../_core/errors.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";

/** How a pair of streams behaves. */
export interface MemoryOptions {
  /** Bytes that fit between a write and the peer's read, each way. Default 64 KiB. */
  capacity?: number;
  /** The largest chunk that a read gives. Default 64 KiB. */
  chunk?: number;
}

/** One end of a pair. */
export class MemoryStream implements ByteStream {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  /** What was done to this end, for tests to look at. */
  readonly calls: string[] = [];
  readonly #capacity: number;
  readonly #chunk: number;
  #peer: MemoryStream | null = null;
  #sink: StreamSink | null = null;
  #flowing = false;
  #incoming: Uint8Array[] = [];
  #waiting = 0;
  #writing: Uint8Array | null = null;
  #peerEnded = false;
  #endTold = false;
  #failure: ReturnType<typeof netError> | null = null;
  #closed = false;
  #scheduled = false;

  constructor(local: number, remote: number, options: MemoryOptions) {
    this.localAddress = tcpAddress("127.0.0.1", local);
    this.remoteAddress = tcpAddress("127.0.0.1", remote);
    this.#capacity = options.capacity ?? 64 * 1024;
    this.#chunk = options.chunk ?? 64 * 1024;
  }

  /** Two connected ends. */
  static pair(options: MemoryOptions = {}): [MemoryStream, MemoryStream] {
    const a = new MemoryStream(1, 2, options);
    const b = new MemoryStream(2, 1, options);
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  attach(sink: StreamSink): void {
    this.#sink = sink;
    this.#schedule();
  }

  resume(): void {
    this.calls.push("resume");
    this.#flowing = true;
    this.#schedule();
  }

  pause(): void {
    this.calls.push("pause");
    this.#flowing = false;
  }

  /** Whoever uses a recycled chunk all the same shall notice. */
  recycle(chunk: Uint8Array): void {
    this.calls.push(`recycle(${chunk.length})`);
    chunk.fill(0xdd);
  }

  write(chunk: Uint8Array): void {
    if (this.#writing !== null) throw new Error("A second write while one is at work");
    this.calls.push(`write(${chunk.length})`);
    this.#writing = chunk;
    this.#schedule();
  }

  end(): void {
    if (this.#writing !== null) throw new Error("An end while a write is at work");
    this.calls.push("end");
    queueMicrotask(() => {
      if (this.#closed) return;
      this.#peer!.#receiveEnd();
      this.#sink?.onFinish();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.calls.push("close");
    const unread = this.#waiting > 0;
    this.#closed = true;
    // A kernel resets when input is left unread, and otherwise ends.
    if (unread) this.#peer!.fail("ECONNRESET");
    else this.#peer!.#receiveEnd();
    queueMicrotask(() => this.#sink?.onClose(null));
  }

  reset(): void {
    this.calls.push("reset");
    this.#peer!.fail("ECONNRESET");
    this.close();
  }

  /** The fault: this end fails with a code once what came in before was read. */
  fail(code: "ECONNRESET" | "EPIPE" | "ETIMEDOUT"): void {
    if (this.#closed || this.#failure !== null) return;
    this.#failure = netError(code, "Cannot go on", { syscall: "read" });
    this.#schedule();
  }

  setNoDelay(on: boolean): void {
    this.calls.push(`setNoDelay(${on})`);
  }

  setKeepAlive(on: boolean, delay: number): void {
    this.calls.push(`setKeepAlive(${on}, ${delay})`);
  }

  ref(): void {
    this.calls.push("ref");
  }

  unref(): void {
    this.calls.push("unref");
  }

  #receiveEnd(): void {
    this.#peerEnded = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.#closed || this.#sink === null) return;
      this.#read();
      this.#moveOut();
    });
  }

  #read(): void {
    if (this.#waiting === 0 && this.#failure !== null) return this.#die();
    if (!this.#flowing) return;
    if (this.#waiting > 0) {
      const all = concat(this.#incoming);
      const chunk = all.slice(0, this.#chunk);
      const rest = all.slice(this.#chunk);
      this.#incoming = rest.length > 0 ? [rest] : [];
      this.#waiting = rest.length;
      this.#peer!.#schedule();
      this.#schedule();
      this.#sink!.onData(chunk);
    } else if (this.#peerEnded && !this.#endTold) {
      this.#endTold = true;
      this.#sink!.onEnd();
    }
  }

  #die(): void {
    this.#closed = true;
    this.#sink!.onClose(this.#failure);
  }

  #moveOut(): void {
    const chunk = this.#writing;
    const peer = this.#peer!;
    if (chunk === null || this.#closed) return;
    if (peer.#closed) return this.fail("EPIPE");
    const count = Math.min(chunk.length, peer.#capacity - peer.#waiting);
    if (count === 0) return;
    peer.#incoming.push(chunk.slice(0, count));
    peer.#waiting += count;
    peer.#schedule();
    this.#writing = null;
    this.#sink!.onWritten(count);
  }
}
