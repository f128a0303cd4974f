/**
 * UTF-8 as it comes in: a text may be cut anywhere between fragments and reads, and the first byte
 * that cannot be part of it fails the connection at once (RFC 6455, section 8.1).
 *
 * @module
 */

import { latin1 } from "../../_core/text.ts";

/** Below this many bytes a view of words costs more than it saves. */
const WORDS_FROM = 64;
const HIGH_BITS = 0x80808080 | 0;

// A byte order mark is a part of the text here.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Gives the place of the first byte beyond ASCII, or `end`. */
export function skipAscii(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if (end - start >= WORDS_FROM) {
    const aligned = start + (-(bytes.byteOffset + start) & 3);
    while (at < aligned) {
      if (bytes[at]! >= 0x80) return at;
      at += 1;
    }
    at += asciiWords(new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2)) * 4;
  }
  while (at < end && bytes[at]! < 0x80) at += 1;
  return at;
}

/** How many whole words from the start on are ASCII, in steps of four. */
function asciiWords(words: Int32Array): number {
  let at = 0;
  for (const whole = words.length - 3; at < whole; at += 4) {
    const any = words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!;
    if ((any & HIGH_BITS) !== 0) return at;
  }
  return at;
}

/** Turns bytes that are known to be UTF-8 into text. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number, ascii: boolean): string {
  if (ascii) return latin1(bytes, start, end);
  return decoder.decode(bytes.subarray(start, end));
}

/** Checks one text, piece by piece. */
export class Utf8Validator {
  /** Whether all that came so far is ASCII. */
  ascii = true;
  /** Continuation bytes that are still due, and the range of the next of them. */
  #due = 0;
  #low = 0x80;
  #high = 0xbf;

  /** Begins with a new text. */
  reset(): void {
    this.ascii = true;
    this.#due = 0;
    this.#low = 0x80;
    this.#high = 0xbf;
  }

  /** Whether the text may end here: no character is left half. */
  get complete(): boolean {
    return this.#due === 0;
  }

  /** Takes the next piece; false as soon as a byte cannot follow. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    let at = this.#due === 0 ? skipAscii(bytes, start, end) : start;
    if (at === end) return true;
    this.ascii = false;
    while (at < end) {
      const byte = bytes[at]!;
      if (this.#due > 0) {
        if (byte < this.#low || byte > this.#high) return false;
        this.#due -= 1;
        this.#low = 0x80;
        this.#high = 0xbf;
      } else if (byte >= 0x80) {
        if (!this.#lead(byte)) return false;
      } else {
        at = skipAscii(bytes, at, end);
        continue;
      }
      at += 1;
    }
    return true;
  }

  /** The first byte of a character (RFC 3629, section 4: no overlong forms, no surrogates). */
  #lead(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#due = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte === 0xe0) this.#low = 0xa0;
    else if (byte === 0xed) this.#high = 0x9f;
    else if (byte === 0xf0) this.#low = 0x90;
    else if (byte === 0xf4) this.#high = 0x8f;
    return true;
  }
}
