/**
 * Reads messages from bytes as they come, in any split: lines (start line, fields, chunk sizes,
 * trailer fields), and content between them. What a start line and a head mean is the dialect's, of
 * requests or of responses.
 *
 * A head that lies whole in one chunk is read where it lies, each byte once, and becomes text in one
 * go. One that is cut is gathered first.
 *
 * @module
 */

import { type NetError, netError } from "../../_core/errors.ts";
import { areExtensions, MOST_SIZE_DIGITS, sizeDigits, sizeOf } from "./chunk_line.ts";
import { INCOMPLETE } from "./field_line.ts";
import { FieldSection } from "./field_section.ts";
import type { Fields } from "./fields.ts";
import { CR, LF } from "./grammar.ts";
import type { HeadFacts } from "./head_facts.ts";
import { KeptBytes } from "./kept_bytes.ts";
import type { Framing, MessageSink, ReaderLimits } from "./message.ts";
import { TrailerList } from "./trailer_list.ts";
import {
  bodyTooLarge,
  chunkFault,
  extensionsTooLarge,
  headTooLarge,
  startLineTooLong,
  trailersTooLarge,
} from "./violations.ts";

/** What is particular to requests, or to responses. */
export interface Dialect<Head extends { readonly framing: Framing }> {
  /** Whether a field line may go on in the next (RFC 9112, section 5.2). */
  readonly folds: boolean;
  /** How many empty lines before a start line are skipped (RFC 9112, section 2.2). */
  readonly mostEmptyLines: number;
  /** Reads a start line: gives the offset behind its CRLF, INCOMPLETE, or the violation. */
  startLine(bytes: Uint8Array, start: number, end: number): number | NetError;
  /** Makes the head of the last start line and these fields, or tells what is wrong with it. */
  head(fields: Fields, facts: HeadFacts): Head | NetError;
}

/** Where in a message the reader is. */
const PLACE = {
  start: 0,
  fields: 1,
  length: 2,
  chunkSize: 3,
  chunkData: 4,
  chunkEnd: 5,
  trailers: 6,
  close: 7,
  dead: 8,
} as const;
type Place = (typeof PLACE)[keyof typeof PLACE];

/** The bytes of a line's end. */
const CRLF = 2;
/** A line that is shorter is judged by its first bytes already, before its end has come. */
const JUDGED_EARLY = 64;

/** See the module's text. */
export class MessageReader<Head extends { readonly framing: Framing }> {
  readonly #sink: MessageSink<Head>;
  readonly #limits: ReaderLimits;
  readonly #dialect: Dialect<Head>;
  readonly #section: FieldSection;
  /** Bytes of the start line with its end. */
  #startLineSize = 0;
  #trailers: TrailerList | null = null;
  #place: Place = PLACE.start;
  #stopped = false;
  #emptyLines = 0;
  /** Where the head begins in the chunk. */
  #origin = 0;
  /** Bytes of a message's chunk extensions. */
  #extensions = 0;
  /** What is kept of a head or a line that was cut by the end of a chunk; null for nothing. */
  #kept: KeptBytes | null = null;
  /** Content bytes to come, of the message or the chunk; and content bytes that came in chunks. */
  #left = 0;
  #received = 0;

  /** Makes a reader at the start of a connection. */
  constructor(dialect: Dialect<Head>, sink: MessageSink<Head>, limits: ReaderLimits) {
    this.#dialect = dialect;
    this.#sink = sink;
    this.#limits = limits;
    this.#section = new FieldSection(dialect.folds, limits);
  }

  /** Whether it is between messages, and nothing of the next has come. */
  get idle(): boolean {
    return this.#place === PLACE.start && this.#kept === null;
  }

  /** Whether a part of a head has come. */
  get inHead(): boolean {
    return this.#place === PLACE.fields || (this.#place === PLACE.start && this.#kept !== null);
  }

