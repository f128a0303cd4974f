/**
 * Masking of payloads (RFC 6455, section 5.3). It is its own inverse.
 *
 * @module
 */

import { makeWideMask, type WideMask } from "./wide_mask.ts";

/** Below this many bytes a view of words costs more than it saves. */
const WORDS_FROM = 96;
/** From this many bytes on WebAssembly takes less time. */
const WIDE_FROM = 1024;
/** That is made for the first of so many; null where it cannot be. */
let wide: WideMask | null | undefined;

const keyBytes = new Uint8Array(4);
const keyWord = new Int32Array(keyBytes.buffer);

/**
 * Masks bytes where they are. The key is a 32-bit number whose highest byte comes first, and `phase`
 * the number of payload bytes that went before.
 */
export function mask(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
  phase: number,
): void {
  if (key === 0) return;
  const shift = (phase & 3) * 8;
  const turned = shift === 0 ? key : (key << shift) | (key >>> (32 - shift));
  if (end - start < WORDS_FROM) return maskBytes(bytes, start, end, turned);
  if (end - start >= WIDE_FROM) {
    if (wide === undefined) wide = makeWideMask();
    if (wide !== null) return wide(bytes, start, end, reversed(turned));
  }
  const lead = -(bytes.byteOffset + start) & 3;
  maskBytes(bytes, start, start + lead, turned);
  const from = start + lead;
  const count = (end - from) >> 2;
  const aligned = lead === 0 ? turned : (turned << (lead * 8)) | (turned >>> (32 - lead * 8));
  maskWords(new Int32Array(bytes.buffer, bytes.byteOffset + from, count), aligned);
  maskBytes(bytes, from + count * 4, end, aligned);
}

/** The word with its bytes the other way round. */
function reversed(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): void {
  const a = key >>> 24;
  const b = (key >>> 16) & 0xff;
  const c = (key >>> 8) & 0xff;
  const d = key & 0xff;
  let at = start;
  for (const whole = end - 3; at < whole; at += 4) {
    bytes[at]! ^= a;
    bytes[at + 1]! ^= b;
    bytes[at + 2]! ^= c;
    bytes[at + 3]! ^= d;
  }
  if (at < end) bytes[at]! ^= a;
  if (at + 1 < end) bytes[at + 1]! ^= b;
  if (at + 2 < end) bytes[at + 2]! ^= c;
}

function maskWords(words: Int32Array, key: number): void {
  // By way of bytes, the word is right whichever end comes first on the machine.
  keyBytes[0] = key >>> 24;
  keyBytes[1] = key >>> 16;
  keyBytes[2] = key >>> 8;
  keyBytes[3] = key;
  const word = keyWord[0]!;
  const length = words.length;
  let at = 0;
  for (const whole = length - 3; at < whole; at += 4) {
    words[at]! ^= word;
    words[at + 1]! ^= word;
    words[at + 2]! ^= word;
    words[at + 3]! ^= word;
  }
  for (; at < length; at++) words[at]! ^= word;
}
