/**
 * The life of one connection over a byte stream: opening, data both ways, the end of either side,
 * lingering, failure, close. Role-neutral and free of events: what happens is told to an owner,
 * the public socket or a protocol's server.
 *
 * The order that an owner sees: open, data..., end, close; a failure is followed by close;
 * nothing comes after close.
 *
 * @module
 */

import { type Data, toBytes } from "../_core/bytes.ts";
import { Deferred } from "../_core/deferred.ts";
import type { NetError } from "../_core/errors.ts";
import type { ConnectionOptions, ConnectionOwner } from "./connection_owner.ts";
import * as failures from "./failure.ts";
import { Linger } from "./linger.ts";
import { ReadQueue, type ReadQueueOwner } from "./read_queue.ts";
import { SelfEnd } from "./self_end.ts";
import type { ByteStream, StreamSink } from "./stream.ts";
import type { Timeout } from "./timers.ts";
import { type Lent, WriteQueue, type WriteQueueOwner } from "./write_queue.ts";

/** Our side: open; ended by the caller; its FIN handed down; its FIN taken by the system. */
type WriteSide = "open" | "ending" | "finishing" | "ended";

/** What a waiting chunk costs besides its bytes: a peer may send single ones. */
const CHUNK_OVERHEAD = 64;

/** One connection; see the module's text. */
export class Connection implements StreamSink, ReadQueueOwner<Uint8Array>, WriteQueueOwner {
  /** What has come in and who reads it. */
  readonly reads: ReadQueue<Uint8Array>;
  /** The stream, once there is one. */
  stream: ByteStream | null = null;
  /** Bytes that came in. */
  bytesRead = 0;
  /** Whether the peer's end has come in. */
  peerEnded = false;
  /** Called once if the connection is destroyed while it waits for its stream. */
  abandon: (() => void) | null = null;
  readonly #owner: ConnectionOwner;
  readonly #options: ConnectionOptions;
  readonly #writes: WriteQueue;
  #onceOpen: ((stream: ByteStream) => void)[] | null = null;
  #writeSide: WriteSide = "open";
  #keepsHalfOpen: boolean;
  #selfEnd: SelfEnd | null = null;
  #needsDrain = false;
  #wantsReading = false;
  #idle: Timeout | null = null;
  #linger: Linger | null = null;
  #finished: Deferred<void> | null = null;
  #destroyed = false;
  #streamClosed = false;
  #closed = false;
  /** What the connection failed with; every later read and flush fails with the same. */
  #failure: failures.Failure | null = null;
  /** Why a write was refused. */
  #refusal: NetError | null = null;

  /** Makes a connection that waits for its stream. */
  constructor(owner: ConnectionOwner, options: ConnectionOptions) {
    this.#owner = owner;
    this.#options = options;
    this.#keepsHalfOpen = options.allowHalfOpen;
    this.reads = new ReadQueue<Uint8Array>(this, options.highWaterMark);
    this.#writes = new WriteQueue(this, options.maxBufferedAmount);
  }

  /** Bytes that the system took. */
  get bytesWritten(): number {
    return this.#writes.bytesWritten;
  }

  /** Bytes that were written and not yet taken by the system. */
  get bufferedAmount(): number {
    return this.#closed || this.#destroyed ? 0 : this.#writes.bufferedAmount;
  }

  /** Whether it has closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether it is closed or about to be. */
  get destroyed(): boolean {
    return this.#destroyed || this.#closed;
  }

  /** What it failed with. */
  get failure(): failures.Failure | null {
    return this.#failure;
  }

  /** Whether both sides ended well: all that was sent has gone out, and the peer's end was seen. */
  get endedWell(): boolean {
    return this.#failure === null && this.peerEnded && this.#writeSide === "ended";
  }

  /** The state by the names that node:net uses. */
  get readyState(): "opening" | "open" | "readOnly" | "writeOnly" | "closed" {
    if (this.destroyed) return "closed";
    if (this.stream === null) return "opening";
    const open = this.#writeSide === "open";
    return this.peerEnded ? (open ? "writeOnly" : "closed") : open ? "open" : "readOnly";
  }

