/** Reads requests (RFC 9112, section 3). @module */

import { type NetError, netError } from "../../_core/errors.ts";
import { latin1 } from "../../_core/text.ts";
import type { Fields } from "./fields.ts";
import { requestFraming } from "./framing.ts";
import { INCOMPLETE } from "./field_line.ts";
import {
  CR,
  DIGIT_ZERO,
  HTTP_VERSION,
  isAuthorityForm,
  isDigit,
  isHost,
  isText,
  LF,
  listElements,
  MAJOR_AT,
  MINOR_AT,
  QUERY_BYTE,
  QUESTION,
  SP,
  TARGET_BYTE,
  TCHAR,
} from "./grammar.ts";
import { type HeadFacts, persists, upgradeOf } from "./head_facts.ts";
import type { Framing, MessageSink, MinorVersion, ReaderLimits, RequestHead } from "./message.ts";
import { type Dialect, MessageReader } from "./message_reader.ts";
import { framingError, methodTooLong } from "./violations.ts";

/** The end of a request line: the version, CRLF. */
const VERSION: readonly number[] = [...HTTP_VERSION, CR, LF];
const SLASH = 47;

/** Bytes of a method: the longest one that is registered has 17. */
const LONGEST_METHOD = 64;

/** The methods that are not cut out of the text anew for each request. */
const METHODS = ["GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];

class RequestDialect implements Dialect<RequestHead> {
  readonly folds = false;
  /** A few, as clients of old sent them (section 2.2). */
  readonly mostEmptyLines = 8;
  /** That of the last start line, as far as it was read. */
  method = "";
  #target = "";
  #minor: MinorVersion = 1;
  /** The last head: the next one mostly differs in the target alone. */
  #last: RequestHead | null = null;
  /** The last Host that was valid: on a connection mostly the same. */
  #validHost = "";

  startLine(bytes: Uint8Array, start: number, end: number): number | NetError {
    this.method = "";
    let at = start;
    while (at < end && TCHAR[bytes[at]!] === 1) at++;
    if (at - start > LONGEST_METHOD) return methodTooLong(LONGEST_METHOD);
    if (at === end) return INCOMPLETE;
    if (bytes[at] !== SP || at === start) return noMethod(bytes[start]!);
    this.method = methodOf(bytes, start, at);
    const target = at + 1;
    at = skipTarget(bytes, target, end);
    if (at === end) return INCOMPLETE;
    if (bytes[at] !== SP || at === target) return this.#noTarget(bytes, at, end);
    if (!isText(this.#target, bytes, target, at)) this.#target = latin1(bytes, target, at);
    return this.#readVersion(bytes, at + 1, end);
  }

  head(fields: Fields, facts: HeadFacts): RequestHead | NetError {
    const last = this.#last;
    const head = last !== null && last.fields === fields && last.minor === this.#minor
      ? this.#again(last)
      : this.#read(fields, facts);
    if (!(head instanceof Error)) this.#last = head;
    return head;
  }

  /** Fields that are those of the last head say the same again. */
  #again(last: RequestHead): RequestHead | NetError {
    const method = this.method;
    const target = this.#target;
    if (last.method === method && last.target === target) return last;
    const form = formOf(method, target);
    return form === null ? badTarget(`it is not for ${method}`) : { ...last, method, target, form };
  }

  #read(fields: Fields, facts: HeadFacts): RequestHead | NetError {
    const method = this.method;
    const target = this.#target;
    const form = formOf(method, target);
    if (form === null) return badTarget(`it is not for ${method}`);
    const minor = this.#minor;
    const host = facts.value("host", fields);
    if (!this.#isHostValid(host, facts.isRepeated("host"))) {
      const message = "Cannot read the request: Host is not one valid host";
      return netError("ERR_HTTP_INVALID_HOST", message);
    }
    const contentLength = facts.value("content-length", fields);
    const coding = facts.value("transfer-encoding", fields);
    const framing = requestFraming(minor, contentLength, coding);
    if (framing.kind === "fault") return framingError(framing.fault);
    const expect = minor === 0 ? null : facts.value("expect", fields);
    const expectations = expect === null ? [] : listElements(expect.toLowerCase());
    if (expectations.some((expectation) => expectation !== "100-continue")) {
      return netError("ERR_HTTP_EXPECTATION", "Cannot meet the expectation of the request");
    }
    return {
      method,
      target,
      form,
      minor,
      fields,
      host,
      framing,
      keepAlive: persists(facts.value("connection", fields), minor),
      expectsContinue: expectations.length > 0 && hasContent(framing),
      upgrade: upgradeOf(facts, fields, minor),
    };
  }

  #isHostValid(host: string | null, isRepeated: boolean): boolean {
    if (host === null) return this.#minor === 0;
    if (isRepeated) return false;
    if (host === this.#validHost) return true;
    if (!isHost(host)) return false;
    this.#validHost = host;
    return true;
  }

  #noTarget(bytes: Uint8Array, at: number, end: number): number | NetError {
    if (bytes[at] !== CR) return badTarget("it is empty or holds what no target may hold");
    if (at + 1 === end) return INCOMPLETE;
    return bytes[at + 1] === LF
      ? malformed("it has no version")
      : badTarget("it holds a carriage return");
  }

  #readVersion(bytes: Uint8Array, start: number, end: number): number | NetError {
    for (let at = 0; at < VERSION.length; at++) {
      if (start + at === end) return INCOMPLETE;
      const byte = bytes[start + at]!;
      if (byte === VERSION[at]) continue;
      if (at === MINOR_AT && isDigit(byte)) continue;
      if (at === MAJOR_AT && isDigit(byte)) return this.#otherMajor(bytes, start, end);
      return malformed("its version is malformed");
    }
    this.#minor = bytes[start + MINOR_AT] === DIGIT_ZERO ? 0 : 1;
    return start + VERSION.length;
  }

  /** Another major version is one only if the whole line is well-formed. */
  #otherMajor(bytes: Uint8Array, start: number, end: number): number | NetError {
    for (let at = MAJOR_AT + 1; at < VERSION.length; at++) {
      if (start + at === end) return INCOMPLETE;
      const byte = bytes[start + at]!;
      if (byte !== VERSION[at] && !(at === MINOR_AT && isDigit(byte))) {
        return malformed("its version is malformed");
      }
    }
    // The client's preface of HTTP/2 (RFC 9113, section 3.4).
    if (this.method === "PRI") return notHttp("HTTP/2");
    return netError(
      "ERR_HTTP_VERSION",
      "Cannot read the request: only HTTP/1.1 and HTTP/1.0 are spoken here",
    );
  }
}

