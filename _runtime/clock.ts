/** The system's clock, and the timers that all sockets of the process share. @module */

import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import { type Clock, TimerQueue } from "../_io/timers.ts";

/** The longest time that the runtimes' timers can be set to, in ms. */
export const LONGEST = 2 ** 31 - 1;

/** The system's clock. `node:timers` has `unref` in both runtimes, the global timers do not. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(callback, ms, hold = false) {
    const timer = setTimeout(callback, Math.min(ms, LONGEST));
    if (!hold) timer.unref();
    return () => clearTimeout(timer);
  },
  defer: (callback) => void setImmediate(callback),
};

/** The queue that all sockets share. */
export const sharedTimers: TimerQueue = new TimerQueue(systemClock);

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => systemClock.defer(resolve));
}
