/** Close codes, and the payload of close frames (RFC 6455, sections 5.5.1 and 7.4). @module */

import { concat } from "../../_core/bytes.ts";
import { type NetError, netError } from "../../_core/errors.ts";
import { utf8 } from "../../_core/text.ts";
import { MAX_CONTROL_PAYLOAD } from "./frame.ts";
import { decodeUtf8, Utf8Validator } from "./utf8.ts";

/** What a close frame says. */
export interface CloseStatus {
  /** The code; 1005 when the frame has none. */
  readonly code: number;
  /** The reason, or an empty text. */
  readonly reason: string;
}

/** What a close frame without a payload says; never on the wire itself. */
export const NO_STATUS = 1005;

/** The code of a connection that ended without a close frame; never on the wire. */
export const ABNORMAL = 1006;

/** The bytes that a reason may have. */
export const MAX_REASON_BYTES: number = MAX_CONTROL_PAYLOAD - 2;

/**
 * Whether a code may stand in a close frame: those of section 7.4.1 and of the registry (1012 to
 * 1014), without the ones that only report; 3000 to 4999 are for libraries and applications.
 */
export function isSendable(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

/** Reads the payload of a close frame; an error if it is not what it has to be. */
export function readClose(payload: Uint8Array): CloseStatus | NetError {
  if (payload.length === 0) return { code: NO_STATUS, reason: "" };
  if (payload.length === 1) {
    return netError("ERR_WS_INVALID_CLOSE", "Cannot read a close frame with a payload of one byte");
  }
  const code = (payload[0]! << 8) | payload[1]!;
  if (!isSendable(code)) {
    return netError("ERR_WS_INVALID_CLOSE", `Cannot accept the close code ${code}`);
  }
  const validator = new Utf8Validator();
  if (!validator.push(payload, 2, payload.length) || !validator.complete) {
    return netError("ERR_WS_INVALID_UTF8", "Cannot read a close reason: it is not UTF-8");
  }
  return { code, reason: decodeUtf8(payload, 2, payload.length, validator.ascii) };
}

/** The payload of a close frame; empty for 1005. The reason is cut to what fits, by whole letters. */
export function writeClose(code: number, reason: string): Uint8Array {
  if (code === NO_STATUS) return new Uint8Array(0);
  return concat([Uint8Array.of(code >> 8, code & 0xff), cut(utf8(reason))]);
}

function cut(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAX_REASON_BYTES) return bytes;
  let end = MAX_REASON_BYTES;
  while ((bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
