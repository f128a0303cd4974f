/**
 * What there is to send of a response, light or the platform's. The platform's are read from the
 * inside where it is known how: over the public interface it takes many times longer.
 *
 * @module
 */

import { netError } from "../_core/errors.ts";
import { listHasField } from "./headers.ts";
import { usedError } from "./incoming_body.ts";
import { PlatformResponse } from "./native_slots.ts";
import { findPeek, type Peek } from "./native_response.ts";
import { isByteStream } from "./queued_stream.ts";
import { ReadAhead } from "./read_ahead.ts";
import { type ResponseContent, takeResponse } from "./response.ts";
import { readBody } from "./response_body.ts";
import { streamOf } from "./static_body.ts";
import { type TrailersProvider, trailersProvider } from "./trailers.ts";

/** A response as it is to be sent. */
export interface Outgoing extends Omit<ResponseContent, "body"> {
  readonly body: ResponseContent["body"] | ReadableStream<Uint8Array> | ReadAhead;
  /** Gives the trailer fields once the content is complete; undefined without any. */
  readonly trailers?: TrailersProvider | undefined;
}

/**
 * What there is to send; the response counts as used from then on. Throws `ERR_HTTP_BODY_USED` for
 * one that was, and `ERR_INVALID_ARG_TYPE` for what is no response.
 */
export function outgoingOf(response: Response): Outgoing {
  if (typeof response !== "object" || response === null) throw noResponse();
  const outgoing = takeResponse(response) ?? readNative(response);
  const trailers = trailersProvider(response);
  if (trailers === undefined) return outgoing;
  const { body } = outgoing;
  // Only what goes out in parts has an end for trailers to follow.
  const inOnePiece = typeof body === "string" || body instanceof Uint8Array;
  const parts = body instanceof ReadAhead ? body.stream : body;
  return { ...outgoing, body: inOnePiece ? streamOf(body) : parts, trailers };
}

let peek: Peek | null = null;

/** Whether what is all there is a stream like any other: in Bun, which shows nothing of the inside. */
let isHidden: boolean | null = null;

function findHidden(): boolean {
  const sample = new PlatformResponse("sample");
  return peek!(sample) === null && !isByteStream(sample.body!);
}

function readNative(response: Response): Outgoing {
  if (!(response instanceof PlatformResponse)) throw noResponse();
  peek ??= findPeek(PlatformResponse);
  const seen = peek(response);
  if (seen !== null) return seen;
  // Before the body: Bun forgets the type of a form or a Blob once its stream is made.
  const headers = [...response.headers].flat();
  const { status, statusText, bodyUsed, body } = response;
  if (bodyUsed || body?.locked) throw usedError();
  return { status, statusText, headers, body: body === null ? null : contentOf(body, headers) };
}

function contentOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  headers: readonly string[],
): Outgoing["body"] {
  const content = readBody(body).content as ResponseContent["body"];
  if (content !== body) return content;
  // What a handler says of the length of a stream of its own is held against what comes.
  const mayBeWhole = isByteStream(body) ||
    ((isHidden ??= findHidden()) && !listHasField(headers, "content-length"));
  return mayBeWhole ? new ReadAhead(body) : body;
}

function noResponse(): Error {
  return netError("ERR_INVALID_ARG_TYPE", "Cannot respond: the handler gave no Response");
}
