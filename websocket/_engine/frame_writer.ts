/** Writes frames (RFC 6455, section 5.2), each in one piece with its head. @module */

import { BIT, LENGTH_16, LENGTH_64, MAX_CONTROL_PAYLOAD } from "./frame.ts";
import { mask } from "./mask.ts";

/** How long the head of a frame is. */
export function headLength(length: number, masked: boolean): number {
  const extended = length <= MAX_CONTROL_PAYLOAD ? 0 : length <= 0xffff ? 2 : 8;
  return 2 + extended + (masked ? 4 : 0);
}

/** Writes the head of an unmasked frame at the start of `target`, or of a masked one without key. */
export function writeHead(
  target: Uint8Array,
  first: number,
  length: number,
  masked: boolean,
): void {
  const bit = masked ? BIT.MASK : 0;
  target[0] = first;
  if (length <= MAX_CONTROL_PAYLOAD) {
    target[1] = bit | length;
  } else if (length <= 0xffff) {
    target[1] = bit | LENGTH_16;
    target[2] = length >>> 8;
    target[3] = length;
  } else {
    target[1] = bit | LENGTH_64;
    let rest = length;
    for (let at = 9; at > 1; at--) {
      target[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
}

/** Small frames are cut from one piece of memory: a piece for each costs more than to fill it. */
const SLAB_SIZE = 32 * 1024;
const FROM_SLAB_UP_TO = 2 * 1024;
let slab = new Uint8Array(SLAB_SIZE);
let slabUsed = 0;

/** Memory for a frame, with anything in it. */
function space(length: number): Uint8Array {
  if (length > FROM_SLAB_UP_TO) return new Uint8Array(length);
  if (slabUsed + length > SLAB_SIZE) {
    slab = new Uint8Array(SLAB_SIZE);
    slabUsed = 0;
  }
  const start = slabUsed;
  slabUsed += length;
  return slab.subarray(start, slabUsed);
}

/** A whole frame for a client to get: its first byte holds the bits and the opcode. */
export function unmaskedFrame(first: number, payload: Uint8Array): Uint8Array {
  const head = headLength(payload.length, false);
  const frame = space(head + payload.length);
  writeHead(frame, first, payload.length, false);
  frame.set(payload, head);
  return frame;
}

/** A whole frame for a server to get, masked by the key. The payload stays as it is. */
export function maskedFrame(first: number, payload: Uint8Array, key: number): Uint8Array {
  const head = headLength(payload.length, true);
  const frame = space(head + payload.length);
  writeHead(frame, first, payload.length, true);
  frame[head - 4] = key >>> 24;
  frame[head - 3] = key >>> 16;
  frame[head - 2] = key >>> 8;
  frame[head - 1] = key;
  frame.set(payload, head);
  mask(frame, head, frame.length, key, 0);
  return frame;
}

/** The head alone of an unmasked frame, for a payload too large to be copied. */
export function unmaskedHead(first: number, length: number): Uint8Array {
  const head = new Uint8Array(headLength(length, false));
  writeHead(head, first, length, false);
  return head;
}
