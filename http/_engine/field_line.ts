/** One field line (RFC 9112, section 5). @module */

import { type NetError, netError } from "../../_core/errors.ts";
import { COLON, CR, HTAB, LF, skipFieldBytes, SP, TCHAR } from "./grammar.ts";

/** What a reader of a line gives when the line's end has not come yet. */
export const INCOMPLETE = 0;

/**
 * Reads the field line that begins at `start`, and adds four marks: start and end of its name and of
 * its value, counted from `base`. Gives the offset behind its CRLF, INCOMPLETE, or the violation.
 */
export function readFieldLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  base: number,
  marks: number[],
): number | NetError {
  let at = start;
  while (at < end && TCHAR[bytes[at]!] === 1) at++;
  if (at === end) return INCOMPLETE;
  const nameEnd = at;
  if (bytes[at] !== COLON || at === start) return badName();
  at++;
  while (at < end && isOws(bytes[at]!)) at++;
  const from = at;
  at = skipFieldBytes(bytes, from, end);
  const next = lineEnd(bytes, at, end);
  if (typeof next === "number" && next !== INCOMPLETE) {
    while (at > from && isOws(bytes[at - 1]!)) at--;
    marks.push(start - base, nameEnd - base, from - base, at - base);
  }
  return next;
}

/**
 * Reads a line that goes on with the value of the line before it (obs-fold, RFC 9112, section 5.2)
 * and moves that value's end; the text between the two parts is for `unfold()`.
 */
export function readFold(
  bytes: Uint8Array,
  start: number,
  end: number,
  base: number,
  marks: number[],
): number | NetError {
  let from = start;
  while (from < end && isOws(bytes[from]!)) from++;
  let at = skipFieldBytes(bytes, from, end);
  const next = lineEnd(bytes, at, end);
  if (typeof next === "number" && next !== INCOMPLETE) {
    while (at > from && isOws(bytes[at - 1]!)) at--;
    const last = marks.length - 1;
    if (marks[last] === marks[last - 1]) marks[last - 1] = from - base;
    if (at > from || marks[last - 1]! > marks[last]!) marks[last] = at - base;
  }
  return next;
}

/** Spaces in place of every fold, as many as it has letters: marks stay where they are. */
export function unfold(text: string): string {
  return text.replace(/[ \t]*\r\n[ \t]+/g, (fold) => " ".repeat(fold.length));
}

/** The offset behind the CRLF that has to be here. */
function lineEnd(bytes: Uint8Array, at: number, end: number): number | NetError {
  if (at === end) return INCOMPLETE;
  if (bytes[at] !== CR) return badValue(bytes[at]!);
  if (at + 1 === end) return INCOMPLETE;
  return bytes[at + 1] === LF ? at + 2 : badValue(CR);
}

/** Whether a byte is whitespace within a line. */
export function isOws(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

function badName(): NetError {
  return netError("ERR_HTTP_INVALID_FIELD", "Cannot read a field whose name is malformed");
}

function badValue(byte: number): NetError {
  const message = byte === CR || byte === LF
    ? "Cannot read a field line that does not end by CRLF"
    : "Cannot read a field whose value holds a control byte";
  return netError("ERR_HTTP_INVALID_FIELD", message);
}
