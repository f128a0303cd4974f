/**
 * The event log of the scenarios: what an emitter emitted, in order, as short strings.
 *
 * @module
 */

/** Anything with `on`; written as a method so that emitters with typed events fit too. */
export interface Emitting {
  /** Adds a listener. */
  on(name: string, listener: (...args: unknown[]) => void): unknown;
}

/**
 * Records the named events of an emitter from now on, for instance
 * `["connect", "data(5)", "end", "close(false)"]`.
 *
 * `data` events in a row are one entry with the total of their bytes, since how a stream is cut into
 * chunks is nobody's promise. An error is shown by its code, a close by its argument.
 */
export function logEvents(emitter: Emitting, names: readonly string[]): string[] {
  const log: string[] = [];
  let bytes = 0;
  for (const name of names) {
    emitter.on(name, (...args: unknown[]) => {
      if (name !== "data") {
        bytes = 0;
        log.push(entry(name, args[0]));
        return;
      }
      const merged = bytes > 0 || log.at(-1)?.startsWith("data(") === true;
      bytes += sizeOf(args[0]);
      if (merged) log.pop();
      log.push(`data(${bytes})`);
    });
  }
  return log;
}

/** Resolves with the arguments of the next such event; unlike `events.once`, blind to `error`. */
export function nextEvent(emitter: Emitting, name: string): Promise<unknown[]> {
  return new Promise((resolve) => emitter.on(name, (...args: unknown[]) => resolve(args)));
}

function entry(name: string, value: unknown): string {
  if (name === "close" && typeof value === "boolean") return `close(${value})`;
  if (value instanceof Error) return `${name}(${codeOf(value)})`;
  return name;
}

function codeOf(error: Error & { code?: unknown }): string {
  return typeof error.code === "string" ? error.code : error.name;
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  return value instanceof Uint8Array ? value.byteLength : 0;
}
