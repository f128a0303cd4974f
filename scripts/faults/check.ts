/** What the programs of this folder share: rules, deadlines, figures of the process. @module */

import { readdirSync } from "node:fs";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";

/** What a case needs to know. */
export interface Settings {
  /** About how long it may take, in ms. */
  readonly ms: number;
  /** Where its choices come from. */
  readonly seed: number;
}

/** One case: gives its figures, or throws what is wrong. */
export interface Case {
  readonly name: string;
  run(settings: Settings): Promise<string>;
}

/** Throws unless a rule holds. */
export function rule(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/** Rejects when something has not happened within so many ms: it hangs. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = delay(ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`It hangs: ${what} has not happened in ${ms} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
    await late.catch(() => {});
  }
}

/** Open descriptors of this process. */
export function descriptors(): number {
  // One less: reading the folder takes a descriptor itself.
  return readdirSync("/proc/self/fd").length - 1;
}

/** Descriptors that a runtime may open once and keep. */
const OWN = 8;

/** Waits until no more than so many descriptors are open, and what the runtime keeps for itself. */
export async function descriptorsBackTo(count: number): Promise<void> {
  for (let left = 200; descriptors() > count + OWN; left--) {
    rule(left > 0, `${descriptors()} descriptors are open, at the start there were ${count}`);
    await delay(50);
  }
}

/** Resident memory in MiB, after a collection of garbage. */
export async function memory(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  rule(gc !== undefined, "memory can only be told with --expose-gc");
  for (let left = 3; left > 0; left--) {
    gc();
    await delay(20);
  }
  return Math.round(process.memoryUsage().rss / 1024 / 1024);
}

/** Bytes that tell their place: what is lost, doubled or out of order shows. */
export function pattern(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + (at >> 8) * 7 + seed) & 255;
  return bytes;
}

/** Whether bytes are the first ones of others. */
export function begins(bytes: Uint8Array, whole: Uint8Array): boolean {
  return bytes.length <= whole.length && bytes.every((byte, at) => byte === whole[at]);
}

/** Runs until the time is up, so many at once; the first that throws ends all. */
export async function repeat(
  ms: number,
  atOnce: number,
  once: (round: number) => Promise<void>,
): Promise<number> {
  const end = performance.now() + ms;
  let rounds = 0;
  let failed = false;
  const worker = async () => {
    while (performance.now() < end && !failed) {
      try {
        await once(rounds++);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return rounds;
}
