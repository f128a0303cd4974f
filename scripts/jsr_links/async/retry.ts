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
  /** Whether a failure is worth another attempt; any one is unless given. */
  isRetriable?: (err: unknown) => boolean;
}

const DEFAULTS = { multiplier: 2, maxTimeout: 60_000, maxAttempts: 5, minTimeout: 1000, jitter: 1 };

type Settings = typeof DEFAULTS & Pick<RetryOptions, "isRetriable">;

/** What the real package refuses is refused here too. */
function checkSettings(settings: Settings): void {
  const { multiplier, maxTimeout, maxAttempts, minTimeout, jitter } = settings;
  const refuse = (rule: string, value: string) => {
    throw new RangeError(`Cannot retry as ${rule}: ${value}`);
  };
  const current = (value: number) => `current value is ${value}`;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    refuse("'maxAttempts' must be a positive integer", current(maxAttempts));
  }
  if (!Number.isFinite(multiplier) || multiplier < 1) {
    refuse("'multiplier' must be a finite number >= 1", current(multiplier));
  }
  if (!(maxTimeout > 0)) refuse("'maxTimeout' must be a positive number", current(maxTimeout));
  if (!(minTimeout >= 0)) refuse("'minTimeout' must be >= 0", current(minTimeout));
  if (minTimeout > maxTimeout) {
    const values = `current values 'minTimeout=${minTimeout}', 'maxTimeout=${maxTimeout}'`;
    refuse("'minTimeout' must be <= 'maxTimeout'", values);
  }
  if (!(jitter >= 0 && jitter <= 1)) refuse("'jitter' must be between 0 and 1", current(jitter));
}

/** Calls `fn` until it succeeds, waiting longer after each failure. */
export async function retry<T>(
  fn: (() => Promise<T>) | (() => T),
  options?: RetryOptions,
): Promise<T> {
  const settings = { ...DEFAULTS, ...options };
  checkSettings(settings);
  const { multiplier, maxTimeout, maxAttempts, minTimeout, jitter, isRetriable } = settings;
  for (let attempt = 0;; attempt++) {
    try {
      return await fn();
    } catch (error) {
      if (isRetriable?.(error) === false) throw error;
      if (attempt + 1 >= maxAttempts) throw new RetryError(error, maxAttempts);
      const wait = Math.min(maxTimeout, minTimeout * multiplier ** attempt);
      await delay((1 - jitter * Math.random()) * wait);
    }
  }
}
