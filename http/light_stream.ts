/**
 * A `ReadableStream` that is made when somebody begins to use it: making one costs more than a small
 * request, and many only pass it on, as `new Response(request.body)` does.
 *
 * @module
 */

import { isDisturbed, standInFor } from "./native_slots.ts";

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** What a stream of ours was made of, if it is unlocked and nobody has begun to read it. */
export let originOf: (stream: ReadableStream) => unknown;

class LightStream {
  readonly #origin: unknown;
  readonly #make: () => Stream;
  #real: Stream | null = null;

  static {
    originOf = (stream) => {
      const light = stream as unknown as LightStream;
      const isLight = #origin in light;
      // Where the light ones fit, those of the platform have no origin.
      if (!isLight && fits !== false) return undefined;
      const real = isLight ? light.#real : stream;
      if (real !== null && (real.locked || isDisturbed(real))) return undefined;
      return isLight ? light.#origin : origins.get(stream);
    };
    Object.setPrototypeOf(this.prototype, ReadableStream.prototype);
  }

  constructor(origin: unknown, make: () => Stream) {
    this.#origin = origin;
    this.#make = make;
  }

  /** Lets the runtime's own functions take it for one of theirs. */
  static standIn(): void {
    const sample = new ReadableStream();
    standInFor(this.prototype, ReadableStream, sample, (stream) => stream.#open());
  }

  #open(): Stream {
    return this.#real ??= this.#make();
  }
}

/** Those of streams that are the platform's from the start. */
const origins = new WeakMap<ReadableStream, unknown>();

/** Whether the runtime takes the light streams for its own; found out with the first. */
let fits: boolean | null = null;

function findOut(): boolean {
  LightStream.standIn();
  const real = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.close(),
  }, { highWaterMark: 0 });
  const light = new LightStream(null, () => real) as unknown as Stream;
  try {
    const reader = light.getReader();
    const locks = light.locked && real.locked;
    reader.releaseLock();
    const releases = !light.locked && !real.locked;
    light.cancel().catch(() => {});
    return locks && releases && isDisturbed(real);
  } catch {
    return false;
  }
}

/** Gives a stream that `make` makes when it is used; `originOf()` gives what it is made of. */
export function lightStream(origin: unknown, make: () => Stream): Stream {
  fits ??= findOut();
  if (fits) return new LightStream(origin, make) as unknown as Stream;
  const stream = make();
  origins.set(stream, origin);
  return stream;
}
