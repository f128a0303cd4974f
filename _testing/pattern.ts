/**
 * The bytes that the raw peer sends, made from their position, so that a receiver can tell a lost or
 * misplaced byte by its value.
 *
 * @module
 */

/** A prime, so that no power-of-two buffer size hides a shift. */
const PERIOD = 251;

/** The `length` pattern bytes that follow `offset` earlier ones. */
export function pattern(length: number, offset = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = (offset + index) % PERIOD;
  return bytes;
}
