/** Collecting garbage when a test wants it. @module */

import { setImmediate } from "node:timers";
import v8 from "node:v8";
import vm from "node:vm";

v8.setFlagsFromString("--expose-gc");
const collect: () => void = vm.runInNewContext("gc");

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
