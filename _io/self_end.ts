/**
 * The end of our side that follows the peer's, unless somebody keeps it half open. It waits until
 * the reader knows: listeners were told, or whoever pulls has taken the end; and then for one turn
 * of the event loop, in which they may still answer.
 *
 * @module
 */

import type { ReadQueue } from "./read_queue.ts";
import type { Timeout, TimerQueue } from "./timers.ts";

/** Ends one connection. */
export class SelfEnd {
  /** Whether it did. */
  happened = false;
  #stopped = false;
  readonly #reads: ReadQueue<Uint8Array>;
  readonly #timers: TimerQueue;
  readonly #end: () => void;
  readonly #forgotten: Timeout | null;

  /** `patience` is the time in ms that a reader may stay away who took data but not the end. */
  constructor(
    reads: ReadQueue<Uint8Array>,
    timers: TimerQueue,
    patience: number,
    end: () => void,
  ) {
    this.#reads = reads;
    this.#timers = timers;
    this.#end = end;
    this.#forgotten = patience === Infinity
      ? null
      : timers.timeout(patience, () => this.#onForgotten());
  }

  /** The peer has ended. */
  start(): void {
    let taken = false;
    this.#reads.whenEndTaken(() => {
      taken = true;
      this.#forgotten?.stop();
      this.#timers.defer(() => this.#happen());
    });
    if (!taken) this.#forgotten?.start();
  }

  /** Somebody else decides about the end. */
  stop(): void {
    this.#stopped = true;
    this.#forgotten?.stop();
  }

  /** Somebody who is between two reads comes back; nobody at all would keep the socket for ever. */
  #onForgotten(): void {
    if (this.#reads.consumer === null) this.#happen();
    else this.#forgotten?.start();
  }

  #happen(): void {
    if (this.#stopped || this.happened) return;
    this.happened = true;
    this.#end();
  }
}
