/**
 * What waits inside of the runtime's own byte streams, where they keep it under symbols (Node). All
 * that is assumed of it is tried out on a sample first; where that is not as expected, streams are
 * read over their public interface instead.
 *
 * @module
 */

import { slotOf } from "./native_slots.ts";

/** Of a stream's state in Node: what is looked at, and what is changed. */
interface StreamState {
  state: string;
  disturbed: boolean;
  readonly reader: unknown;
  readonly controller: Record<symbol, ControllerState>;
}

interface ControllerState {
  readonly closeRequested: boolean;
  readonly queue: { readonly length: number; shift(): QueuedChunk };
}

interface QueuedChunk {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** How to look into streams; `take` as `takeQueued()`, `isOfBytes` as `isByteStream()`. */
interface Look {
  take(stream: ReadableStream): Uint8Array | null;
  isOfBytes(stream: ReadableStream): boolean;
}

function lookBy(slot: symbol): Look {
  const isOfBytes = (stream: ReadableStream) =>
    (stream as unknown as Record<symbol, StreamState>)[slot]!.controller instanceof
      ReadableByteStreamController;
  const take = (stream: ReadableStream) => {
    const state = (stream as unknown as Record<symbol, StreamState>)[slot]!;
    if (state.disturbed || state.reader !== undefined) return null;
    const { closeRequested, queue } = state.controller[slot]!;
    const all = closeRequested && queue.length === 1;
    if (state.state !== "closed" && (state.state !== "readable" || !all)) return null;
    // It becomes a stream that somebody has read to its end.
    state.disturbed = true;
    if (state.state === "closed") return NOTHING;
    state.state = "closed";
    const { buffer, byteOffset, byteLength } = queue.shift();
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
  return { take, isOfBytes };
}

function sample(chunks: readonly string[]): ReadableStream {
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

/** Whether it is right about streams of one chunk, of none, of two, of no end, and of no bytes. */
function fits({ take, isOfBytes }: Look): boolean {
  const one = sample(["abc"]);
  const chunk = take(one);
  const used = take(one) === null && !one.locked;
  const open = new ReadableStream({
    type: "bytes",
    start: (controller) => controller.enqueue(new Uint8Array(1)),
  });
  return chunk !== null && new TextDecoder().decode(chunk) === "abc" && used &&
    take(sample([]))?.length === 0 && take(sample(["a", "b"])) === null && take(open) === null &&
    isOfBytes(open) && !isOfBytes(new ReadableStream());
}

const PUBLIC: Look = {
  take: () => null,
  isOfBytes(stream) {
    try {
      stream.getReader({ mode: "byob" }).releaseLock();
      return true;
    } catch {
      return false;
    }
  },
};

function find(): Look {
  try {
    const slot = slotOf(new ReadableStream(), "kState");
    const look = slot === undefined ? PUBLIC : lookBy(slot);
    return fits(look) ? look : PUBLIC;
  } catch {
    return PUBLIC;
  }
}

let found: Look | null = null;

/**
 * Takes the whole content of a byte stream if it waits there in one chunk, and nobody has begun to
 * read; the stream is then used and closed. Null when it does not, or this runtime does not tell.
 */
export function takeQueued(stream: ReadableStream): Uint8Array | null {
  return (found ??= find()).take(stream);
}

/** Whether an unlocked stream is of bytes, as those are that a runtime makes of what is all there. */
export function isByteStream(stream: ReadableStream): boolean {
  return (found ??= find()).isOfBytes(stream);
}