/** Behind the bytes that a target may hold, of which some are for its query alone. */
function skipTarget(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && TARGET_BYTE[bytes[at]!] === 1) at++;
  if (at === end || QUERY_BYTE[bytes[at]!] === 0) return at;
  const query = bytes.indexOf(QUESTION, start);
  if (query === -1 || query > at) return at;
  while (at < end && QUERY_BYTE[bytes[at]!] === 1) at++;
  return at;
}

function hasContent(framing: Framing): boolean {
  return framing.kind === "chunked" || (framing.kind === "length" && framing.length > 0);
}

function noMethod(first: number): NetError {
  // A TLS record of a handshake begins with 22; an SSL 2 hello has its high bit set.
  if (first === 0x16 || first >= 0x80) return notHttp("TLS");
  return malformed("its method is no token that a space follows");
}

function notHttp(protocol: string): NetError {
  return netError("ERR_HTTP_NOT_HTTP", `Cannot read the request: it looks like ${protocol}`);
}

function badTarget(why: string): NetError {
  return netError("ERR_HTTP_INVALID_TARGET", `Cannot read the target of the request: ${why}`);
}

function malformed(why: string): NetError {
  return netError("ERR_HTTP_INVALID_START_LINE", `Cannot read the request: ${why}`);
}

function methodOf(bytes: Uint8Array, start: number, end: number): string {
  for (const method of METHODS) if (isText(method, bytes, start, end)) return method;
  return latin1(bytes, start, end);
}

/** Which form a target has (RFC 9112, section 3.2); null when the method cannot have it. */
function formOf(method: string, target: string): RequestHead["form"] | null {
  if (method === "CONNECT") return isAuthorityForm(target) ? "authority" : null;
  if (target.charCodeAt(0) === SLASH) return "origin";
  if (target === "*") return method === "OPTIONS" ? "asterisk" : null;
  const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?]*)/i.exec(target);
  if (absolute === null) return null;
  const [, scheme = "", authority = ""] = absolute;
  // A URI of http has a host, and no user (RFC 9110, sections 4.2.1 and 4.2.4).
  const needsHost = /^https?$/i.test(scheme);
  return isHost(authority) && !(needsHost && authority === "") ? "absolute" : null;
}

/** Reads requests; see MessageReader. */
export class RequestReader extends MessageReader<RequestHead> {
  readonly #dialect: RequestDialect;

  /** Makes a reader at the start of a connection. */
  constructor(sink: MessageSink<RequestHead>, limits: ReaderLimits) {
    const dialect = new RequestDialect();
    super(dialect, sink, limits);
    this.#dialect = dialect;
  }

  /** The method of the request at work, also of one that is refused; empty when it has not come. */
  get method(): string {
    return this.#dialect.method;
  }
}
