/**
 * A promise with its two ends in hand. (`Promise.withResolvers` is not in Node 20, and a polyfill
 * would reach into the global of whoever uses the package.)
 *
 * @module
 */
export class Deferred<T> {
  /** The promise. A rejection that nobody looks at is not reported as unhandled. */
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  /** Makes a pending promise. */
  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(() => {});
  }

  /** Fulfils the promise; the first settling counts. */
  resolve(value: T): void {
    this.#resolve(value);
  }

  /** Rejects the promise; the first settling counts. */
  reject(error: unknown): void {
    this.#reject(error);
  }
}
