/** The line before a chunk: its size and extensions (RFC 9112, section 7.1). @module */

import { FIELD_BYTE, hexDigit, SEMICOLON, TCHAR } from "./grammar.ts";
import { isOws } from "./field_line.ts";

const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;

/** Digits of a size, zeros in front included: more say nothing that a size could need. */
export const MOST_SIZE_DIGITS = 32;

/** How many digits the size has that begins at `start`. */
export function sizeDigits(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && hexDigit(bytes[at]!) !== -1) at++;
  return at - start;
}

/** The size that so many digits say; -1 when there are none, too many, or beyond counting. */
export function sizeOf(bytes: Uint8Array, start: number, digits: number): number {
  if (digits === 0 || digits > MOST_SIZE_DIGITS) return -1;
  let size = 0;
  for (let at = start; at < start + digits; at++) size = size * 16 + hexDigit(bytes[at]!);
  return size <= Number.MAX_SAFE_INTEGER ? size : -1;
}

/**
 * Whether `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` goes from `start` to
 * `stop` (section 7.1.1).
 */
export function areExtensions(bytes: Uint8Array, start: number, stop: number): boolean {
  let at = start;
  while (at < stop) {
    at = skipBws(bytes, at, stop);
    if (at === stop || bytes[at] !== SEMICOLON) return false;
    const name = skipBws(bytes, at + 1, stop);
    at = skipToken(bytes, name, stop);
    if (at === name) return false;
    const equals = skipBws(bytes, at, stop);
    if (equals === stop || bytes[equals] !== EQUALS) continue;
    at = skipValue(bytes, skipBws(bytes, equals + 1, stop), stop);
    if (at === -1) return false;
  }
  return true;
}

function skipBws(bytes: Uint8Array, start: number, stop: number): number {
  let at = start;
  while (at < stop && isOws(bytes[at]!)) at++;
  return at;
}

function skipToken(bytes: Uint8Array, start: number, stop: number): number {
  let at = start;
  while (at < stop && TCHAR[bytes[at]!] === 1) at++;
  return at;
}

/** Behind a token or a quoted string (RFC 9110, section 5.6.4); -1 when there is none. */
function skipValue(bytes: Uint8Array, start: number, stop: number): number {
  if (start === stop) return -1;
  if (bytes[start] !== QUOTE) {
    const end = skipToken(bytes, start, stop);
    return end === start ? -1 : end;
  }
  for (let at = start + 1; at < stop; at++) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at++;
    if (at === stop || FIELD_BYTE[bytes[at]!] === 0) return -1;
  }
  return -1;
}
