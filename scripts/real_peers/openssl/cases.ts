/** What a case is, and how all of them are run. Runs in Deno and in Node. @module */

import type { Place } from "./place.ts";

/** Time in ms for one case. */
const LONGEST = 20_000;

/** One thing to try. */
export interface Case {
  /** What it shows. */
  readonly name: string;
  /** Rejects when that is not so. */
  run(place: Place): Promise<void>;
}

/** How many went well and how many did not. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

async function within<T>(time: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Took more than ${time} ms`)), time);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs cases one after the other, and says how each went. */
export async function runCases(
  runtime: string,
  cases: readonly Case[],
  place: Place,
): Promise<Outcome> {
  let failed = 0;
  for (const { name, run } of cases) {
    try {
      await within(LONGEST, run(place));
      console.log(`ok ${runtime}: ${name}`);
    } catch (error) {
      failed++;
      console.error(`FAILED ${runtime}: ${name}:`, error);
    }
  }
  return { passed: cases.length - failed, failed };
}
