/** Reads responses (RFC 9112, section 4). @module */

import { type NetError, netError } from "../../_core/errors.ts";
import { latin1 } from "../../_core/text.ts";
import type { Fields } from "./fields.ts";
import { responseFraming } from "./framing.ts";
import { INCOMPLETE } from "./field_line.ts";
import {
  CR,
  DIGIT_ZERO,
  FIELD_BYTE,
  HTTP_VERSION,
  isDigit,
  isText,
  LF,
  MAJOR_AT,
  MINOR_AT,
  SP,
} from "./grammar.ts";
import { type HeadFacts, persists, upgradeOf } from "./head_facts.ts";
import type { MessageSink, MinorVersion, ReaderLimits, ResponseHead } from "./message.ts";
import { type Dialect, MessageReader } from "./message_reader.ts";
import { REASON_PHRASES } from "./reason_phrases.ts";
import { framingError } from "./violations.ts";

/** The beginning of a status line: the version, SP. */
const VERSION: readonly number[] = [...HTTP_VERSION, SP];
const STATUS_AT = VERSION.length;
const REASON_AT = STATUS_AT + 3;
const SWITCHING_PROTOCOLS = 101;

class ResponseDialect implements Dialect<ResponseHead> {
  /** A user agent replaces folds by spaces (RFC 9112, section 5.2). */
  readonly folds = true;
  /** Only servers skip empty lines (section 2.2): before a response they would be another's. */
  readonly mostEmptyLines = 0;
  /** The method of the request that is to be answered; null when none is. */
  method: string | null = null;
  #status = 0;
  #reason = "";
  #minor: MinorVersion = 1;

  startLine(bytes: Uint8Array, start: number, end: number): number | NetError {
    if (this.method === null) return unasked();
    const violation = checkVersion(bytes, start, end);
    if (violation !== null) return violation;
    let status = 0;
    for (let at = start + STATUS_AT; at < start + REASON_AT; at++) {
      if (at >= end) return INCOMPLETE;
      const byte = bytes[at]!;
      if (!isDigit(byte)) return malformed();
      status = status * 10 + byte - DIGIT_ZERO;
    }
    if (status < 100) return malformed();
    let at = start + REASON_AT;
    if (at === end) return INCOMPLETE;
    // Many servers leave the space before an empty phrase out.
    if (bytes[at] === SP) at++;
    else if (bytes[at] !== CR) return malformed();
    const reason = at;
    while (at < end && FIELD_BYTE[bytes[at]!] === 1) at++;
    if (at === end) return INCOMPLETE;
    if (bytes[at] !== CR) return malformed();
    if (at + 1 === end) return INCOMPLETE;
    if (bytes[at + 1] !== LF) return malformed();
    this.#status = status;
    this.#minor = bytes[start + MINOR_AT] === DIGIT_ZERO ? 0 : 1;
    const usual = REASON_PHRASES[status] ?? "";
    this.#reason = isText(usual, bytes, reason, at) ? usual : latin1(bytes, reason, at);
    return at + 2;
  }

  head(fields: Fields, facts: HeadFacts): ResponseHead | NetError {
    const status = this.#status;
    const minor = this.#minor;
    const contentLength = facts.value("content-length", fields);
    const coding = facts.value("transfer-encoding", fields);
    const method = this.method ?? "GET";
    const framing = responseFraming(minor, contentLength, coding, method, status);
    if (framing.kind === "fault") return framingError(framing.fault);
    // Both together are how responses are split: what follows cannot be trusted (section 6.1).
    const doubtful = contentLength !== null && coding !== null;
    const connection = facts.value("connection", fields);
    // The final response is the answer, and none is to come after it.
    if (status >= 200 || status === SWITCHING_PROTOCOLS) this.method = null;
    return {
      status,
      reason: this.#reason,
      minor,
      fields,
      framing,
      keepAlive: framing.kind !== "close" && !doubtful && persists(connection, minor),
      upgrade: upgradeOf(facts, fields, minor),
    };
  }
}

/** Whether the line begins by `HTTP/1.x SP`, as far as it has come. */
function checkVersion(bytes: Uint8Array, start: number, end: number): NetError | null {
  const length = Math.min(end - start, VERSION.length);
  for (let at = 0; at < length; at++) {
    const byte = bytes[start + at]!;
    if (byte === VERSION[at] || (at === MINOR_AT && isDigit(byte))) continue;
    if (at < MAJOR_AT) return notHttp();
    if (at === MAJOR_AT && isDigit(byte)) return otherMajor();
    return malformed();
  }
  return null;
}

function unasked(): NetError {
  const message = "Cannot read what the server sent: no request is open";
  return netError("ERR_HTTP_INVALID_START_LINE", message);
}

function notHttp(): NetError {
  return netError("ERR_HTTP_NOT_HTTP", "Cannot read the response: it does not begin by HTTP/1");
}

function otherMajor(): NetError {
  return netError("ERR_HTTP_VERSION", "Cannot read the response: its major version is not 1");
}

function malformed(): NetError {
  return netError(
    "ERR_HTTP_INVALID_START_LINE",
    "Cannot read the response: its status line is malformed",
  );
}

/** Reads responses; see MessageReader. */
export class ResponseReader extends MessageReader<ResponseHead> {
  readonly #dialect: ResponseDialect;

  /** Makes a reader at the start of a connection. */
  constructor(sink: MessageSink<ResponseHead>, limits: ReaderLimits) {
    const dialect = new ResponseDialect();
    super(dialect, sink, limits);
    this.#dialect = dialect;
  }

  /** Tells the method of the request that the next final response answers; null for none. */
  expect(method: string | null): void {
    this.#dialect.method = method;
  }
}
