/** Content that is at hand, as a stream for those who ask for one. @module */

import { utf8 } from "../_core/text.ts";
import { usedError } from "./incoming_body.ts";
import { lightStream, originOf } from "./light_stream.ts";

/** Content in one piece. */
export type Static = string | Uint8Array;

class Origin {
  readonly content: Static;
  /** Whether somebody has taken the content past the stream. */
  taken = false;

  constructor(content: Static) {
    this.content = content;
  }
}

/** A stream of content that is at hand. */
export function streamOf(content: Static): ReadableStream<Uint8Array<ArrayBuffer>> {
  const origin = new Origin(content);
  return lightStream(origin, () => makeStream(origin));
}

function makeStream(origin: Origin): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { content } = origin;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (origin.taken) return controller.error(usedError());
      // A stream gives its chunks away for good, so these are a copy.
      const bytes = typeof content === "string" ? new Uint8Array(utf8(content)) : content.slice();
      if (bytes.length > 0) controller.enqueue(bytes as Uint8Array<ArrayBuffer>);
      controller.close();
      controller.byobRequest?.respond(0);
    },
  }, { highWaterMark: 0 }) as ReadableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * Takes the content past a stream that `streamOf()` made, if nobody has begun to read that: its
 * readers get an error from then on. Undefined for other streams.
 */
export function takeStatic(stream: ReadableStream): Static | undefined {
  const origin = originOf(stream);
  if (!(origin instanceof Origin) || origin.taken) return undefined;
  origin.taken = true;
  return origin.content;
}
