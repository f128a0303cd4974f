/**
 * The outgoing half of an end: makes frames of messages and hands them on, in as few pieces as can
 * be. What is sent while the connection reads leaves when it has read.
 *
 * @module
 */

import { MOST_BYTES_OF_A_LETTER, utf8, utf8Into } from "../../_core/text.ts";
import { batch, type FrameSender, MOST_BATCHED } from "./frame_batch.ts";
import type { Role } from "./frame.ts";
import {
  finishMasked,
  headLength,
  maskedFrame,
  unmaskedFrame,
  unmaskedHead,
  writeFrame,
  writeHead,
  writeMaskedFrame,
} from "./frame_writer.ts";

/** Where bytes go. */
export interface OutputSink {
  /** Send this, after all before it; `lent` is its memory, to be released when it has gone out. */
  write(bytes: Uint8Array, lent?: SpareBuffer): void;
}

/** The longest head: two, a length of eight, a key of four. */
const LONGEST_HEAD = 14;

/** Payloads from this size on leave in a buffer that is used again: fresh memory costs more. */
const BUFFERED_FROM = 16 * 1024;
/** Larger payloads of a server go out behind their head without being copied. */
const COPY_UP_TO = 64 * 1024;
/** Buffers for frames of that size that nobody uses, whoever had them. */
const spares: SpareBuffer[] = [];
const MOST_SPARES = 64;

/** Memory for one frame of up to `COPY_UP_TO` bytes. */
export class SpareBuffer {
  /** All of it. */
  readonly bytes = new Uint8Array(COPY_UP_TO + LONGEST_HEAD);

  /** What the bytes lie in. */
  get buffer(): ArrayBufferLike {
    return this.bytes.buffer;
  }

  /** Nobody uses it any more. */
  release(): void {
    if (spares.length < MOST_SPARES) spares.push(this);
  }
}

/** See the module's text. */
export class FrameOutput implements FrameSender {
  readonly #sink: OutputSink;
  readonly #isClient: boolean;
  readonly #nextKey: () => number;
  #held = false;

  /** Makes one; `nextKey` gives the keys of a client's frames. */
  constructor(sink: OutputSink, role: Role, nextKey: () => number) {
    this.#sink = sink;
    this.#isClient = role === "client";
    this.#nextKey = nextKey;
  }

  /** Bytes of frames that were held back. */
  get pending(): number {
    return batch.pending(this);
  }

  /** Holds frames back until `letGo()`, so that they leave together. */
  hold(): void {
    this.#held = true;
  }

  /** Lets them go. */
  letGo(): void {
    this.#held = false;
    batch.flush(this);
  }

  /** Sends what was held back. */
  flush(): void {
    batch.flush(this);
  }

  /** Sends a frame. Large payloads may not be changed before they have gone out. */
  send(first: number, payload: Uint8Array): void {
    const { length } = payload;
    if (length <= MOST_BATCHED - LONGEST_HEAD) return this.#sendSmall(first, payload);
    batch.flush(this);
    if (length >= BUFFERED_FROM && length <= COPY_UP_TO) return this.#sendBuffered(first, payload);
    if (this.#isClient) return this.#sink.write(maskedFrame(first, payload, this.#nextKey()));
    if (length < BUFFERED_FROM) return this.#sink.write(unmaskedFrame(first, payload));
    this.#sink.write(unmaskedHead(first, length));
    this.#sink.write(payload);
  }

  /** Sends a text as a frame. */
  sendText(first: number, text: string): void {
    const most = text.length * MOST_BYTES_OF_A_LETTER + LONGEST_HEAD;
    if (most > MOST_BATCHED) return this.send(first, utf8(text));
    const at = batch.reserve(this, most);
    const { bytes } = batch;
    const masked = this.#isClient;
    // Most texts are ASCII; others make place for a longer head afterwards.
    const expected = headLength(text.length, masked);
    const length = utf8Into(text, bytes, at + expected);
    const head = headLength(length, masked);
    if (head !== expected) bytes.copyWithin(at + head, at + expected, at + expected + length);
    if (masked) finishMasked(bytes, at, first, length, this.#nextKey());
    else writeHead(bytes, at, first, length, false);
    this.#added(head + length);
  }

  /** Sends frames that were made before. */
  sendFrame(frame: Uint8Array): void {
    batch.flush(this);
    this.#sink.write(frame);
  }

  writeFrames(frames: Uint8Array): void {
    this.#sink.write(frames);
  }

  #sendSmall(first: number, payload: Uint8Array): void {
    const at = batch.reserve(this, payload.length + LONGEST_HEAD);
    this.#added(this.#write(batch.bytes, at, first, payload));
  }

  #added(length: number): void {
    batch.add(length);
    if (!this.#held) batch.flush(this);
  }

  #sendBuffered(first: number, payload: Uint8Array): void {
    const spare = spares.pop() ?? new SpareBuffer();
    const length = this.#write(spare.bytes, 0, first, payload);
    this.#sink.write(spare.bytes.subarray(0, length), spare);
  }

  #write(target: Uint8Array, at: number, first: number, payload: Uint8Array): number {
    if (!this.#isClient) return writeFrame(target, at, first, payload);
    return writeMaskedFrame(target, at, first, payload, this.#nextKey());
  }
}
