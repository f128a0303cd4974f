/**
 * Heads as text, one letter a byte, for whoever sends them. Nothing that could end a line or a
 * field early gets through: that is how responses are split.
 *
 * @module
 */

import { netError } from "../../_core/errors.ts";
import { utf8Length } from "../../_core/text.ts";
import { FIELD_VALUE, FORBIDDEN_TRAILERS, TOKEN } from "./grammar.ts";
import { REASON_PHRASES } from "./reason_phrases.ts";

const statusLines = new Map<number, string>();

/** Names that were checked before: few are ever used. */
const names = new Set<string>();
const MOST_NAMES = 512;

/**
 * The status line (RFC 9112, section 4); an empty reason stands for the usual phrase. Throws
 * `ERR_HTTP_INVALID_STATUS`.
 */
export function statusLine(status: number, reason: string): string {
  if (reason === "") {
    const known = statusLines.get(status);
    if (known !== undefined) return known;
  }
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw netError("ERR_HTTP_INVALID_STATUS", `Cannot send the status ${status}`);
  }
  if (!FIELD_VALUE.test(reason)) {
    throw netError("ERR_HTTP_INVALID_STATUS", `Cannot send the reason phrase ${quote(reason)}`);
  }
  const phrase = reason === "" ? REASON_PHRASES[status] ?? "" : reason;
  const line = `HTTP/1.1 ${status} ${phrase}\r\n`;
  if (reason === "") statusLines.set(status, line);
  return line;
}

/** The request line (RFC 9112, section 3). Throws `ERR_HTTP_INVALID_METHOD`. */
export function requestLine(method: string, target: string): string {
  if (!TOKEN.test(method)) {
    throw netError("ERR_HTTP_INVALID_METHOD", `Cannot send the method ${quote(method)}`);
  }
  if (!/^[\x21-\x7e]+$/.test(target)) {
    throw netError("ERR_INVALID_ARG_VALUE", `Cannot send the request target ${quote(target)}`);
  }
  return `${method} ${target} HTTP/1.1\r\n`;
}

/** One field line. Throws `ERR_HTTP_INVALID_HEADER`. */
export function fieldLine(name: string, value: string): string {
  if (!names.has(name)) checkName(name);
  if (!FIELD_VALUE.test(value)) {
    throw netError("ERR_HTTP_INVALID_HEADER", `Cannot send ${name}: ${quote(value)}`);
  }
  return `${name}: ${value}\r\n`;
}

/** Field lines of a flat list: name, value, name, value. Throws `ERR_HTTP_INVALID_HEADER`. */
export function fieldLines(list: readonly string[]): string {
  let lines = "";
  for (let at = 0; at < list.length; at += 2) lines += fieldLine(list[at]!, list[at + 1]!);
  return lines;
}

/** The line before a chunk of so many bytes (RFC 9112, section 7.1). */
export function chunkHead(length: number): string {
  return `${length.toString(16)}\r\n`;
}

/**
 * What ends chunked content: the last chunk, trailer fields of a flat list, an empty line (RFC 9112,
 * sections 7.1 and 7.1.2). Throws `ERR_HTTP_INVALID_HEADER`, also for fields that would come too late
 * for what they say (RFC 9110, section 6.5.1).
 */
export function lastChunk(trailers: readonly string[]): string {
  for (let at = 0; at < trailers.length; at += 2) {
    if (!FORBIDDEN_TRAILERS.has(trailers[at]!.toLowerCase())) continue;
    const message = `Cannot send ${trailers[at]} as a trailer field`;
    throw netError("ERR_HTTP_INVALID_HEADER", message);
  }
  return `0\r\n${fieldLines(trailers)}\r\n`;
}

/** Whether a head goes out the same as UTF-8 and as one byte a letter. */
export function isAscii(text: string): boolean {
  return utf8Length(text) === text.length;
}

/** A head as one byte a letter. */
export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function checkName(name: string): void {
  if (!TOKEN.test(name)) {
    throw netError("ERR_HTTP_INVALID_HEADER", `Cannot send the field name ${quote(name)}`);
  }
  if (names.size < MOST_NAMES) names.add(name);
}

/** The beginning of a text, for messages of errors. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}