  /** Has `receive()` return before the next message begins; for one message. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads a chunk on from an offset, and gives the offset up to which it was used. */
  receive(chunk: Uint8Array, from: number = 0): number {
    this.#stopped = false;
    this.#origin = from;
    let at = from;
    while (at < chunk.length && !this.#stopped) {
      switch (this.#place) {
        case PLACE.length:
        case PLACE.chunkData:
          at = this.#content(chunk, at);
          break;
        case PLACE.close:
          this.#toTheClose(at === 0 ? chunk : chunk.subarray(at));
          return chunk.length;
        case PLACE.dead:
          return chunk.length;
        default:
          at = this.#kept === null ? this.#inPlace(chunk, at) : this.#gather(this.#kept, chunk, at);
      }
    }
    if (this.#place === PLACE.fields && this.#kept === null) this.#keepHead(chunk, at);
    return at;
  }

  /** The peer has ended its side. */
  receiveEnd(): void {
    if (this.idle || this.#place === PLACE.dead) return;
    if (this.#place === PLACE.close) return this.#end(null);
    this.#fail(netError("ERR_HTTP_INCOMPLETE", "Cannot read the message: the connection ended"));
  }

  /** Reads lines where they lie in the chunk; one that is cut is kept. */
  #inPlace(chunk: Uint8Array, at: number): number {
    const next = this.#lines(chunk, at, chunk.length);
    if (typeof next !== "number") {
      this.#fail(next);
    } else if (next === INCOMPLETE) {
      const kept = this.#place === PLACE.fields ? this.#keepHead(chunk, at) : new KeptBytes();
      this.#kept = kept;
      kept.append(chunk, at, chunk.length);
      this.#checkKept(kept);
    } else {
      return next;
    }
    return chunk.length;
  }

  /** Goes on with the line that was cut. */
  #gather(kept: KeptBytes, chunk: Uint8Array, at: number): number {
    const lf = chunk.indexOf(LF, at);
    const end = lf === -1 ? chunk.length : lf + 1;
    kept.append(chunk, at, end);
    if (!this.#checkKept(kept)) return chunk.length;
    const start = kept.lineStart;
    const isLong = kept.length - start > JUDGED_EARLY;
    if (lf === -1 && isLong && !kept.hasBareCarriageReturn(end - at)) return end;
    const next = this.#lines(kept.bytes, start, kept.length);
    if (typeof next !== "number") {
      this.#fail(next);
      return chunk.length;
    }
    if (next === INCOMPLETE) return end;
    if (this.#place === PLACE.fields) kept.lineStart = kept.length;
    else this.#kept = null;
    return end;
  }

  /** Keeps the part of a head that was read: the chunk goes back to its owner. */
  #keepHead(chunk: Uint8Array, end: number): KeptBytes {
    const kept = new KeptBytes();
    kept.append(chunk, this.#origin, end);
    kept.lineStart = kept.length;
    this.#kept = kept;
    return kept;
  }

  /** Looks whether the line that is kept breaks a limit before its end has come. */
  #checkKept(kept: KeptBytes): boolean {
    const line = kept.length - kept.lineStart;
    // Two bytes may be the end of the section, which counts for nothing.
    const violation = line <= CRLF ? null : this.#lineTooLong(kept, line);
    if (violation !== null) this.#fail(violation);
    return violation === null;
  }

  #lineTooLong(kept: KeptBytes, line: number): NetError | null {
    const { maxStartLine, maxHead, maxTrailers, maxChunkExtensions } = this.#limits;
    switch (this.#place) {
      case PLACE.start:
        return line - CRLF <= maxStartLine ? null : startLineTooLong(maxStartLine);
      case PLACE.fields:
        return kept.length <= maxHead ? null : headTooLarge(`${maxHead} bytes`);
      case PLACE.trailers:
        return this.#trailers!.size + line <= maxTrailers ? null : trailersTooLarge(maxTrailers);
      default: {
        const digits = sizeDigits(kept.bytes, kept.lineStart, kept.length);
        if (digits > MOST_SIZE_DIGITS) return chunkFault("has a malformed size");
        const extensions = this.#extensions + line - digits - CRLF;
        return extensions <= maxChunkExtensions ? null : extensionsTooLarge(maxChunkExtensions);
      }
    }
  }

  /** Reads lines of one kind. Gives the offset behind them, INCOMPLETE, or a violation. */
  #lines(bytes: Uint8Array, start: number, end: number): number | NetError {
    switch (this.#place) {
      case PLACE.start:
        return this.#startLine(bytes, start, end);
      case PLACE.fields:
        return this.#fieldLines(bytes, start, end);
      case PLACE.chunkSize:
        return this.#chunkSize(bytes, start, end);
      case PLACE.trailers:
        return this.#trailerLine(bytes, start, end);
      default:
        return this.#chunkEnd(bytes, start, end);
    }
  }

  #startLine(bytes: Uint8Array, start: number, end: number): number | NetError {
    if (bytes[start] === CR && this.#emptyLines < this.#dialect.mostEmptyLines) {
      if (start + 1 === end) return INCOMPLETE;
      if (bytes[start + 1] === LF) {
        this.#emptyLines += 1;
        return start + CRLF;
      }
    }
    const next = this.#dialect.startLine(bytes, start, end);
    if (typeof next !== "number" || next === INCOMPLETE) return next;
    const { maxStartLine } = this.#limits;
    if (next - CRLF - start > maxStartLine) return startLineTooLong(maxStartLine);
    this.#place = PLACE.fields;
    if (this.#kept === null) this.#origin = start;
    this.#startLineSize = next - start;
    this.#section.begin();
    return next;
  }

