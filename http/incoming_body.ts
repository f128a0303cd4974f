/**
 * The content of a message that comes in: fed by a connection, read by one consumer. Collecting it
 * and passing it on take no web stream; that is made when somebody asks for it.
 *
 * @module
 */

import { Deferred } from "../_core/deferred.ts";
import { netError } from "../_core/errors.ts";
import type { Fields } from "./_engine/fields.ts";
import { lightStream, originOf } from "./light_stream.ts";

/** Bytes that wait for a reader before the connection stops reading. */
const HIGH_WATER_MARK = 64 * 1024;
/** Bytes for which room is made before they came, since the length said so. */
const MOST_IN_ADVANCE = 1024 * 1024;

const decoder = new TextDecoder();

/** Where content comes from. */
export interface BodySource {
  /** Somebody wants bytes, or there is room again: let them come. */
  pull(): void;
  /** Enough waits. */
  pause(): void;
  /** Nobody will read the rest. */
  cancel(reason?: unknown): void;
}

/** Who takes content straight from the connection. */
export interface BodySink {
  /** A chunk, only valid during the call. False holds the rest back until `resume()`. */
  onChunk(chunk: Uint8Array): boolean;
  /** That was all. */
  onEnd(): void;
  /** There will be no more. */
  onFail(error: unknown): void;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Makes of all bytes what a reader asked for; bytes that are not `owned` have to be copied. */
type Finish = (bytes: Uint8Array, owned: boolean) => unknown;

const asBytes: Finish = (bytes, owned) => owned ? bytes : bytes.slice();
const asBuffer: Finish = (bytes, owned) => owned ? bytes.buffer : bytes.slice().buffer;
const asText: Finish = (bytes) => decoder.decode(bytes);
const asJson: Finish = (bytes) => JSON.parse(decoder.decode(bytes));

const NOTHING: Bytes = new Uint8Array(0);

/** The content behind a stream of ours that nobody has begun to read. */
export function incomingBodyOf(stream: ReadableStream): IncomingBody | undefined {
  const origin = originOf(stream);
  return origin instanceof IncomingBody && !origin.used ? origin : undefined;
}

/** See the module's text. */
export class IncomingBody {
  readonly #source: BodySource;
  /** What Content-Length says; null when nothing does. */
  readonly length: number | null;
  /** What has come and waits; the first `#size` bytes count. */
  #buffer: Bytes = NOTHING;
  #size = 0;
  #used = false;
  #disturbed = false;
  #ended = false;
  /** Whether the source was told to let bytes come. */
  #flowing = false;
  /** Whether the sink holds the rest back. */
  #held = false;
  /** Whether the stream's reader waits. */
  #wanted = false;
  #dropped = false;
  #failure: { error: unknown } | null = null;
  #finish: Finish | null = null;
  #resolve: ((value: unknown) => void) | null = null;
  #reject: ((error: unknown) => void) | null = null;
  #sink: BodySink | null = null;
  #stream: ReadableStream<Bytes> | null = null;
  #controller: ReadableByteStreamController | null = null;
  #trailers: Fields | null = null;
  #trailersAsked: Deferred<Fields | null> | null = null;

  /** Makes content of a length, or of one that is not known. */
  constructor(source: BodySource, length: number | null) {
    this.#source = source;
    this.length = length;
  }

  /** Whether somebody has read it, or reads it: `bodyUsed`. */
  get used(): boolean {
    return this.#used || this.#disturbed;
  }

  /** Whether its stream has a reader, which may not have read yet. */
  get locked(): boolean {
    // Looking at a stream that nobody has used yet would make it.
    return this.#controller !== null && this.#stream!.locked;
  }

  /** Whether somebody may hold its stream. */
  get given(): boolean {
    return this.#stream !== null;
  }

  /** Whether all of it has come. */
  get complete(): boolean {
    return this.#ended;
  }

