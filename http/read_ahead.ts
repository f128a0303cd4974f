/**
 * Content of a response that can only be had from its stream, although it may be all there: where a
 * runtime hides the inside of its responses (Node 22 and later), even a short text is a stream. Known
 * as a whole it goes out with its length and in one write.
 *
 * @module
 */

import { takeQueued } from "./queued_stream.ts";

/** What a reader of a web stream reads. */
type Result = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]>>;

/** Gives content chunk by chunk. */
export interface ChunkReader {
  /** The next chunk. */
  read(): Promise<Result>;
  /** Nobody wants the rest. */
  cancel(reason?: unknown): Promise<void>;
}

/** Turns of the promise queue that a stream gets; the runtime's own streams of text take three. */
const TURNS = 6;

/** See the module's text. */
export class ReadAhead implements ChunkReader {
  /** What is read. */
  readonly stream: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  /** Reads that were begun ahead, in their order. */
  readonly #begun: Promise<Result>[] = [];

  /** Takes a stream, which is locked once it is read. */
  constructor(stream: ReadableStream<Uint8Array>) {
    this.stream = stream;
  }

  /**
   * The content if it is all there, as one chunk at most, without waiting for anything; else null,
   * and `read()` gives all of it.
   */
  async whole(): Promise<Uint8Array | null> {
    // The runtime closes a stream of its own right after it has made it.
    await null;
    const queued = takeQueued(this.stream);
    if (queued !== null) return queued;
    const first = await this.#ahead();
    if (first === null) return null;
    if (first.done) return new Uint8Array(0);
    const second = await this.#ahead();
    return second?.done && first.value instanceof Uint8Array ? first.value : null;
  }

  read(): Promise<Result> {
    return this.#begun.shift() ?? this.#read();
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#reader === null ? this.stream.cancel(reason) : this.#reader.cancel(reason);
  }

  #read(): Promise<Result> {
    return (this.#reader ??= this.stream.getReader()).read();
  }

  /** What the next read gives; null when it does not give it at once. */
  async #ahead(): Promise<Result | null> {
    let result: Result | null = null;
    const reading = this.#read();
    this.#begun.push(reading);
    // Whoever reads it later hears of a failure.
    reading.then((settled) => result = settled, () => {});
    for (let turn = 0; turn < TURNS && result === null; turn++) await null;
    return result;
  }
}
