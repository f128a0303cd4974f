/** Bytes: what a write accepts, and the few helpers that engines and queues share. @module */

import { netError } from "./errors.ts";

const encoder = new TextEncoder();

/** What can be written: bytes as they are, or a string that goes out as UTF-8. */
export type Data = Uint8Array | string;

/**
 * Gives the bytes of what a caller wants to write. Throws a UsageError (`ERR_INVALID_ARG_TYPE`)
 * for anything but a string or a Uint8Array.
 */
export function toBytes(data: Data): Uint8Array {
  if (typeof data === "string") return encoder.encode(data);
  if (data instanceof Uint8Array) return data;
  throw netError(
    "ERR_INVALID_ARG_TYPE",
    `Cannot write ${data === null ? "null" : typeof data}: it takes a string or a Uint8Array`,
  );
}

/** What Node's Buffer has, a global in Deno too: it compares many bytes at a time. */
interface FastBytes {
  readonly prototype: {
    compare(
      this: Uint8Array,
      other: Uint8Array,
      otherStart: number,
      otherEnd: number,
      start: number,
      end: number,
    ): number;
  };
}

// dnt-shim-ignore
const { Buffer: fast } = globalThis as { Buffer?: FastBytes };

/** Up to so many bytes are compared faster than the runtime is asked to. */
const FEW = 64;

/** Whether as many bytes as `known` begins with stand in `bytes` from an offset on. */
export function standsAt(
  known: Uint8Array,
  length: number,
  bytes: Uint8Array,
  start: number,
): boolean {
  if (start + length > bytes.length) return false;
  if (fast !== undefined && length > FEW) {
    return fast.prototype.compare.call(bytes, known, 0, length, start, start + length) === 0;
  }
  let at = 0;
  while (at < length && bytes[start + at] === known[at]) at++;
  return at === length;
}

/** Joins chunks into one array of their own. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}
