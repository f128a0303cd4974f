import { delay } from "./delay.ts";

/** The error of {@linkcode retry} when every attempt failed; `cause` is the last failure. */
export class RetryError extends Error {
  /** Keeps the last failure and the number of attempts made. */
  constructor(cause: unknown, attempts: number) {
    super(`Retrying exceeded the maxAttempts (${attempts}).`);
    this.name = "RetryError";
    this.cause = cause;
  }
}

/** Options of {@linkcode retry}. */
export interface RetryOptions {
  /** Factor from one wait to the next; 2 unless given. */
  multiplier?: number;
  /** Longest wait in milliseconds; 60000 unless given. */
  maxTimeout?: number;
  /** Attempts in all; 5 unless given. */
  maxAttempts?: number;
  /** First wait in milliseconds; 1000 unless given. */
  minTimeout?: number;
  /** Share of a wait that is random, from 0 to 1; 1 unless given. */
  jitter?: number;
}

const DEFAULTS = { multiplier: 2, maxTimeout: 60_000, maxAttempts: 5, minTimeout: 1000, jitter: 1 };

/** Calls `fn` until it succeeds, waiting longer after each failure. */
export async function retry<T>(
  fn: (() => Promise<T>) | (() => T),
  options?: RetryOptions,
): Promise<T> {
  const { multiplier, maxTimeout, maxAttempts, minTimeout, jitter } = { ...DEFAULTS, ...options };
  if (minTimeout > maxTimeout) {
    throw new RangeError(
      `Cannot retry as 'minTimeout' must be <= 'maxTimeout': current values ` +
        `'minTimeout=${minTimeout}', 'maxTimeout=${maxTimeout}'`,
    );
  }
  for (let attempt = 0;; attempt++) {
    try {
      return await fn();
    } catch (error) {
      if (attempt + 1 >= maxAttempts) throw new RetryError(error, maxAttempts);
      const wait = Math.min(maxTimeout, minTimeout * multiplier ** attempt);
      await delay((1 - jitter * Math.random()) * wait);
    }
  }
}
