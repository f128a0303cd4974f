/**
 * Puts messages together from frames: fragments and the control frames between them (RFC 6455,
 * section 5.4), text that has to be UTF-8 (section 8.1), compression, and limits on all of it.
 *
 * @module
 */

import type { ErrorCode } from "../../_core/error_codes.ts";
import { type NetError, netError } from "../../_core/errors.ts";
import type { Inflater, InflateSink } from "./codec.ts";
import { isControl, MAX_CONTROL_PAYLOAD, OPCODE } from "./frame.ts";
import type { FrameSink } from "./frame_reader.ts";
import { decodeUtf8, Utf8Validator } from "./utf8.ts";

/** What an assembler tells. Payloads are the receiver's. */
export interface MessageSink {
  /** A whole message. */
  onMessage(data: string | Uint8Array): void;
  /** A close frame, ping or pong. */
  onControl(opcode: number, payload: Uint8Array): void;
  /** The peer broke the rules. */
  onViolation(error: NetError): void;
}

/** How large messages may be. */
export interface MessageLimits {
  /** Bytes of a message, inflated. */
  readonly maxMessageSize: number;
  /** Bytes of a frame, as it comes. */
  readonly maxFrameSize: number;
  /** Frames of a message. */
  readonly maxFragments: number;
}

/** A message that announces more than this gets its memory by and by: announcing costs nothing. */
const TRUSTED_SIZE = 1024 * 1024;
/** The least memory for a message in pieces. */
const LEAST_SIZE = 1024;

const EMPTY = new Uint8Array(0);

/** Assembles the messages of one peer. */
export class MessageAssembler implements FrameSink, InflateSink {
  #sink: MessageSink;
  #limits: MessageLimits;
  #inflater: Inflater | null;
  #copy: (bytes: Uint8Array, start: number, end: number) => Uint8Array;
  /** Made for the first text. */
  #texts: Utf8Validator | null = null;
  #dead = false;
  /** The kind of message under way, or CONTINUATION for none. */
  #opcode: number = OPCODE.CONTINUATION;
  #compressed = false;
  #fragments = 0;
  /** Whether anything compressed has come of the message. */
  #fed = false;
  #final = false;
  /** Bytes of the frame under way that are still to come. */
  #frameLeft = 0;
  #buffer: Uint8Array = EMPTY;
  #size = 0;
  /** The control frame under way; CONTINUATION for none. */
  #control: number = OPCODE.CONTINUATION;
  #controlBuffer: Uint8Array = EMPTY;
  #controlLength = 0;

  /** Makes an assembler; `inflater` when compression was agreed on, `copy` for what is kept. */
  constructor(
    sink: MessageSink,
    limits: MessageLimits,
    inflater: Inflater | null,
    copy: (bytes: Uint8Array, start: number, end: number) => Uint8Array,
  ) {
    this.#sink = sink;
    this.#limits = limits;
    this.#inflater = inflater;
    this.#copy = copy;
  }

  /** Works for another connection from now on; only when it is idle. */
  serve(
    sink: MessageSink,
    limits: MessageLimits,
    inflater: Inflater | null,
    copy: (bytes: Uint8Array, start: number, end: number) => Uint8Array,
  ): void {
    this.#sink = sink;
    this.#limits = limits;
    this.#inflater = inflater;
    this.#copy = copy;
  }

  /** Whether no message is under way, and more may come. */
  get idle(): boolean {
    return this.#opcode === OPCODE.CONTINUATION && !this.#dead;
  }

  onFrame(fin: boolean, compressed: boolean, opcode: number, length: number): void {
    if (isControl(opcode)) {
      this.#control = opcode;
      this.#controlLength = 0;
      return;
    }
    const begins = opcode !== OPCODE.CONTINUATION;
    if (begins !== (this.#opcode === OPCODE.CONTINUATION)) {
      return this.#violates(
        "ERR_WS_FRAGMENTATION",
        begins
          ? "Cannot begin a message before the last one is complete"
          : "Cannot continue a message: none is under way",
      );
    }
    if (begins) this.#beginMessage(opcode, compressed);
    this.#final = fin;
    this.#frameLeft = length;
    this.#checkLimits(length);
  }

