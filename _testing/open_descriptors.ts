/**
 * Counts what this process holds open, to see whether a failed connect has left a socket behind.
 *
 * @module
 */

import { readdirSync } from "node:fs";

/** Open file descriptors of this process, or `null` where `/proc` does not tell. */
export function openDescriptors(): number | null {
  try {
    // One less: reading the folder takes a descriptor itself.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return null;
  }
}

/**
 * Waits, at most `within` milliseconds, until no more than `count` descriptors are open, and returns
 * how many there are: runtimes close a socket some turns after they report its end.
 */
export async function descriptorsBackTo(count: number, within = 500): Promise<number | null> {
  const deadline = performance.now() + within;
  let open = openDescriptors();
  while (open !== null && open > count && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    open = openDescriptors();
  }
  return open;
}
