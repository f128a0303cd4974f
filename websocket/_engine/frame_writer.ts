/** Writes frames (RFC 6455, section 5.2), each in one piece with its head. @module */

import { BIT, LENGTH_16, LENGTH_64, MAX_CONTROL_PAYLOAD } from "./frame.ts";
import { mask } from "./mask.ts";

/** How long the head of a frame is. */
export function headLength(length: number, masked: boolean): number {
  const extended = length <= MAX_CONTROL_PAYLOAD ? 0 : length <= 0xffff ? 2 : 8;
  return 2 + extended + (masked ? 4 : 0);
}

/** Writes the head of an unmasked frame at a place of `target`, or of a masked one without key. */
export function writeHead(
  target: Uint8Array,
  start: number,
  first: number,
  length: number,
  masked: boolean,
): void {
  const bit = masked ? BIT.MASK : 0;
  target[start] = first;
  if (length <= MAX_CONTROL_PAYLOAD) {
    target[start + 1] = bit | length;
  } else if (length <= 0xffff) {
    target[start + 1] = bit | LENGTH_16;
    target[start + 2] = length >>> 8;
    target[start + 3] = length;
  } else {
    target[start + 1] = bit | LENGTH_64;
    let rest = length;
    for (let at = start + 9; at > start + 1; at--) {
      target[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
}

/** Up to this many bytes a copy byte by byte costs less than a call for them. */
const BYTEWISE_UP_TO = 16;

/** Writes a whole unmasked frame at a place of `target`; gives its length. */
export function writeFrame(
  target: Uint8Array,
  start: number,
  first: number,
  payload: Uint8Array,
): number {
  const { length } = payload;
  const head = headLength(length, false);
  writeHead(target, start, first, length, false);
  copy(target, start + head, payload);
  return head + length;
}

/** Writes a whole frame masked by the key; gives its length. The payload stays as it is. */
export function writeMaskedFrame(
  target: Uint8Array,
  start: number,
  first: number,
  payload: Uint8Array,
  key: number,
): number {
  const { length } = payload;
  copy(target, start + headLength(length, true), payload);
  return finishMasked(target, start, first, length, key);
}

/** Writes the head of a frame whose payload is there, and masks it; gives the frame's length. */
export function finishMasked(
  target: Uint8Array,
  start: number,
  first: number,
  length: number,
  key: number,
): number {
  const at = start + headLength(length, true);
  writeHead(target, start, first, length, true);
  target[at - 4] = key >>> 24;
  target[at - 3] = key >>> 16;
  target[at - 2] = key >>> 8;
  target[at - 1] = key;
  mask(target, at, at + length, key, 0);
  return at + length - start;
}

/** A whole frame for a client to get: its first byte holds the bits and the opcode. */
export function unmaskedFrame(first: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headLength(payload.length, false) + payload.length);
  writeFrame(frame, 0, first, payload);
  return frame;
}

/** A whole frame for a server to get, masked by the key. The payload stays as it is. */
export function maskedFrame(first: number, payload: Uint8Array, key: number): Uint8Array {
  const frame = new Uint8Array(headLength(payload.length, true) + payload.length);
  writeMaskedFrame(frame, 0, first, payload, key);
  return frame;
}

/** The head alone of an unmasked frame, for a payload too large to be copied. */
export function unmaskedHead(first: number, length: number): Uint8Array {
  const head = new Uint8Array(headLength(length, false));
  writeHead(head, 0, first, length, false);
  return head;
}

function copy(target: Uint8Array, start: number, source: Uint8Array): void {
  const { length } = source;
  if (length > BYTEWISE_UP_TO) return target.set(source, start);
  for (let at = 0; at < length; at++) target[start + at] = source[at]!;
}