  onPayload(chunk: Uint8Array, start: number, end: number, last: boolean): void {
    if (this.#dead) return;
    if (this.#control !== OPCODE.CONTINUATION) return this.#onControl(chunk, start, end, last);
    this.#frameLeft -= end - start;
    const ends = last && this.#final;
    if (this.#compressed) return this.#inflate(chunk, start, end, ends);
    if (ends && this.#size === 0) return this.#whole(chunk, start, end);
    if (this.#append(chunk, start, end) && ends) this.#finish();
  }

  onViolation(error: NetError): void {
    this.#dead = true;
    this.#sink.onViolation(error);
  }

  onInflated(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#size + end - start > this.#limits.maxMessageSize) {
      this.#tooLarge("message");
      return false;
    }
    return this.#append(bytes, start, end);
  }

  get #validator(): Utf8Validator {
    return this.#texts ??= new Utf8Validator();
  }

  #beginMessage(opcode: number, compressed: boolean): void {
    this.#opcode = opcode;
    this.#compressed = compressed;
    this.#fed = false;
    this.#fragments = 0;
    this.#size = 0;
    if (opcode === OPCODE.TEXT) this.#validator.reset();
  }

  #checkLimits(length: number): void {
    const { maxMessageSize, maxFrameSize, maxFragments } = this.#limits;
    this.#fragments += 1;
    if (this.#fragments > maxFragments) {
      const message = `Cannot accept a message in more than ${maxFragments} fragments`;
      return this.#violates("ERR_WS_TOO_MANY_FRAGMENTS", message);
    }
    if (length > maxFrameSize) return this.#tooLarge("frame");
    if (!this.#compressed && this.#size + length > maxMessageSize) this.#tooLarge("message");
  }

  #onControl(chunk: Uint8Array, start: number, end: number, last: boolean): void {
    const opcode = this.#control;
    if (last) this.#control = OPCODE.CONTINUATION;
    if (last && this.#controlLength === 0) {
      return this.#sink.onControl(opcode, start === end ? EMPTY : chunk.slice(start, end));
    }
    if (this.#controlBuffer === EMPTY) this.#controlBuffer = new Uint8Array(MAX_CONTROL_PAYLOAD);
    this.#controlBuffer.set(chunk.subarray(start, end), this.#controlLength);
    this.#controlLength += end - start;
    if (last) this.#sink.onControl(opcode, this.#controlBuffer.slice(0, this.#controlLength));
  }

  #inflate(chunk: Uint8Array, start: number, end: number, ends: boolean): void {
    const inflater = this.#inflater!;
    if (end > start) {
      this.#fed = true;
      if (!inflater.push(chunk, start, end, this)) return this.#corrupt();
    }
    if (!ends || this.#dead) return;
    // A message without a single byte is an empty one; to the inflater it would be half a block.
    if (this.#fed && !inflater.finish(this)) return this.#corrupt();
    if (!this.#dead) this.#finish();
  }

  #corrupt(): void {
    if (this.#dead) return;
    this.#violates("ERR_WS_INVALID_DEFLATE", "Cannot inflate a message: its data is corrupt");
  }

  /** The commonest of all: a message in one piece. */
  #whole(chunk: Uint8Array, start: number, end: number): void {
    const isText = this.#opcode === OPCODE.TEXT;
    this.#opcode = OPCODE.CONTINUATION;
    if (!isText) return this.#sink.onMessage(this.#copy(chunk, start, end));
    const validator = this.#validator;
    if (!validator.push(chunk, start, end) || !validator.complete) return this.#notUtf8();
    this.#sink.onMessage(decodeUtf8(chunk, start, end, validator.ascii));
  }

  /** Keeps a piece of a message; false when it is not what it has to be. */
  #append(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#opcode === OPCODE.TEXT && !this.#validator.push(bytes, start, end)) {
      this.#notUtf8();
      return false;
    }
    const size = this.#size + end - start;
    if (size > this.#buffer.length) this.#grow(size);
    this.#buffer.set(bytes.subarray(start, end), this.#size);
    this.#size = size;
    return true;
  }

  #grow(needed: number): void {
    const expected = this.#compressed ? needed : needed + this.#frameLeft;
    const doubled = Math.min(this.#limits.maxMessageSize, 2 * this.#buffer.length);
    const trusted = Math.min(expected, Math.max(TRUSTED_SIZE, 2 * needed));
    const larger = new Uint8Array(Math.max(needed, doubled, trusted, LEAST_SIZE));
    larger.set(this.#buffer.subarray(0, this.#size));
    this.#buffer = larger;
  }

  #finish(): void {
    const buffer = this.#buffer;
    const size = this.#size;
    const isText = this.#opcode === OPCODE.TEXT;
    this.#opcode = OPCODE.CONTINUATION;
    this.#buffer = EMPTY;
    this.#size = 0;
    if (!isText) {
      return this.#sink.onMessage(size === buffer.length ? buffer : buffer.slice(0, size));
    }
    if (!this.#validator.complete) return this.#notUtf8();
    this.#sink.onMessage(decodeUtf8(buffer, 0, size, this.#validator.ascii));
  }

  #notUtf8(): void {
    this.#violates("ERR_WS_INVALID_UTF8", "Cannot read a text message: it is not UTF-8");
  }

  #tooLarge(what: "frame" | "message"): void {
    const limit = what === "frame" ? this.#limits.maxFrameSize : this.#limits.maxMessageSize;
    const message = `Cannot accept a ${what} of more than ${limit} bytes`;
    this.#violates("ERR_WS_MESSAGE_TOO_LARGE", message);
  }

  #violates(code: ErrorCode, message: string): void {
    this.#dead = true;
    this.#buffer = EMPTY;
    this.#sink.onViolation(netError(code, message));
  }
}
