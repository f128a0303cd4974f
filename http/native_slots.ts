/**
 * Standing in for objects of the platform without making them: where a runtime keeps the inside of
 * its `Request`, `Response` and `Headers` under symbols (Node 20, Deno), a stand-in that answers to
 * the same symbols is as good as the real one to `fetch()` and `new Request()`. Where it keeps
 * private fields (Node 22 and later), it is not.
 *
 * @module
 */

/** The runtime's own, whatever takes the place of the global ones later. */
export const PlatformRequest: typeof globalThis.Request = globalThis.Request;
/** The runtime's own. */
export const PlatformResponse: typeof globalThis.Response = globalThis.Response;

type Slotted = Record<symbol, unknown>;

/** Finds the symbol with a description among those of an object; undefined when there is none. */
export function slotOf(sample: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(sample).find((slot) => slot.description === description);
}

/**
 * Has the instances of a class answer to symbols as the real object does, which `native` makes when
 * it is asked for, and makes them instances of the platform's class.
 */
export function standInFor<T extends object>(
  prototype: T,
  platform: { prototype: object },
  sample: object,
  native: (standIn: T) => object,
): void {
  for (const slot of Object.getOwnPropertySymbols(sample)) {
    Object.defineProperty(prototype, slot, {
      configurable: true,
      get(this: T) {
        return (native(this) as Slotted)[slot];
      },
      set(this: T, value: unknown) {
        (native(this) as Slotted)[slot] = value;
      },
    });
  }
  Object.setPrototypeOf(prototype, platform.prototype);
  // Some tell classes by the name of their constructor.
  if (prototype.constructor !== platform) {
    Object.defineProperty(prototype, "constructor", { value: platform, writable: true });
  }
}

type Abort = (signal: AbortSignal, reason: unknown) => void;

function findAbort(): Abort | null {
  const sample = new AbortController().signal;
  const aborted = slotOf(sample, "kAborted");
  const why = slotOf(sample, "kReason");
  if (aborted === undefined || why === undefined) return null;
  const abort: Abort = (signal, reason) => {
    if (signal.aborted) return;
    (signal as unknown as Slotted)[aborted] = true;
    (signal as unknown as Slotted)[why] = reason;
    signal.dispatchEvent(new Event("abort"));
  };
  let told = false;
  sample.addEventListener("abort", () => told = true);
  abort(sample, "sample");
  return told && sample.aborted && sample.reason === "sample" ? abort : null;
}

/**
 * Aborts a signal whose controller is out of reach, for those who listen to it, and not for what
 * `AbortSignal.any()` made of it; null where that cannot be done (in Deno).
 */
export const abortFromOutside: Abort | null = findAbort();

/** Whether somebody has begun to read a stream; null when this runtime does not tell. */
type Look = (stream: ReadableStream) => boolean | null;

let look: Look | null = null;

function findLook(): Look {
  const sample = new ReadableStream({ start: (controller) => controller.close() });
  const state = slotOf(sample, "kState");
  const flag = slotOf(sample, "[[disturbed]]");
  const candidates: Look[] = [];
  if (state !== undefined) {
    candidates.push((stream) =>
      (stream as unknown as Record<symbol, { disturbed: boolean }>)[state]!.disturbed
    );
  }
  if (flag !== undefined) {
    candidates.push((stream) => (stream as unknown as Record<symbol, boolean>)[flag]!);
  }
  return candidates.find((candidate) => tells(candidate, sample)) ?? (() => null);
}

function tells(candidate: Look, sample: ReadableStream): boolean {
  try {
    if (candidate(sample) !== false) return false;
    const reader = sample.getReader();
    reader.read();
    reader.releaseLock();
    return candidate(sample) === true;
  } catch {
    return false;
  }
}

/** Whether somebody has begun to read a stream, which its public interface does not tell. */
export function isDisturbed(stream: ReadableStream): boolean {
  look ??= findLook();
  const told = look(stream);
  if (typeof told === "boolean") return told;
  if (stream.locked) return true;
  try {
    new PlatformResponse(stream);
    return false;
  } catch {
    return true;
  }
}
