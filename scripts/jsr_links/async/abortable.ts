/** Settles as `p` does, or rejects with the signal's reason if that comes first. */
export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T> {
  // As in the real package, a signal that is aborted already makes the call itself throw.
  signal.throwIfAborted();
  let onAbort: () => void;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  return Promise.race([aborted, p]).finally(() => signal.removeEventListener("abort", onAbort));
}
