/** A queue whose both ends cost the same however long it is. @module */

/** How many places a queue may keep once it is empty. */
const KEPT_PLACES = 1024;

const NONE: never[] = [];

/**
 * First in, first out, in a ring of places. (`Array.shift()` moves all that is left, once an array is
 * long: a peer who sends many small chunks could stop the process with it.)
 */
export class Fifo<T> {
  /** As many as a power of two, or none: most queues of most connections never have an item. */
  #places: (T | undefined)[] = NONE;
  /** Makes a place of any number: one less than there are places. */
  #mask = -1;
  #head = 0;
  #length = 0;

  /** How many items wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.#length > this.#mask) this.#grow();
    this.#places[(this.#head + this.#length++) & this.#mask] = item;
  }

  /** Puts an item before all others. */
  unshift(item: T): void {
    if (this.#length > this.#mask) this.#grow();
    this.#head = (this.#head - 1) & this.#mask;
    this.#places[this.#head] = item;
    this.#length++;
  }

  /** The first item, left where it is. */
  peek(): T | undefined {
    return this.#places[this.#head];
  }

  /** Takes the first item. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const head = this.#head;
    const item = this.#places[head];
    this.#places[head] = undefined;
    this.#head = (head + 1) & this.#mask;
    if (--this.#length === 0 && this.#mask >= KEPT_PLACES) this.clear();
    return item;
  }

  /** Puts another item in the place of the last. */
  replaceLast(item: T): void {
    this.#places[(this.#head + this.#length - 1) & this.#mask] = item;
  }

  /** Forgets all items. */
  clear(): void {
    if (this.#mask < KEPT_PLACES) {
      this.#places.fill(undefined);
    } else {
      // A queue that was once long shall not stay so.
      this.#places = NONE;
      this.#mask = -1;
    }
    this.#head = 0;
    this.#length = 0;
  }

  /** Makes the first places, or twice as many as before with the first item in the first. */
  #grow(): void {
    const before = this.#places;
    const head = this.#head;
    this.#head = 0;
    if (before === NONE) {
      this.#places = [undefined, undefined, undefined, undefined];
    } else {
      this.#places = before.slice(head);
      for (let index = 0; index < head; index++) this.#places.push(before[index]);
      this.#places.length = 2 * before.length;
    }
    this.#mask = this.#places.length - 1;
  }
}
