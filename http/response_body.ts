/** What the body of a response can be made of, taken apart. @module */

import { type IncomingBody, incomingBodyOf, usedError } from "./incoming_body.ts";
import { isDisturbed, PlatformResponse } from "./native_slots.ts";
import type { BodyInput } from "./platform.ts";
import { type Static, takeStatic } from "./static_body.ts";

/** Content of a response. */
export type Content =
  | null
  | Static
  | IncomingBody
  | Blob
  | ReadableStream<Uint8Array<ArrayBuffer>>;

/** A body, taken apart. */
export interface BodyParts {
  readonly content: Content;
  /** The Content-Type that belongs to it; null for none. */
  readonly type: string | null;
}

/** The type of text. */
export const TEXT_TYPE = "text/plain;charset=UTF-8";
const FORM_TYPE = "application/x-www-form-urlencoded;charset=UTF-8";

/** Takes apart what is no string (Fetch standard, "extract"). Throws `ERR_HTTP_BODY_USED`. */
export function readBody(body: Exclude<BodyInput, string>): BodyParts {
  if (body instanceof ReadableStream) return { content: ofStream(body), type: null };
  if (body instanceof Uint8Array) return { content: body, type: null };
  if (body instanceof ArrayBuffer) return { content: new Uint8Array(body), type: null };
  if (ArrayBuffer.isView(body)) {
    const { buffer, byteOffset, byteLength } = body;
    return { content: new Uint8Array(buffer, byteOffset, byteLength), type: null };
  }
  if (body instanceof URLSearchParams) return { content: body.toString(), type: FORM_TYPE };
  if (body instanceof Blob) return { content: body, type: body.type === "" ? null : body.type };
  if (body instanceof FormData) {
    // How forms are written is the platform's affair.
    const { headers, body: stream } = new PlatformResponse(body);
    return { content: stream, type: headers.get("content-type") };
  }
  return ofOther(body);
}

function ofStream(stream: ReadableStream): Content {
  const origin = incomingBodyOf(stream) ?? takeStatic(stream);
  if (origin !== undefined) return origin;
  if (stream.locked || isDisturbed(stream)) throw usedError();
  return stream;
}

function ofOther(body: unknown): BodyParts {
  // Both runtimes take iterables of chunks as well.
  if (typeof body === "object" && body !== null && Symbol.asyncIterator in body) {
    const { body: stream } = new PlatformResponse(body as BodyInput);
    return { content: stream, type: null };
  }
  return { content: String(body), type: TEXT_TYPE };
}
