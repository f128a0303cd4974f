/**
 * Whether a client that has ended its side is still there. TCP does not tell: one that waits for its
 * answer looks like one that has closed its socket, until something is sent to it. So it is sent 102
 * (Processing), an interim response that every client has to skip (RFC 9110, section 15.2); the
 * system of one that is gone answers by a reset, which the next write hears of.
 *
 * @module
 */

import type { Timeout, TimerQueue } from "../_io/timers.ts";
import { PRESENCE_AGAIN, PRESENCE_REPEAT } from "./server_limits.ts";

/** See the module's text. */
export class Presence {
  readonly #timeout: Timeout;
  #asked = 0;

  /** Has `ask` send something after `wait` ms, soon after that, and then from time to time. */
  constructor(timers: TimerQueue, wait: number, ask: () => void) {
    this.#timeout = timers.timeout(wait, () => {
      this.#asked += 1;
      // What is asked may turn out to be over.
      this.#timeout.startWith(this.#asked === 1 ? PRESENCE_AGAIN : PRESENCE_REPEAT);
      ask();
    });
    this.#timeout.startWith(wait);
  }

  /** Asks no more. */
  stop(): void {
    this.#timeout.stop();
  }
}
