/** How a server closes: who waits for that, how long, and that the process stays as long. @module */

import { untilAborted } from "../_core/abort.ts";
import { Deferred } from "../_core/deferred.ts";
import type { TimerQueue } from "../_io/timers.ts";

/** How to close a server. */
export interface CloseOptions {
  /** Time in ms before the sockets that are still open are destroyed; 0 at once. Default never. */
  timeout?: number;
  /** Ends the wait, which then rejects with the signal's reason; the server closes all the same. */
  signal?: AbortSignal;
}

/** One time that a server closes. */
export class Closing {
  readonly #timers: TimerQueue;
  readonly #force: () => void;
  readonly #done = new Deferred<void>();
  #letGo: (() => void) | null = null;

  /** Begins it; `force` destroys what is still open. */
  constructor(timers: TimerQueue, force: () => void) {
    this.#timers = timers;
    this.#force = force;
  }

  /** Whether the process stays until it is done: what is left to close may hold nothing. */
  holdProcess(on: boolean): void {
    if (on) this.#letGo ??= this.#timers.hold();
    else {
      this.#letGo?.();
      this.#letGo = null;
    }
  }

  /** Waits until it is done, and uses force after `timeout` ms. */
  async wait(timeout: number, signal: AbortSignal | undefined): Promise<void> {
    const timer = this.#timers.timeout(timeout, this.#force);
    if (timeout === 0) this.#force();
    else if (timeout !== Infinity) timer.start();
    const closed = this.#done.promise.finally(() => timer.stop());
    await (signal === undefined ? closed : untilAborted(closed, signal));
  }

  /** It is done. */
  settle(): void {
    this.holdProcess(false);
    this.#done.resolve();
  }
}
