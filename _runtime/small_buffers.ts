/**
 * Memory for small pieces of bytes that are handed out one by one, such as the messages of a
 * WebSocket: a buffer of its own for each costs several times more than to fill it, so they share
 * one, as Node's own Buffers do.
 *
 * A shared buffer cannot be transferred to another thread: that would take the memory away from all
 * who share it. Node copies it instead, Deno refuses.
 *
 * @module
 */

import { markAsUntransferable } from "node:worker_threads";

/** The size of a shared buffer: the most that a small piece that is kept keeps alive. */
const SHARED_SIZE = 8 * 1024;
/** Larger pieces have a buffer of their own. */
const SHARE_UP_TO = 1024;
/** Up to this many bytes a copy byte by byte costs less than a view of them. */
const BYTEWISE_UP_TO = 32;

let shared: Uint8Array<ArrayBuffer> | null = null;
let used = 0;

function part(length: number): Uint8Array<ArrayBuffer> {
  if (shared === null || used + length > SHARED_SIZE) {
    shared = new Uint8Array(SHARED_SIZE);
    markAsUntransferable(shared.buffer);
    used = 0;
  }
  const start = used;
  // Each begins at a multiple of 8: whoever looks at it as numbers may do so where it lies.
  used += (length + 7) & ~7;
  return shared.subarray(start, start + length);
}

/** A copy of bytes for somebody to keep. */
export function copyToKeep(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const length = end - start;
  if (length > SHARE_UP_TO) return new Uint8Array(bytes.subarray(start, end));
  const copy = part(length);
  if (length > BYTEWISE_UP_TO) copy.set(bytes.subarray(start, end));
  else for (let at = 0; at < length; at++) copy[at] = bytes[start + at]!;
  return copy;
}

/**
 * Bytes of a chunk for somebody to keep, where the chunk is ours: its own memory, if that ends with
 * them and is not much more; else a copy.
 */
export function takeToKeep(chunk: Uint8Array, start: number, end: number): Uint8Array {
  const isMost = end === chunk.length && (end - start) * 2 >= chunk.buffer.byteLength;
  return isMost ? chunk.subarray(start) : copyToKeep(chunk, start, end);
}
