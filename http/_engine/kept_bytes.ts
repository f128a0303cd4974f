/** The bytes of a head or a line that the end of a chunk has cut. @module */

import { CR } from "./grammar.ts";

const LEAST_CAPACITY = 512;

/** Gathers bytes until the line that is not complete yet is. */
export class KeptBytes {
  /** The bytes, in a buffer that may be longer. */
  bytes: Uint8Array = new Uint8Array(LEAST_CAPACITY);
  /** How many they are. */
  length = 0;
  /** Where the line begins that is not complete yet. */
  lineStart = 0;

  /** Adds a part of a chunk. */
  append(chunk: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (this.bytes.length < length) {
      const grown = new Uint8Array(2 * length);
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    const isWhole = start === 0 && end === chunk.length;
    this.bytes.set(isWhole ? chunk : chunk.subarray(start, end), this.length);
    this.length = length;
  }

  /** Whether a CR that another byte than LF follows is among the last bytes that were added. */
  hasBareCarriageReturn(added: number): boolean {
    const from = Math.max(this.lineStart, this.length - added - 1);
    const cr = this.bytes.indexOf(CR, from);
    return cr !== -1 && cr < this.length - 1;
  }
}
