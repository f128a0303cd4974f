/** Waiting that an AbortSignal can end. @module */

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
