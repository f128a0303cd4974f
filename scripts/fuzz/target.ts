/**
 * What is fuzzed, and how: inputs are made from a seed, judged, and when one breaks a rule it is cut
 * down to a small one that still breaks it.
 *
 * @module
 */

import process from "node:process";
import { setImmediate } from "node:timers";
import { Random } from "../random.ts";

/** What one judgement depends on. */
export interface Input {
  /** What the code under test gets. */
  readonly bytes: Uint8Array;
  /** Where all other choices come from. */
  readonly seed: number;
}

/** One piece of code with the rules that it has to keep. */
export interface Target {
  /** Its name on the command line. */
  readonly name: string;
  /** Makes the bytes of an input. */
  make(random: Random): Uint8Array;
  /** Throws when an input breaks a rule. */
  judge(input: Input): void;
}

/** What fuzzing a target has shown. */
export interface Outcome {
  readonly inputs: number;
  /** Time in ms that the slowest input took. */
  readonly slowest: number;
  /** Bytes by which the process has grown since a quarter of the time. */
  readonly growth: number;
  /** What broke a rule, with the input made small; null for nothing. */
  readonly failure: string | null;
}

/** An input that takes longer, in ms, counts as a hang, even on a machine that is busy. */
const HANG = 3000;
/**
 * Growth in bytes that counts as a leak: twice what the system had not been given back in runs of
 * the hungriest target, from 85 MiB less to 43 more. That its connections with deflate lose nothing
 * was seen over 200,000 of them, by 3 MiB at most.
 */
const LEAK = 96 * 1024 * 1024;
/** Time in ms between collections of garbage. */
const SWEEP_EVERY = 250;
/** Judgements that cutting an input down may take. */
const SHRINKING = 2000;

function complaintOf(target: Target, input: Input): string | null {
  try {
    target.judge(input);
    return null;
  } catch (error) {
    return error instanceof Error ? error.stack ?? error.message : String(error);
  }
}

/** Takes parts out of an input as long as it still breaks a rule. */
function shrink(target: Target, input: Input): Input {
  let smallest = input;
  let left = SHRINKING;
  for (let size = input.bytes.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at + size <= smallest.bytes.length && left > 0; left--) {
      const { bytes, seed } = smallest;
      const without = new Uint8Array(bytes.length - size);
      without.set(bytes.subarray(0, at));
      without.set(bytes.subarray(at + size), at);
      const candidate = { bytes: without, seed };
      if (complaintOf(target, candidate) === null) at += size;
      else smallest = candidate;
    }
  }
  return smallest;
}

/** Bytes as a text that can be copied into a test. */
export function show(bytes: Uint8Array): string {
  return JSON.stringify(String.fromCharCode(...bytes)).replace(
    /[\x7f-\uffff]/g,
    (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function describe(target: Target, input: Input): string {
  const smallest = shrink(target, input);
  const complaint = complaintOf(target, smallest);
  return `seed ${smallest.seed}, bytes ${show(smallest.bytes)}\n${complaint}`;
}

/**
 * Resident bytes, after collections of garbage where they can be asked for: what is outside of the
 * heap, as memory of zlib is, goes in a turn of the event loop after the one that found it unused.
 */
async function resident(): Promise<number> {
  for (let turn = 0; turn < 4; turn++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().rss;
}

/** Fuzzes a target for so many ms, or until an input breaks a rule. */
export async function fuzz(target: Target, ms: number, seed: number): Promise<Outcome> {
  const began = performance.now();
  let inputs = 0;
  let slowest = 0;
  let base = 0;
  let swept = began;
  for (let now = began; now < began + ms; inputs++) {
    if (base === 0 && now > began + ms / 4) base = await resident();
    // Garbage outside of the heap does not hurry the collector, and what the allocator once had for it
    // it seldom gives back: that would hide how much is held, or look like a leak.
    if (now > swept + SWEEP_EVERY) {
      await resident();
      swept = now;
    }
    const chosen = (seed + Math.imul(inputs, 0x9e3779b1)) >>> 0;
    const input = { bytes: target.make(new Random(chosen)), seed: chosen };
    const before = performance.now();
    const complaint = complaintOf(target, input);
    now = performance.now();
    slowest = Math.max(slowest, now - before);
    const failure = complaint !== null
      ? describe(target, input)
      : now - before > HANG
      ? `hangs: ${Math.round(now - before)} ms for ${show(input.bytes)}`
      : null;
    if (failure !== null) return { inputs, slowest, growth: 0, failure };
  }
  const growth = await resident() - base;
  const failure = growth > LEAK ? `grows: ${growth} bytes more than at a quarter` : null;
  return { inputs, slowest, growth, failure };
}

/** Throws unless a rule holds. */
export function rule(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/** A limit, an end too early, corrupt data: the same bytes may break another rule as well. */
export const LIMIT: RegExp =
  /^ERR_\w+_(TOO_(LARGE|LONG)|INCOMPLETE|TOO_MANY_\w+|INVALID_DEFLATE)\b/;

/** Which of two rules a line breaks first may depend on how much of it is there. */
function isSame(first: string | undefined, second: string | undefined): boolean {
  if (first === second) return true;
  if (!first?.startsWith("ERR_") || !second?.startsWith("ERR_")) return false;
  return LIMIT.test(first) || LIMIT.test(second);
}

/** Throws unless of two contents one begins the other: how much comes of a wrong one may differ. */
export function sameBeginning(first: string, second: string): void {
  const length = Math.min(first.length, second.length);
  rule(first.slice(0, length) === second.slice(0, length), `content ${first} or ${second}`);
}

/** Throws unless two logs are the same, and shows where they part. */
export function sameLog(what: string, first: readonly string[], second: readonly string[]): void {
  const length = Math.max(first.length, second.length);
  for (let at = 0; at < length; at++) {
    if (isSame(first[at], second[at])) continue;
    throw new Error(
      `${what}, event ${at}: ${first[at] ?? "none"} or ${second[at] ?? "none"}\n` +
        `${first.join("\n  ")}\n--\n  ${second.join("\n  ")}`,
    );
  }
}