  /** The stream is there. */
  open(stream: ByteStream): void {
    this.abandon = null;
    this.stream = stream;
    stream.attach(this);
    if (this.#destroyed) return stream.close();
    for (const action of this.#onceOpen ?? []) action(stream);
    this.#onceOpen = null;
    this.#owner.onOpen();
    if (this.#destroyed) return;
    this.#writes.open();
    if (this.#writeSide !== "open") this.#lingering().startSending();
    if (this.#wantsReading) stream.resume();
  }

  /** It is given up before it began: nothing is told, every wait rejects with the error. */
  openRefused(error: unknown): void {
    this.#destroyed = true;
    this.#closed = true;
    this.#failure = { error };
    this.#writes.fail(this.#failure);
    this.reads.fail(this.#failure);
  }

  /** Does something with the stream, now or as soon as there is one. */
  withStream(action: (stream: ByteStream) => void): void {
    if (this.stream !== null) {
      if (!this.#streamClosed) action(this.stream);
    } else {
      (this.#onceOpen ??= []).push(action);
    }
  }

  /** Holds back what comes in. Who waits for room to send what he reads, in vain, has read enough. */
  pause(): void {
    this.reads.pause();
    if (this.#failure !== null && this.#needsDrain) queueMicrotask(() => this.reads.drop());
  }

  /** Queues data; false when too much waits or it cannot be sent. `lent` is its memory, if lent. */
  write(data: Data, lent?: Lent): boolean {
    if (this.#writeSide !== "open" || this.#streamClosed || this.destroyed) {
      this.#refuse();
      this.#needsDrain ||= this.#failure !== null;
      return false;
    }
    if (lent === undefined) this.#writes.push(data);
    else this.#writes.pushLent(toBytes(data), lent);
    this.#idle?.touch();
    if (this.#writes.bufferedAmount <= this.#options.highWaterMark) return true;
    this.#needsDrain = true;
    return false;
  }

  /** Resolves when the system has taken all that was written so far. */
  flush(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    if (this.#refusal !== null) return Promise.reject(this.#refusal);
    return this.#writes.flush();
  }

  /** Ends our side once all has gone out, and `last` with it. Reading goes on. */
  end(last?: Data): void {
    if (last !== undefined) {
      // Who ends does not wait for room.
      const needsDrain = this.#needsDrain;
      this.write(last);
      this.#needsDrain = needsDrain;
    }
    if (this.#writeSide !== "open" || this.destroyed) return;
    this.#writeSide = "ending";
    this.#selfEnd?.stop();
    // Whoever reads later misses nothing, and a peer that just closes is noticed.
    this.reads.readAhead();
    if (this.stream !== null) this.#lingering().startSending();
    this.#finish();
  }

  /** Resolves when the system has taken our end. */
  finished(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    if (this.#writeSide === "ended") return Promise.resolve();
    if (this.destroyed) return Promise.reject(failures.closedError("end"));
    return (this.#finished ??= new Deferred()).promise;
  }

  /** As `end()`, and what still comes in is dropped. */
  close(): void {
    this.reads.drop();
    this.end();
  }

  /** Gives the connection up at once, with an error or without. */
  destroy(error?: unknown): void {
    this.#giveUp(error, (stream) => stream.close());
  }

  /** As `destroy()`, with an RST where the runtime can. */
  reset(): void {
    this.#giveUp(undefined, (stream) => stream.reset());
  }

  /** Keeps our side open when the peer ends its own. */
  keepHalfOpen(): void {
    this.#keepsHalfOpen = true;
    this.#selfEnd?.stop();
  }

  /** Reports `ms` of silence by `onTimeout`, once each time; 0 turns it off. */
  setTimeout(ms: number): void {
    this.#idle?.stop();
    this.#idle = null;
    if (ms <= 0 || !Number.isFinite(ms) || this.destroyed) return;
    this.#idle = this.#options.timers.timeout(ms, () => this.#owner.onTimeout());
    this.#idle.start();
  }

  // --- What the stream and the queues tell: see StreamSink, WriteQueueOwner, ReadQueueOwner ----

  /** Dropped bytes need no buffer of their own; nor does what its owner uses at once. */
  get borrows(): boolean {
    return this.reads.dropping || (this.#owner.borrows === true && this.reads.direct);
  }

  onData(chunk: Uint8Array): void {
    if (this.#destroyed) return;
    this.bytesRead += chunk.length;
    this.#idle?.touch();
    if (this.reads.dropping) {
      if (this.#writeSide !== "open" && this.#lingering().dropped(chunk.length)) this.destroy();
      return;
    }
    this.#linger?.touch();
    // What is written in answer leaves together, be it a head and a body or several answers.
    this.#writes.hold();
    this.reads.push(chunk);
    this.#writes.letGo();
  }

  onEnd(): void {
    if (this.#destroyed) return;
    this.peerEnded = true;
    this.reads.end();
    if (this.#writeSide === "ended") this.stream?.close();
  }

  onWritten(count: number): void {
    if (this.#destroyed) return;
    this.#idle?.touch();
    this.#linger?.sent();
    this.#writes.written(count);
  }

  onFinish(): void {
    if (this.#destroyed) return;
    this.#writeSide = "ended";
    this.#finished?.resolve();
    if (this.#refusal !== null) return this.destroy(this.#refusal);
    if (this.peerEnded) return this.stream?.close();
    this.#lingering().start(false);
  }

  onClose(error: NetError | null): void {
    this.#streamClosed = true;
    if (this.#destroyed) return this.#closeNow();
    if (error !== null) {
      this.#failure = { error };
      this.#writes.fail(this.#failure);
      if (this.#needsDrain && this.reads.paused) this.reads.drop();
      this.reads.fail(this.#failure);
    } else if (this.reads.finished) {
      return this.#closeNow();
    }
    // What came in before is still the reader's, for a while.
    if (!this.#closed) this.#lingering().start(true);
  }

  startWrite(chunk: Uint8Array): void {
    this.stream!.write(chunk);
  }

  onEmpty(): void {
    if (this.#needsDrain) {
      this.#needsDrain = false;
      this.#owner.onDrain();
    }
    this.#finish();
  }

  onUnsendable(error: unknown): void {
    this.destroy(error);
  }

  deliver(chunk: Uint8Array): boolean {
    return this.#owner.onData(chunk);
  }

  listening(): boolean {
    return this.#owner.listening();
  }

  deliverEnd(): void {
    this.#owner.onEnd();
    if (this.#destroyed) return;
    if (this.#streamClosed) return this.#closeNow();
    if (this.#keepsHalfOpen || this.#writeSide !== "open") return;
    const { timers, forgottenTimeout } = this.#options;
    this.#selfEnd = new SelfEnd(this.reads, timers, forgottenTimeout, () => this.end());
    this.#selfEnd.start();
  }

  deliverFailure(failure: failures.Failure): void {
    if (this.#destroyed) return;
    this.#failure ??= failure;
    this.#closeNow();
  }

  setReading(on: boolean): void {
    this.#wantsReading = on;
    if (this.#streamClosed || this.stream === null) return;
    if (on) this.stream.resume();
    else this.stream.pause();
  }

  sizeOf(chunk: Uint8Array): number {
    return chunk.length + CHUNK_OVERHEAD;
  }

  /** Hands our end to the stream when nothing is left before it. */
  #finish(): void {
    if (this.#writeSide !== "ending" || this.stream === null || this.#destroyed) return;
    if (this.#streamClosed || this.#writes.bufferedAmount > 0) return;
    this.#writeSide = "finishing";
    this.stream.end();
  }

  #refuse(): void {
    if (this.#failure !== null || this.#refusal !== null) return;
    const late = this.#selfEnd?.happened ?? false;
    if (this.destroyed) {
      this.#refusal = failures.closedError("write");
      if (late) this.#owner.onLateWrite(failures.peerEndedError());
      return;
    }
    this.#refusal = late ? failures.peerEndedError() : failures.writeAfterEndError();
    // What was written before the end goes out first.
    if (this.#writeSide === "ended") queueMicrotask(() => this.destroy(this.#refusal));
  }

  #giveUp(error: unknown, release: (stream: ByteStream) => void): void {
    if (this.#destroyed || this.#closed) return;
    this.#destroyed = true;
    if (error !== undefined) this.#failure ??= { error };
    const failure = this.#failure;
    this.#stopTimers();
    this.#writes.fail(failure ?? failures.CLOSED_TO_WRITES);
    this.reads.fail(failure ?? failures.CLOSED_TO_READS);
    this.reads.drop();
    this.abandon?.();
    this.abandon = null;
    if (this.stream !== null && !this.#streamClosed) release(this.stream);
    else queueMicrotask(() => (this.stream === null || this.#streamClosed) && this.#closeNow());
  }

  #stopTimers(): void {
    this.#idle?.stop();
    this.#linger?.stop();
    this.#selfEnd?.stop();
  }

  #lingering(): Linger {
    const { lingerCuts } = this.#options;
    return this.#linger ??= new Linger(this.#options, this.reads, {
      cutsReader: () => lingerCuts === "all" || (lingerCuts !== "none" && !this.#keepsHalfOpen),
      onSilence: () => this.#streamClosed ? this.#closeNow() : this.destroy(),
      onStall: () => this.destroy(failures.stalledError()),
    });
  }

  /** The one place that tells of a failure, and of the end of it all. */
  #closeNow(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#destroyed = true;
    this.#stopTimers();
    this.#writes.fail(failures.CLOSED_TO_WRITES);
    const failure = this.#failure;
    this.#finished?.reject(failure?.error ?? failures.closedError("end"));
    if (failure !== null) this.#owner.onError(failure.error);
    this.#owner.onClose(failure !== null);
  }
}
