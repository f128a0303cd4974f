/** What calls one piece of work off. @module */

/**
 * The inner `AbortController` and its signal in one: each connection needs one, and those of the
 * runtimes cost more than the rest of what a connection brings along.
 */
export class Cancellation {
  /** Whether it was called off. */
  cancelled = false;
  /** Why, once it was. */
  reason: unknown = undefined;
  #act: (() => void) | null = null;

  /** Calls the work off; the first time counts. */
  cancel(reason: unknown): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.reason = reason;
    const act = this.#act;
    this.#act = null;
    act?.();
  }

  /** Says what is to be done then, in place of what was said before; at once if it was. */
  whenCancelled(act: () => void): void {
    if (this.cancelled) act();
    else this.#act = act;
  }

  /** The work is done: nothing is to be done any more. */
  forget(): void {
    this.#act = null;
  }

  /** Throws the reason if it was called off. */
  throwIfCancelled(): void {
    if (this.cancelled) throw this.reason;
  }
}
