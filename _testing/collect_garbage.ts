/** Collecting garbage when a test wants it. @module */

import { setImmediate } from "node:timers";
import v8 from "node:v8";
import vm from "node:vm";

/** Bun has a function for it, Deno by DENO_V8_FLAGS, Node in a context made after the flag was set. */
export function garbageCollector(): () => void {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(now: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  if (gc !== undefined) return gc;
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc");
}

const collect = garbageCollector();

/** Collects garbage until a condition holds; gives whether it ever did. */
export async function collectGarbage(until: () => boolean, times = 50): Promise<boolean> {
  for (let round = 0; round < times && !until(); round++) {
    // What a turn of the event loop has looked at is kept to its end.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    collect();
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  return until();
}
