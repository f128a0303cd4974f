/** A queue whose both ends cost the same however long it is. @module */

/** Taken places are given back when they are this many, and more than half. */
const COMPACT_AT = 1024;

const NONE: never[] = [];

/**
 * First in, first out. (`Array.shift()` moves all that is left, once an array is long: a peer who
 * sends many small chunks could stop the process with it.)
 */
export class Fifo<T> {
  /** Made with the first item: most queues of most connections never have one. */
  #items: (T | undefined)[] = NONE;
  #head = 0;

  /** How many items wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.#items === NONE) this.#items = [item];
    else this.#items.push(item);
  }

  /** Puts an item before all others. */
  unshift(item: T): void {
    if (this.#head > 0) this.#items[--this.#head] = item;
    else if (this.#items === NONE) this.#items = [item];
    else this.#items.unshift(item);
  }

  /** The first item, left where it is. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Takes the first item. */
  shift(): T | undefined {
    const head = this.#head;
    if (head === this.#items.length) return undefined;
    const item = this.#items[head];
    this.#items[head] = undefined;
    this.#head = head + 1;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= COMPACT_AT && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Puts another item in the place of the last. */
  replaceLast(item: T): void {
    this.#items[this.#items.length - 1] = item;
  }

  /** Forgets all items. */
  clear(): void {
    this.#head = 0;
    // A queue that was once long shall not stay so; one in use keeps its place.
    if (this.#items.length > COMPACT_AT) this.#items = NONE;
    else if (this.#items !== NONE) this.#items.length = 0;
  }
}
