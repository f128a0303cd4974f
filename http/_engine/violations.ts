/** The violations of limits and of framing that both directions have in common. @module */

import type { ErrorCode } from "../../_core/error_codes.ts";
import { type NetError, netError } from "../../_core/errors.ts";
import type { FramingFault } from "./framing.ts";

/** A start line is longer than so many bytes. */
export function startLineTooLong(limit: number): NetError {
  const message = `Cannot read a start line of more than ${limit} bytes`;
  return netError("ERR_HTTP_START_LINE_TOO_LONG", message);
}

/** A method is longer than so many bytes, and than any that somebody could mean. */
export function methodTooLong(limit: number): NetError {
  return netError("ERR_HTTP_METHOD_TOO_LONG", `Cannot read a method of more than ${limit} bytes`);
}

/** A head has more than what is named. */
export function headTooLarge(limit: string): NetError {
  return netError("ERR_HTTP_HEAD_TOO_LARGE", `Cannot read a message with more than ${limit}`);
}

/** The trailer fields have more than so many bytes. */
export function trailersTooLarge(limit: number): NetError {
  return headTooLarge(`${limit} bytes of trailer fields`);
}

/** The chunk extensions have more than so many bytes. */
export function extensionsTooLarge(limit: number): NetError {
  return headTooLarge(`${limit} bytes of chunk extensions`);
}

/** The content has more than so many bytes. */
export function bodyTooLarge(limit: number): NetError {
  const message = `Cannot take more than ${limit} bytes of content`;
  return netError("ERR_HTTP_BODY_TOO_LARGE", message);
}

/** A request's head has not come in its time. */
export function headTimedOut(): NetError {
  return netError("ERR_HTTP_HEAD_TIMEOUT", "Cannot wait longer for a request's head");
}

/** No more of a request's content has come in its time. */
export function bodyTimedOut(): NetError {
  return netError("ERR_HTTP_BODY_TIMEOUT", "Cannot wait longer for a request's content");
}

/** Nobody has taken more of a response in its time. */
export function responseStalled(): NetError {
  const message = "Cannot send the response: nobody takes it";
  return netError("ERR_HTTP_RESPONSE_STALLED", message);
}

/** Something is wrong about a chunk. */
export function chunkFault(what: string): NetError {
  return netError("ERR_HTTP_INVALID_CHUNK", `Cannot read the content: a chunk ${what}`);
}

const FAULTS: Readonly<Record<FramingFault, { code: ErrorCode; why: string }>> = {
  length: { code: "ERR_HTTP_INVALID_FRAMING", why: "Content-Length is not one number" },
  conflict: {
    code: "ERR_HTTP_INVALID_FRAMING",
    why: "Content-Length and Transfer-Encoding are both there",
  },
  coding: { code: "ERR_HTTP_INVALID_FRAMING", why: "chunked is not the one and last coding" },
  version: { code: "ERR_HTTP_INVALID_FRAMING", why: "HTTP/1.0 has no Transfer-Encoding" },
  "unknown coding": { code: "ERR_HTTP_TRANSFER_CODING", why: "a transfer coding is unknown" },
};

/** The framing cannot be trusted. */
export function framingError(fault: FramingFault): NetError {
  const { code, why } = FAULTS[fault];
  return netError(code, `Cannot read the message: ${why}`);
}