  /** The trailer fields, once it is complete; rejects if it never will be. */
  get trailers(): Promise<Fields | null> {
    if (this.#trailersAsked === null) {
      this.#trailersAsked = new Deferred();
      if (this.#ended) this.#trailersAsked.resolve(this.#trailers);
      else if (this.#failure !== null) this.#trailersAsked.reject(this.#failure.error);
    }
    return this.#trailersAsked.promise;
  }

  // --- What the connection tells ---------------------------------------------------------------

  /** A part has come, only valid during the call. */
  push(chunk: Uint8Array): void {
    if (this.#dropped || chunk.length === 0) return;
    if (this.#sink !== null && !this.#held) {
      if (!this.#sink.onChunk(chunk)) this.#hold();
    } else if (this.#finish !== null) {
      if (chunk.length === this.length) this.#deliver(chunk, false);
      else this.#keep(chunk);
    } else if (this.#wanted) {
      this.#wanted = false;
      this.#controller!.enqueue(chunk.slice());
    } else {
      this.#keep(chunk);
      if (this.#size >= HIGH_WATER_MARK) this.#pause();
    }
  }

  /** It is complete. */
  end(trailers: Fields | null): void {
    if (this.#ended || this.#failure !== null) return;
    this.#ended = true;
    this.#trailers = trailers;
    this.#trailersAsked?.resolve(trailers);
    if (this.#finish !== null) this.#deliverAll();
    else if (this.#wanted) this.#closeStream();
    else if (this.#sink !== null && !this.#held && !this.#dropped) this.#sink.onEnd();
  }

  /** It will never be complete. */
  fail(error: unknown): void {
    if (this.#ended || this.#failure !== null) return;
    this.#failure = { error };
    this.#wanted = false;
    this.#buffer = NOTHING;
    this.#size = 0;
    this.#trailersAsked?.reject(error);
    this.#finish = null;
    this.#reject?.(error);
    if (this.#dropped) return;
    this.#sink?.onFail(error);
    this.#controller?.error(error);
  }

  // --- Ways to read it -------------------------------------------------------------------------

  /** All of it. Rejects with `ERR_HTTP_BODY_USED` when somebody else reads. */
  bytes(): Promise<Bytes> {
    return this.#collect(asBytes) as Promise<Bytes>;
  }

  /** All of it, as `bytes()`. */
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#collect(asBuffer) as Promise<ArrayBuffer>;
  }

  /** All of it as text: UTF-8, without a byte order mark. */
  text(): Promise<string> {
    return this.#collect(asText) as Promise<string>;
  }

  /** All of it as JSON; rejects with a SyntaxError for what is none. */
  json(): Promise<unknown> {
    return this.#collect(asJson);
  }

  /** All of it as a stream of bytes: made once. */
  get stream(): ReadableStream<Bytes> {
    return this.#stream ??= lightStream(this, () => this.#makeStream());
  }

  /** Straight through: no stream, no copies. Throws `ERR_HTTP_BODY_USED`. */
  consume(sink: BodySink): void {
    if (this.used || this.locked) throw usedError();
    this.#used = true;
    this.#sink = sink;
    this.resume();
  }

  /** Goes on after a chunk that was answered by false. */
  resume(): void {
    const sink = this.#sink;
    if (sink === null || this.#dropped) return;
    this.#held = false;
    if (this.#size > 0 && !sink.onChunk(this.#take())) return this.#hold();
    if (this.#failure !== null) sink.onFail(this.#failure.error);
    else if (this.#ended) sink.onEnd();
    else this.#pull();
  }

  /** Nobody will read the rest. */
  cancel(reason?: unknown): void {
    this.#used = true;
    this.#drop(reason);
  }

  // --- The source ------------------------------------------------------------------------------

  #pull(): void {
    if (this.#flowing || this.#ended || this.#failure !== null || this.#dropped) return;
    this.#flowing = true;
    this.#source.pull();
  }

  #pause(): void {
    this.#flowing = false;
    if (!this.#ended && this.#failure === null) this.#source.pause();
  }

  #hold(): void {
    // The sink may have given up, or failed the content, within the call.
    if (this.#dropped) return;
    this.#held = true;
    this.#pause();
  }

  #drop(reason: unknown): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#wanted = false;
    this.#buffer = NOTHING;
    this.#size = 0;
    if (!this.#ended && this.#failure === null) this.#source.cancel(reason);
  }

  // --- What waits ------------------------------------------------------------------------------

  #keep(chunk: Uint8Array): void {
    const size = this.#size + chunk.length;
    if (size > this.#buffer.length) this.#grow(size);
    this.#buffer.set(chunk, this.#size);
    this.#size = size;
  }

  #grow(size: number): void {
    const { length } = this;
    const most = this.#finish === null ? HIGH_WATER_MARK : MOST_IN_ADVANCE;
    const known = length !== null && length >= size;
    // Who has sent a part of what was announced has earned room for much more of it.
    const factor = known && this.#finish !== null ? 16 : 2;
    let room = this.#size === 0 ? size : Math.max(size, this.#buffer.length * factor);
    if (known) room = length <= most ? length : Math.min(room, length);
    const buffer = new Uint8Array(room);
    if (this.#size > 0) buffer.set(this.#buffer.subarray(0, this.#size));
    this.#buffer = buffer;
  }

  /** What waits, as the reader's own. */
  #take(): Bytes {
    const buffer = this.#buffer;
    const size = this.#size;
    this.#buffer = NOTHING;
    this.#size = 0;
    return size === buffer.length ? buffer : buffer.slice(0, size);
  }

  // --- Collecting ------------------------------------------------------------------------------

  #collect(finish: Finish): Promise<unknown> {
    if (this.used || this.locked) return Promise.reject(usedError());
    this.#used = true;
    // As the platform has it: whoever reads everything keeps the stream locked.
    if (this.#controller !== null) this.#stream!.getReader();
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure.error);
      this.#resolve = resolve;
      this.#reject = reject;
      this.#finish = finish;
      if (this.#ended) this.#deliverAll();
      else this.#pull();
    });
  }

  #deliverAll(): void {
    const exact = this.#size === this.#buffer.length;
    const bytes = exact ? this.#buffer : this.#buffer.subarray(0, this.#size);
    this.#buffer = NOTHING;
    this.#size = 0;
    // The empty array is shared.
    this.#deliver(bytes, exact && bytes.length > 0);
  }

  #deliver(bytes: Uint8Array, owned: boolean): void {
    const finish = this.#finish!;
    this.#finish = null;
    this.#dropped = true;
    try {
      this.#resolve!(finish(bytes, owned));
    } catch (error) {
      this.#reject!(error);
    }
  }

  // --- The stream ------------------------------------------------------------------------------

  #makeStream(): ReadableStream<Bytes> {
    const stream = new ReadableStream({
      type: "bytes",
      start: (controller) => {
        this.#controller = controller;
        if (this.#failure !== null) controller.error(this.#failure.error);
      },
      pull: () => this.#feed(),
      cancel: (reason) => {
        this.#disturbed = true;
        this.#drop(reason);
      },
    }, { highWaterMark: 0 });
    // What was read in another way is a stream that is used up.
    if (this.#used) stream.getReader();
    return stream as ReadableStream<Bytes>;
  }

  /** Gives the stream what there is, or notes that it waits. */
  #feed(): void {
    if (this.#used) return this.#controller!.error(usedError());
    this.#disturbed = true;
    if (this.#size > 0) {
      this.#controller!.enqueue(this.#take());
    } else if (this.#ended) {
      this.#closeStream();
    } else {
      this.#wanted = true;
      this.#pull();
    }
  }

  #closeStream(): void {
    const controller = this.#controller!;
    this.#wanted = false;
    controller.close();
    // A reader that brought its own buffer waits until that is answered.
    controller.byobRequest?.respond(0);
  }
}

/** The error of a second reader. */
export function usedError(): Error {
  return netError(
    "ERR_HTTP_BODY_USED",
    "Cannot read the body: it was read before, or is being read",
  );
}

/** A body as a stream of text; an empty one for no body. */
export function textStreamOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
): ReadableStream<string> {
  const bytes = body ?? new ReadableStream({ start: (controller) => controller.close() });
  return bytes.pipeThrough(new TextDecoderStream());
}