  #fieldLines(bytes: Uint8Array, start: number, end: number): number | NetError {
    const origin = this.#kept === null ? this.#origin : 0;
    const section = this.#section;
    const next = section.read(bytes, start, end, origin, origin + this.#startLineSize);
    const { fields } = section;
    return fields === null || typeof next !== "number" ? next : this.#headEnd(fields, next);
  }

  #headEnd(fields: Fields, next: number): number | NetError {
    const head = this.#dialect.head(fields, this.#section.facts);
    if (head instanceof Error) return head;
    const { framing } = head;
    const { maxBody } = this.#limits;
    if (framing.kind === "length" && framing.length > maxBody) return bodyTooLarge(maxBody);
    this.#begin(head, framing);
    return next;
  }

  #begin(head: Head, framing: Framing): void {
    this.#emptyLines = 0;
    this.#left = 0;
    this.#received = 0;
    this.#kept = null;
    switch (framing.kind) {
      case "chunked":
        this.#place = PLACE.chunkSize;
        this.#extensions = 0;
        break;
      case "close":
        this.#place = PLACE.close;
        break;
      case "length":
        this.#left = framing.length;
        this.#place = PLACE.length;
        break;
      case "none":
        this.#place = PLACE.length;
    }
    this.#sink.onHead(head);
    if (this.#place === PLACE.length && this.#left === 0) this.#end(null);
  }

  #content(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    this.#left -= end - at;
    this.#sink.onBody(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    if (this.#left === 0) {
      if (this.#place === PLACE.length) this.#end(null);
      else if (this.#place === PLACE.chunkData) this.#place = PLACE.chunkEnd;
    }
    return end;
  }

  #toTheClose(content: Uint8Array): void {
    this.#received += content.length;
    const { maxBody } = this.#limits;
    if (this.#received > maxBody) this.#fail(bodyTooLarge(maxBody));
    else this.#sink.onBody(content);
  }

  #chunkSize(bytes: Uint8Array, start: number, end: number): number | NetError {
    const digits = sizeDigits(bytes, start, end);
    const from = start + digits;
    if (from === end && digits <= MOST_SIZE_DIGITS) return INCOMPLETE;
    const size = sizeOf(bytes, start, digits);
    if (size === -1) return chunkFault("has a malformed size");
    let stop = from;
    if (bytes[from] !== CR || from + 1 === end || bytes[from + 1] !== LF) {
      const lf = bytes.indexOf(LF, from);
      if (lf === -1 || lf >= end) return INCOMPLETE;
      stop = lf - 1;
      if (stop < from || bytes[stop] !== CR) return chunkFault("has a size without CRLF");
      if (!areExtensions(bytes, from, stop)) return chunkFault("has a malformed extension");
      const { maxChunkExtensions } = this.#limits;
      this.#extensions += stop - from;
      if (this.#extensions > maxChunkExtensions) return extensionsTooLarge(maxChunkExtensions);
    }
    if (size === 0) {
      this.#place = PLACE.trailers;
      this.#trailers = new TrailerList();
    } else {
      this.#received += size;
      const { maxBody } = this.#limits;
      if (this.#received > maxBody) return bodyTooLarge(maxBody);
      this.#left = size;
      this.#place = PLACE.chunkData;
    }
    return stop + CRLF;
  }

  #chunkEnd(bytes: Uint8Array, start: number, end: number): number | NetError {
    const isCut = start + 1 === end;
    if (bytes[start] !== CR || (!isCut && bytes[start + 1] !== LF)) {
      return chunkFault("is not followed by CRLF");
    }
    if (isCut) return INCOMPLETE;
    this.#place = PLACE.chunkSize;
    return start + CRLF;
  }

  #trailerLine(bytes: Uint8Array, start: number, end: number): number | NetError {
    const trailers = this.#trailers!;
    if (bytes[start] === CR) {
      if (start + 1 === end) return INCOMPLETE;
      if (bytes[start + 1] === LF) {
        this.#trailers = null;
        this.#end(trailers.toFields());
        return start + CRLF;
      }
    }
    const next = trailers.read(bytes, start, end, this.#dialect.folds);
    if (typeof next !== "number" || next === INCOMPLETE) return next;
    const { maxTrailers, maxFields } = this.#limits;
    if (trailers.size > maxTrailers) return trailersTooLarge(maxTrailers);
    return trailers.count > maxFields ? headTooLarge(`${maxFields} trailer fields`) : next;
  }

  #end(trailers: Fields | null): void {
    this.#place = PLACE.start;
    this.#kept = null;
    this.#sink.onEnd(trailers);
  }

  #fail(violation: NetError): void {
    if (this.#place === PLACE.dead) return;
    this.#place = PLACE.dead;
    this.#kept = null;
    this.#sink.onViolation(violation);
  }
}
