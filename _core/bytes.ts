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
