/**
 * The writing side of every stream: one queue that keeps the order of writes that nobody awaited,
 * has a single write at work, loops over short counts, and joins the small writes that come in
 * meanwhile, so that a thousand small writes in one turn leave in a few system calls. The first
 * write of a turn goes out at once: a request or an answer waits for nothing.
 *
 * @module
 */

import { Deferred } from "../_core/deferred.ts";
import { netError } from "../_core/errors.ts";
import { Fifo } from "../_core/fifo.ts";
import { utf8 } from "../_core/text.ts";
import { type Data, toBytes } from "../_core/bytes.ts";
import { bufferFullError, type Failure } from "./failure.ts";

/** A write up to this size is copied into the joined chunk; a larger one goes out by itself. */
const JOIN_UP_TO = 16 * 1024;
/** The joined chunk's size: the least it starts with, and the most that leaves in one write. */
const JOINED_LEAST = 2 * 1024;
const JOINED_MOST = 64 * 1024;

/**
 * The most that is at work at a time: Node tells of a write when the system has taken all of it, and
 * who waits for a slow peer has to see it take some.
 */
const AT_WORK_MOST = 1024 * 1024;

/** Letters of a text that is copied one by one. */
const SHORT = 16;

/** Joined chunks of the least size that have gone out, for all queues: fresh memory costs more. */
const spares: Uint8Array[] = [];
const MOST_SPARES = 64;
/** Those that may become a spare: others' chunks may be as large. */
const joinedBuffers = new WeakSet<ArrayBufferLike>();

function leastJoined(): Uint8Array {
  const spare = spares.pop();
  if (spare !== undefined) return spare;
  const made = new Uint8Array(JOINED_LEAST);
  joinedBuffers.add(made.buffer);
  return made;
}

function giveBack({ buffer }: Uint8Array): void {
  if (buffer.byteLength !== JOINED_LEAST || spares.length >= MOST_SPARES) return;
  if (joinedBuffers.has(buffer)) spares.push(new Uint8Array(buffer));
}

const encoder = new TextEncoder();

/** Stands for a text at work, whose bytes nobody has. */
const TEXT = new Uint8Array(0);

/** What the queue asks of the stream that it serves. */
export interface WriteQueueOwner {
  /** Starts one write of one byte or more; `written` answers. */
  startWrite(chunk: Uint8Array): void;
  /** The same for a text of one letter a byte; false when it has to come as bytes. */
  startText?(text: string): boolean;
  /** Everything has gone out. */
  onEmpty(): void;
  /** The bytes at hand cannot be sent as they were given. */
  onUnsendable(error: unknown): void;
}

/** Memory that a chunk lies in, and that is used again once the chunk has gone out. */
export interface Lent {
  /** The memory: all of the chunk is in it, and no chunk of anybody else. */
  readonly buffer: ArrayBufferLike;
  /** It is free. */
  release(): void;
}

/** Those who wait until the bytes up to a mark have gone out. */
interface Flush {
  readonly mark: number;
  readonly done: Deferred<void>;
}

/** The queue of writes of one stream. */
export class WriteQueue {
  readonly #owner: WriteQueueOwner;
  readonly #limit: number;
  #open = false;
  /** Made with the first chunk that has to wait. */
  #chunks: Fifo<Uint8Array> | null = null;
  /** The last of `#chunks` while it can still take small writes, filled up to `#joinedLength`. */
  #joined: Uint8Array | null = null;
  #joinedLength = 0;
  /** How much the next one takes. */
  #joinedSize = JOINED_LEAST;
  #held = false;
  /** The only write since `hold()`: a single one needs no copy. */
  #single: Uint8Array | null = null;
  #atWork: Uint8Array | null = null;
  #atWorkLength = 0;
  #queued = 0;
  #written = 0;
  #flushes: Fifo<Flush> | null = null;
  #lastFlush: Flush | null = null;
  #failure: Failure | null = null;
  /** The memory of those chunks that give it back, in their order. */
  #lent: Fifo<Lent> | null = null;

  /** Makes a queue that holds everything back until `open()`, and takes no more above `limit`. */
  constructor(owner: WriteQueueOwner, limit: number) {
    this.#owner = owner;
    this.#limit = limit;
  }

