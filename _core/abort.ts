/** Waiting that an AbortSignal can end. @module */

import { netError } from "./errors.ts";

/**
 * Gives a signal back. Throws a TypeError (`ERR_INVALID_ARG_TYPE`) for what is none; null counts as
 * none given, as in `fetch()`.
 */
export function checkSignal<Signal extends AbortSignal | null | undefined>(signal: Signal): Signal {
  if (signal === undefined || signal === null) return signal;
  if (typeof signal.aborted === "boolean" && typeof signal.addEventListener === "function") {
    return signal;
  }
  throw netError("ERR_INVALID_ARG_TYPE", "Cannot use the signal: it is no AbortSignal");
}

/**
 * Gives the promise's outcome, or rejects with the signal's reason as soon as it aborts; the
 * promise goes on by itself then, and its outcome is dropped.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
