/** A clock that tests move by hand. @module */

import { setImmediate } from "node:timers";
import type { Clock } from "../_io/timers.ts";

interface Alarm {
  readonly at: number;
  readonly callback: () => void;
  readonly hold: boolean;
}

/** Time stands still until `advance()`. */
export class FakeClock implements Clock {
  #now = 0;
  #alarms: Alarm[] = [];

  /** How many callbacks wait. */
  get pending(): number {
    return this.#alarms.length;
  }

  /** How many of them would hold the process. */
  get holding(): number {
    return this.#alarms.filter(({ hold }) => hold).length;
  }

  now(): number {
    return this.#now;
  }

  schedule(callback: () => void, ms: number, hold = false): () => void {
    const alarm = { at: this.#now + ms, callback, hold };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** A turn of the event loop is no matter of time. */
  defer(callback: () => void): void {
    setImmediate(callback);
  }

  /** Moves time on, and calls back what comes due on the way, in its order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#alarms.filter((alarm) => alarm.at <= until)
        .sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((alarm) => alarm !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = until;
  }
}
