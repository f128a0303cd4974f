/**
 * Raw DEFLATE by `node:zlib`, which both runtimes have, for messages that are compressed one by one
 * with the memory of those before (RFC 7692).
 *
 * Its streams are asynchronous, and its synchronous functions keep no memory between calls and set
 * up anew each time, which costs more than a small message itself. So the handle below a stream is
 * used, by the one method that the synchronous functions stand on too, the same in Node and Deno.
 *
 * @module
 */

import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";

/** The native part of a stream. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
  reset(): void;
  close(): void;
  onerror: (message: string) => void;
}

/** A stream, seen from below. */
interface Stream {
  readonly _handle: Handle;
  /** After a write: room left in the output, and input left over. */
  readonly _writeState: Uint32Array;
}

/** Output goes here first; it is of no use to anybody between two calls. */
const OUTPUT_SIZE = 64 * 1024;
let output: Uint8Array | null = null;

/** Who takes what comes out. */
export interface InflatedSink {
  /** Inflated bytes, from `start` to `end`, borrowed; false when no more of them are wanted. */
  onInflated(bytes: Uint8Array, start: number, end: number): boolean;
}

/** Sets up what both directions share. */
function open(stream: object, onError: () => void): Stream {
  const opened = stream as Stream;
  // The stream itself would emit `error`, for which nobody listens.
  opened._handle.onerror = onError;
  return opened;
}

/** Inflates a series of messages. */
export class RawInflate {
  readonly #stream: Stream;
  #failed = false;

  /** Makes one for a window of 2 to the power of `windowBits`, 8 to 15, or a smaller one. */
  constructor(windowBits: number) {
    this.#stream = open(createInflateRaw({ windowBits }), () => this.#failed = true);
  }

  /** Inflates some more; false when it is no DEFLATE data. */
  push(input: Uint8Array, start: number, end: number, sink: InflatedSink): boolean {
    const { _handle: handle, _writeState: state } = this.#stream;
    let at = start;
    for (;;) {
      // Who takes the output may inflate something else meanwhile.
      const room = output ?? new Uint8Array(OUTPUT_SIZE);
      output = null;
      handle.writeSync(constants.Z_SYNC_FLUSH, input, at, end - at, room, 0, OUTPUT_SIZE);
      if (this.#failed) return false;
      const length = OUTPUT_SIZE - state[0]!;
      at = end - state[1]!;
      const wanted = length === 0 || sink.onInflated(room, 0, length);
      output = room;
      if (!wanted) return true;
      if (length === OUTPUT_SIZE) continue;
      if (at === end) return true;
      // Input is left with room for output: a block was marked as the last. The next stream of
      // blocks follows (RFC 7692, section 7.2.3.4).
      handle.reset();
    }
  }

  /** Forgets what came before. */
  reset(): void {
    this.#stream._handle.reset();
  }

  /** Gives its memory back. */
  close(): void {
    this.#stream._handle.close();
  }
}

/** Deflates a series of messages. */
export class RawDeflate {
  readonly #stream: Stream;

  /** Makes one; zlib cannot do 8 bits of window, and its 9 reach no further than 8 would. */
  constructor(windowBits: number, level: number, memLevel: number) {
    const options = { windowBits: Math.max(9, windowBits), level, memLevel };
    this.#stream = open(createDeflateRaw(options), () => {});
  }

  /** Deflates a message up to a byte boundary, with the empty block that marks it at the end. */
  deflate(input: Uint8Array): Uint8Array {
    const { _handle: handle, _writeState: state } = this.#stream;
    const room = output ??= new Uint8Array(OUTPUT_SIZE);
    const pieces: Uint8Array[] = [];
    let left = input.length;
    for (;;) {
      const at = input.length - left;
      handle.writeSync(constants.Z_SYNC_FLUSH, input, at, left, room, 0, OUTPUT_SIZE);
      left = state[1]!;
      const piece = room.slice(0, OUTPUT_SIZE - state[0]!);
      if (state[0] !== 0) return pieces.length === 0 ? piece : join(pieces, piece);
      pieces.push(piece);
    }
  }

  /** Forgets what came before. */
  reset(): void {
    this.#stream._handle.reset();
  }

  /** Gives its memory back. */
  close(): void {
    this.#stream._handle.close();
  }
}

function join(pieces: Uint8Array[], last: Uint8Array): Uint8Array {
  const all = new Uint8Array(pieces.length * OUTPUT_SIZE + last.length);
  pieces.forEach((piece, index) => all.set(piece, index * OUTPUT_SIZE));
  all.set(last, pieces.length * OUTPUT_SIZE);
  return all;
}
