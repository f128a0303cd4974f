/** Happy Eyeballs (RFC 8305): several addresses of one name, raced. @module */

import type { Clock } from "../_io/timers.ts";
import { systemClock } from "../_runtime/clock.ts";

/** An address as the race needs it. */
export interface RaceTarget {
  /** Its family. */
  readonly family: 4 | 6;
}

/** How a race is run. */
export interface RaceOptions<Target extends RaceTarget, Result> {
  /** Tries one address; it must stop, and release what it holds, when the signal aborts. */
  attempt(target: Target, signal: AbortSignal): Promise<Result>;
  /** Releases the result of an attempt that came in second. */
  discard(result: Result): void;
  /** Head start in ms of one address before the next is tried too. */
  readonly delay: number;
  /** Stops the whole race; it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Where time comes from. */
  readonly clock?: Clock;
}

/** Alternates the families, beginning with that of the first address (RFC 8305, section 4). */
export function interleave<Target extends RaceTarget>(targets: readonly Target[]): Target[] {
  const first = targets[0]?.family;
  const preferred = targets.filter((target) => target.family === first);
  const others = targets.filter((target) => target.family !== first);
  const mixed: Target[] = [];
  for (let i = 0; i < Math.max(preferred.length, others.length); i++) {
    mixed.push(...preferred.slice(i, i + 1), ...others.slice(i, i + 1));
  }
  return mixed;
}

/** The failures of every address of a race, in the order of the addresses. */
export class RaceFailure extends Error {
  /** One error for each address. */
  readonly errors: readonly unknown[];

  /** Collects the errors. */
  constructor(errors: readonly unknown[]) {
    super("Every address failed");
    this.errors = errors;
  }
}

/**
 * Tries the targets in turn, each with a head start before the next; the first to succeed wins
 * and the others are stopped. A failure starts the next at once (RFC 8305, section 5). Rejects
 * with a RaceFailure when all have failed, and with the signal's reason when it aborts.
 */
export function race<Target extends RaceTarget, Result>(
  targets: readonly Target[],
  options: RaceOptions<Target, Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => new Race(targets, options, resolve, reject).run());
}

class Race<Target extends RaceTarget, Result> {
  readonly #targets: readonly Target[];
  readonly #options: RaceOptions<Target, Result>;
  readonly #resolve: (result: Result) => void;
  readonly #reject: (error: unknown) => void;
  readonly #losers = new AbortController();
  readonly #errors: unknown[] = [];
  #next = 0;
  #failed = 0;
  #over = false;
  #cancelDelay: (() => void) | null = null;

  constructor(
    targets: readonly Target[],
    options: RaceOptions<Target, Result>,
    resolve: (result: Result) => void,
    reject: (error: unknown) => void,
  ) {
    this.#targets = targets;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  run(): void {
    this.#options.signal.addEventListener("abort", this.#onAbort);
    if (this.#options.signal.aborted) this.#onAbort();
    else if (this.#targets.length === 0) this.#finish(() => this.#reject(new RaceFailure([])));
    else this.#startNext();
  }

  readonly #onAbort = () => this.#finish(() => this.#reject(this.#options.signal.reason));

  #startNext(): void {
    this.#cancelDelay?.();
    this.#cancelDelay = null;
    const index = this.#next++;
    const target = this.#targets[index];
    if (target === undefined || this.#over) return;
    this.#options.attempt(target, this.#losers.signal).then(
      (result) => this.#succeeded(result),
      (error) => this.#lost(index, error),
    );
    if (this.#next < this.#targets.length) {
      const { clock = systemClock, delay } = this.#options;
      this.#cancelDelay = clock.schedule(() => this.#startNext(), delay);
    }
  }

  #succeeded(result: Result): void {
    if (this.#over) return this.#options.discard(result);
    this.#finish(() => this.#resolve(result));
  }

  #lost(index: number, error: unknown): void {
    if (this.#over) return;
    this.#errors[index] = error;
    this.#failed += 1;
    if (this.#failed < this.#targets.length) return this.#startNext();
    this.#finish(() => this.#reject(new RaceFailure(this.#errors)));
  }

  #finish(settle: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelDelay?.();
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    settle();
    this.#losers.abort();
  }
}