  /** Bytes that were given and not yet taken by the system. */
  get bufferedAmount(): number {
    return this.#queued - this.#written;
  }

  /** Bytes that the system took. */
  get bytesWritten(): number {
    return this.#written;
  }

  /** How many chunks wait. */
  get #waiting(): number {
    return this.#chunks === null ? 0 : this.#chunks.length;
  }

  /** The stream is there: what waits goes out. */
  open(): void {
    this.#open = true;
    this.#next();
  }

  /** As `push()`, for a chunk in memory that is given back at some time, or let go of. */
  pushLent(chunk: Uint8Array, lent: Lent): void {
    // A smaller one may be copied, and the copy is what goes out.
    if (chunk.length > JOIN_UP_TO) (this.#lent ??= new Fifo()).push(lent);
    this.push(chunk);
  }

  /** Keeps what is written from now on until `letGo()`, so that it leaves together. */
  hold(): void {
    this.#held = true;
  }

  /** Lets what was kept go out. */
  letGo(): void {
    this.#held = false;
    const single = this.#single;
    this.#single = null;
    if (single !== null) this.#startWaiting(single);
    else if (this.#atWork === null && this.#waiting > 0 && this.#open) this.#next();
  }

  /** Queues data, or starts to write it at once when nothing is at work. */
  push(data: Data): void {
    const idle = this.#atWork === null && this.#open;
    if (idle && this.#single === null && this.#waiting === 0) {
      const bytes = toBytes(data);
      if (bytes.length === 0) return;
      this.#queued += bytes.length;
      if (this.#held) this.#single = bytes;
      else this.#start(bytes);
      return;
    }
    if (!this.#makeRoom()) return;
    if (typeof data === "string" && data.length * 3 <= JOIN_UP_TO) return this.#joinText(data);
    const bytes = toBytes(data);
    if (bytes.length === 0) return;
    this.#queued += bytes.length;
    this.#queue(bytes);
  }

  /** As `push()`, for a text of ASCII letters alone. */
  pushAscii(text: string): void {
    if (text === "") return;
    const isFirst = this.#atWork === null && this.#open && this.#single === null &&
      this.#waiting === 0;
    if (text.length > JOIN_UP_TO || (isFirst && !this.#held)) return this.#pushText(text, isFirst);
    if (!this.#makeRoom()) return;
    this.#queued += text.length;
    this.#addAscii(this.#room(text.length), text);
  }

  /** Queues bytes between two short texts of ASCII letters; after `hold()`. */
  pushFramed(before: string, bytes: Uint8Array, after: string): void {
    const length = before.length + bytes.length + after.length;
    if (length > JOIN_UP_TO) {
      this.pushAscii(before);
      this.push(bytes);
      return this.pushAscii(after);
    }
    if (!this.#makeRoom()) return;
    this.#queued += length;
    const room = this.#room(length);
    this.#addAscii(room, before);
    room.set(bytes, this.#joinedLength);
    this.#joinedLength += bytes.length;
    this.#addAscii(room, after);
  }

  #addAscii(room: Uint8Array, text: string): void {
    const start = this.#joinedLength;
    if (text.length > SHORT) encoder.encodeInto(text, room.subarray(start));
    else {
      // For a few letters that is faster: the lines between chunks are this short.
      for (let at = 0; at < text.length; at++) room[start + at] = text.charCodeAt(at);
    }
    this.#joinedLength = start + text.length;
  }

  #pushText(text: string, isFirst: boolean): void {
    if (!isFirst || this.#held || this.#owner.startText?.(text) !== true) {
      return this.push(utf8(text));
    }
    this.#atWork = TEXT;
    this.#atWorkLength = text.length;
    this.#queued += text.length;
  }

  /** Puts the only write since `hold()` to what waits; false when no more may wait. */
  #makeRoom(): boolean {
    const single = this.#single;
    this.#single = null;
    if (single?.length === 0) {
      this.#unsendable();
      return false;
    }
    if (single !== null) this.#queue(single);
    if (this.bufferedAmount <= this.#limit) return true;
    this.#owner.onUnsendable(bufferFullError(this.bufferedAmount));
    return false;
  }

  /** The system took `count` bytes of the chunk at work. */
  written(count: number): void {
    const chunk = this.#atWork;
    if (chunk === null) return;
    this.#written += count;
    if (chunk === TEXT) {
      this.#atWork = null;
      this.#next();
      if (this.#flushes !== null) this.#settleFlushes(this.#flushes);
      return;
    }
    if (chunk.length !== this.#atWorkLength) return this.#unsendable();
    if (count < chunk.length) {
      this.#start(chunk.subarray(count));
    } else {
      this.#atWork = null;
      giveBack(chunk);
      if (this.#lent?.peek()?.buffer === chunk.buffer) this.#lent.shift()!.release();
      this.#next();
    }
    if (this.#flushes !== null) this.#settleFlushes(this.#flushes);
  }

  /** Resolves when the system has taken everything that was given so far. */
  flush(): Promise<void> {
    if (this.bufferedAmount === 0) return Promise.resolve();
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    if (this.#lastFlush?.mark !== this.#queued) {
      this.#lastFlush = { mark: this.#queued, done: new Deferred() };
      (this.#flushes ??= new Fifo()).push(this.#lastFlush);
    }
    // A promise of its own for each, so that one who forgets it is told.
    return this.#lastFlush.done.promise.then();
  }

  /** Gives up: what waits is dropped, and who waits for it is told why. */
  fail(failure: Failure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#chunks?.clear();
    this.#single = null;
    this.#joined = null;
    this.#atWork = null;
    this.#lent = null;
    for (let next = this.#flushes?.shift(); next !== undefined; next = this.#flushes?.shift()) {
      next.done.reject(failure.error);
    }
  }

  #start(chunk: Uint8Array): void {
    this.#atWork = chunk;
    this.#atWorkLength = chunk.length;
    this.#owner.startWrite(chunk.length > AT_WORK_MOST ? chunk.subarray(0, AT_WORK_MOST) : chunk);
  }

  #next(): void {
    if (this.#atWork !== null) return;
    if (this.#waiting === 0) {
      this.#joinedSize = JOINED_LEAST;
      return this.#owner.onEmpty();
    }
    this.#closeJoined();
    this.#startWaiting(this.#chunks!.shift()!);
  }

  /** Starts a chunk that has waited; an empty one never does, so that was transferred meanwhile. */
  #startWaiting(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#start(chunk);
    else this.#unsendable();
  }

  #unsendable(): void {
    this.#owner.onUnsendable(
      netError("ERR_INVALID_STATE", "Cannot send a chunk whose buffer was transferred meanwhile"),
    );
  }

  #queue(bytes: Uint8Array): void {
    if (bytes.length <= JOIN_UP_TO) return this.#join(bytes);
    this.#closeJoined();
    (this.#chunks ??= new Fifo()).push(bytes);
  }

  #join(bytes: Uint8Array): void {
    const room = this.#room(bytes.length);
    room.set(bytes, this.#joinedLength);
    this.#joinedLength += bytes.length;
  }

  #joinText(text: string): void {
    if (text === "") return;
    const room = this.#room(text.length * 3);
    const { written } = encoder.encodeInto(text, room.subarray(this.#joinedLength));
    this.#joinedLength += written;
    this.#queued += written;
  }

  /** The joined chunk with space for `length` more bytes. */
  #room(length: number): Uint8Array {
    const joined = this.#joined;
    if (joined !== null && joined.length - this.#joinedLength >= length) return joined;
    // Twice as large when the last was filled, so that a burst soon fills whole chunks, and a lone
    // small write, the frame around a large one say, does not cost one.
    if (joined !== null) this.#joinedSize = Math.min(JOINED_MOST, 2 * this.#joinedSize);
    this.#closeJoined();
    const size = Math.max(this.#joinedSize, length);
    this.#joined = size === JOINED_LEAST ? leastJoined() : new Uint8Array(size);
    this.#joinedLength = 0;
    (this.#chunks ??= new Fifo()).push(this.#joined);
    return this.#joined;
  }

  #closeJoined(): void {
    if (this.#joined === null) return;
    this.#chunks!.replaceLast(this.#joined.subarray(0, this.#joinedLength));
    this.#joined = null;
  }

  #settleFlushes(flushes: Fifo<Flush>): void {
    for (let next = flushes.peek(); next !== undefined; next = flushes.peek()) {
      if (next.mark > this.#written) return;
      flushes.shift();
      next.done.resolve();
    }
  }
}
