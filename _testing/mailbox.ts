/**
 * Hands items to whoever waits for them, whether the item or the waiter came first: what a test
 * needs to await something that may already have happened.
 *
 * @module
 */

interface Waiter<T> {
  readonly match: (item: T) => boolean;
  readonly resolve: (item: T) => void;
  readonly reject: (reason: Error) => void;
}

/** Items not taken yet, and those who wait for the next one. */
export class Mailbox<T> {
  readonly #items: T[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #closed: Error | null = null;

  /** Gives the item to the first waiter it fits, else keeps it. */
  push(item: T): void {
    const index = this.#waiters.findIndex((waiter) => waiter.match(item));
    const [waiter] = index < 0 ? [] : this.#waiters.splice(index, 1);
    if (waiter === undefined) this.#items.push(item);
    else waiter.resolve(item);
  }

  /** Takes the oldest item that fits, now or as soon as it comes. */
  next(match: (item: T) => boolean = () => true): Promise<T> {
    const index = this.#items.findIndex(match);
    const [item] = index < 0 ? [] : this.#items.splice(index, 1);
    if (item !== undefined) return Promise.resolve(item);
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const coming = new Promise<T>((resolve, reject) => {
      this.#waiters.push({ match, resolve, reject });
    });
    // A test may stop waiting: what it no longer awaits must not count as an unhandled rejection.
    coming.catch(() => {});
    return coming;
  }

  /** Lets everyone who still waits fail: nothing will come any more. */
  close(reason: string): void {
    this.#closed ??= new Error(reason);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#closed);
  }
}
