/** What a client can send as content, and how it is taken apart. @module */

import { netError } from "../_core/errors.ts";
import { utf8, utf8Length } from "../_core/text.ts";
import { encodeForm, makeBoundary, readForm } from "./multipart.ts";

/**
 * Content of a request: what `fetch` takes everywhere, and iterables of chunks. A string goes out as
 * UTF-8. Leave bytes alone until the response is there.
 */
export type RequestBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | FormData
  | URLSearchParams
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>;

/** Content in chunks, one after the other. */
export interface ContentSource {
  /** The next chunk. */
  next(): Promise<{ done?: boolean | undefined; value?: unknown }>;
  /** Nobody wants the rest. */
  cancel(reason: unknown): void;
}

/** Content that is ready to be sent. */
export interface OutgoingContent {
  /** All of it, if it is at hand; else null. */
  readonly data: Uint8Array | string | null;
  /** How many bytes it has; null when that is not known before. */
  readonly length: number | null;
  /** The Content-Type that belongs to it; null for none. */
  readonly type: string | null;
  /** Whether it can be sent once more. */
  readonly replayable: boolean;
  /** Gives the trailer fields behind it, flat; absent for none. */
  readonly trailers?: () => Promise<readonly string[]>;
  /** Gives it in chunks. Throws `ERR_HTTP_BODY_USED` when it cannot. */
  open(): ContentSource;
  /** Nobody will open it: what it comes from is let go, unless it was opened. Absent for data. */
  discard?(reason: unknown): void;
}

/** Data up to this size goes out in one piece; larger in pieces, so that progress can be seen. */
const AT_ONCE = 256 * 1024;
const PIECE = 64 * 1024;

const TEXT = "text/plain;charset=UTF-8";
const FORM = "application/x-www-form-urlencoded;charset=UTF-8";

/** Reads what a caller gives as content. Throws `ERR_INVALID_ARG_TYPE`, `ERR_HTTP_BODY_USED`. */
export function readContent(body: RequestBody): OutgoingContent {
  if (typeof body === "string") return ofText(body, TEXT);
  if (body instanceof Uint8Array) return ofBytes(body);
  if (body instanceof URLSearchParams) return ofText(String(body), FORM);
  if (body instanceof ArrayBuffer) return ofBytes(new Uint8Array(body));
  if (ArrayBuffer.isView(body)) {
    return ofBytes(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  }
  if (body instanceof Blob) return ofBlob(body);
  if (body instanceof FormData) return ofForm(body);
  if (body instanceof ReadableStream) return ofStream(body);
  if (typeof body === "object" && body !== null) {
    if (Symbol.asyncIterator in body) {
      return once(() => ofIterator(body[Symbol.asyncIterator]()));
    }
    if (Symbol.iterator in body) return once(() => ofIterator(body[Symbol.iterator]()));
  }
  const given = body === null ? "null" : typeof body;
  throw netError("ERR_INVALID_ARG_TYPE", `Cannot send ${given} as content`);
}

/** The same content with trailer fields behind it, for which it goes out in chunks. */
export function withTrailers(
  content: OutgoingContent,
  trailers: () => Promise<readonly string[]>,
): OutgoingContent {
  const { type } = content;
  return {
    data: null,
    length: null,
    type,
    get replayable() {
      return content.replayable;
    },
    open: () => content.open(),
    discard: (reason) => content.discard?.(reason),
    trailers,
  };
}

/** A chunk as bytes. Throws `ERR_INVALID_ARG_TYPE`. */
export function chunkBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return utf8(chunk);
  throw netError("ERR_INVALID_ARG_TYPE", "Cannot send a chunk that is no Uint8Array or string");
}

function ofText(text: string, type: string): OutgoingContent {
  const length = utf8Length(text);
  if (length > AT_ONCE) return { ...ofBytes(utf8(text)), type };
  const open = () => ofIterator([utf8(text)][Symbol.iterator]());
  return { data: text, length, type, replayable: true, open };
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

function ofBytes(bytes: Uint8Array): OutgoingContent {
  const { length } = bytes;
  const data = length <= AT_ONCE ? bytes : null;
  return { data, length, type: null, replayable: true, open: () => ofIterator(pieces(bytes)) };
}

function ofBlob(blob: Blob): OutgoingContent {
  const type = blob.type === "" ? null : blob.type;
  const open = () => ofReader(blob.stream().getReader());
  return { data: null, length: blob.size, type, replayable: true, open };
}

function ofForm(form: FormData): OutgoingContent {
  const encoded = encodeForm(form, makeBoundary());
  const { type, length } = encoded;
  return { data: null, length, type, replayable: true, open: () => ofIterator(readForm(encoded)) };
}

function ofStream(stream: ReadableStream<Uint8Array>): OutgoingContent {
  if (stream.locked) {
    throw netError("ERR_HTTP_BODY_USED", "Cannot send a stream that somebody else reads");
  }
  return once(() => ofReader(stream.getReader()));
}

/** Content that cannot be had twice. */
function once(start: () => ContentSource): OutgoingContent {
  let used = false;
  return {
    data: null,
    length: null,
    type: null,
    get replayable() {
      return !used;
    },
    open() {
      if (used) throw netError("ERR_HTTP_BODY_USED", "Cannot send the content again");
      used = true;
      return start();
    },
    discard(reason) {
      if (used) return;
      used = true;
      try {
        start().cancel(reason);
      } catch {
        // Somebody else has taken it, whose it is now.
      }
    },
  };
}

function ofReader(reader: ReadableStreamDefaultReader<unknown>): ContentSource {
  return {
    next: () => reader.read(),
    cancel: (reason) => void reader.cancel(reason).catch(() => {}),
  };
}

function ofIterator(iterator: AsyncIterator<unknown> | Iterator<unknown>): ContentSource {
  return {
    next: async () => await iterator.next(),
    // What `return()` throws at once is nobody's affair either.
    cancel: () => void new Promise((resolve) => resolve(iterator.return?.())).catch(() => {}),
  };
}
