/** What a client's connection waits for, and for how long at most. @module */

import type { Timeout, TimerQueue } from "../_io/timers.ts";
import type { HttpClientTimeouts } from "./client_options.ts";

/**
 * What is waited for: the next request, 100 (Continue), that the peer takes content, a response's
 * head, its content, that somebody begins to read that; or nothing that has an end: a reader or a
 * source of content takes the time that it takes.
 */
export type Phase = "idle" | "continue" | "sending" | "head" | "content" | "unread" | "held";

/** One timer for the phases of a connection. */
export class ClientWait {
  readonly #timeouts: Required<HttpClientTimeouts>;
  readonly #timer: Timeout;
  #phase: Phase = "idle";

  /** Calls `expired` when the time for a phase is over. */
  constructor(
    timers: TimerQueue,
    timeouts: Required<HttpClientTimeouts>,
    expired: (phase: Phase) => void,
  ) {
    this.#timeouts = timeouts;
    this.#timer = timers.timeout(timeouts.head, () => expired(this.#phase));
  }

  /** Waits for a request, for so many ms. */
  rest(time: number): void {
    this.#phase = "idle";
    this.#timer.startWith(time);
  }

  /** An exchange begins, whose phase is to be told. */
  begin(): void {
    this.#phase = "idle";
  }

  /** Waits for something else now; the clock of the same phase goes on. */
  enter(phase: Phase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    const { body, head, continue: go } = this.#timeouts;
    if (phase === "held") this.#timer.suspend();
    else this.#timer.startWith(phase === "continue" ? go : phase === "head" ? head : body);
  }

  /** Content moved: the clock starts anew. */
  moved(): void {
    if (this.#phase === "content" || this.#phase === "sending") this.#timer.touch();
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#timer.stop();
  }
}
