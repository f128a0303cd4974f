/**
 * Reads frames (RFC 6455, section 5.2) from chunks that may be cut anywhere. A violation is told at
 * the first byte that shows it, and is the end: nothing is told after it.
 *
 * Chunks are borrowed, and their bytes may be changed: payloads are unmasked where they lie.
 *
 * @module
 */

import { type NetError, netError } from "../../_core/errors.ts";
import {
  BIT,
  isControl,
  isKnown,
  LENGTH_16,
  LENGTH_64,
  MAX_CONTROL_PAYLOAD,
  OPCODE,
  type Role,
} from "./frame.ts";
import { mask } from "./mask.ts";

/** What a reader tells. */
export interface FrameSink {
  /** A frame begins. */
  onFrame(fin: boolean, compressed: boolean, opcode: number, length: number): void;
  /**
   * A piece of its payload, unmasked: the bytes of the chunk from `start` to `end`. The last piece
   * may be empty; every frame has a last one.
   */
  onPayload(chunk: Uint8Array, start: number, end: number, last: boolean): void;
  /** The peer broke the rules. */
  onViolation(error: NetError): void;
}

/** The bytes of the longest head: two, a length of eight, a key of four. */
const LONGEST_HEAD = 14;
/** The bytes of the longest head of a common frame, with a length of two. */
const LONGEST_COMMON_HEAD = 8;

function readKey(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Reads the frames of one peer. */
export class FrameReader {
  readonly #sink: FrameSink;
  #role: Role;
  #compression: boolean;
  /** The head that is read byte by byte; nothing before the first of those. */
  #head: Uint8Array | null = null;
  #headLength = 0;
  /** How long the head will be, as far as known. */
  #headNeeds = 2;
  #inPayload = false;
  /** Bytes of the payload that are still to come, and that came. */
  #left = 0;
  #phase = 0;
  #key = 0;
  #stopped = false;
  #dead = false;

  /** Makes a reader; `role` is ours, `compression` whether messages may be compressed. */
  constructor(sink: FrameSink, role: Role, compression: boolean) {
    this.#sink = sink;
    this.#role = role;
    this.#compression = compression;
  }

  /** Reads for another connection from now on; only when it is idle. */
  serve(role: Role, compression: boolean): void {
    this.#role = role;
    this.#compression = compression;
  }

  /** Whether the bytes that came so far end with a whole frame, and more may come. */
  get idle(): boolean {
    return !this.#inPayload && this.#headLength === 0 && !this.#dead;
  }

  /** Within a call of the sink: `receive()` returns before the next frame begins. */
  stop(): void {
    this.#stopped = true;
  }

  /** Nothing is read any more. */
  kill(): void {
    this.#dead = true;
  }

  /** Reads on from `from`; gives the place up to which bytes were used, all of them unless stopped. */
  receive(chunk: Uint8Array, from: number = 0): number {
    this.#stopped = false;
    let at = from;
    while (at < chunk.length && !this.#dead) {
      at = this.#inPayload ? this.#readPayload(chunk, at) : this.#readHeadAt(chunk, at);
      if (this.#stopped && !this.#inPayload && this.#headLength === 0) return at;
    }
    return this.#dead ? chunk.length : at;
  }

  #readHeadAt(chunk: Uint8Array, at: number): number {
    const isWhole = this.#headLength === 0 && chunk.length - at >= LONGEST_COMMON_HEAD;
    const start = isWhole ? this.#readCommonHead(chunk, at) : 0;
    return start > 0 ? start : this.#readHead(chunk, at);
  }

  /**
   * Reads the head of a message of up to 64 KiB in one piece, as most are, and gives where its
   * payload begins; 0 for what has to be looked at byte by byte.
   */
  #readCommonHead(chunk: Uint8Array, at: number): number {
    // Any other bit that is set, and a mask that is there or not against the rules, is no match.
    const opcode = chunk[at]! ^ BIT.FIN;
    if (opcode !== OPCODE.TEXT && opcode !== OPCODE.BINARY) return 0;
    const masked = this.#role === "server";
    let length = chunk[at + 1]! ^ (masked ? BIT.MASK : 0);
    let start = at + 2;
    if (length === LENGTH_16) {
      length = chunk[at + 2]! * 256 + chunk[at + 3]!;
      start += 2;
      if (length < LENGTH_16) return 0;
    } else if (length === 0 || length > LENGTH_16) {
      return 0;
    }
    this.#enter(length, masked ? readKey(chunk, start) : 0);
    this.#sink.onFrame(true, false, opcode, length);
    return masked ? start + 4 : start;
  }

  #readHead(chunk: Uint8Array, from: number): number {
    const head = this.#head ??= new Uint8Array(LONGEST_HEAD);
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at++]!;
      head[this.#headLength++] = byte;
      if (!this.#check(byte)) {
        this.#dead = true;
        return at;
      }
      if (this.#headLength < this.#headNeeds) continue;
      this.#begin();
      // A frame without a payload ends where its head does.
      return this.#left === 0 && !this.#dead ? this.#readPayload(chunk, at) : at;
    }
    return at;
  }

  /** Checks the byte of the head that has just come. */
  #check(byte: number): boolean {
    if (this.#headLength === 1) return this.#checkFirst(byte);
    if (this.#headLength === 2) return this.#checkSecond(byte);
    if (this.#headLength === 3 && byte > 0x7f && (this.#head![1]! & 0x7f) === LENGTH_64) {
      return this.#violates("Cannot read a frame whose length has its highest bit set");
    }
    return true;
  }

  #checkFirst(byte: number): boolean {
    const opcode = byte & 0xf;
    if ((byte & BIT.RSV2_3) !== 0) {
      return this.#violates("Cannot read a frame with reserved bit 2 or 3 set");
    }
    if (!isKnown(opcode)) return this.#violates(`Cannot read a frame with the opcode ${opcode}`);
    if ((byte & BIT.RSV1) !== 0 && !(this.#compression && this.#startsMessage(opcode))) {
      return this.#violates(`Cannot read a frame with reserved bit 1 and the opcode ${opcode}`);
    }
    if (isControl(opcode) && (byte & BIT.FIN) === 0) {
      return this.#violates("Cannot read a control frame in fragments");
    }
    return true;
  }

  #startsMessage(opcode: number): boolean {
    return opcode === OPCODE.TEXT || opcode === OPCODE.BINARY;
  }

  #checkSecond(byte: number): boolean {
    const masked = (byte & BIT.MASK) !== 0;
    if (masked !== (this.#role === "server")) {
      return this.#violates(
        masked
          ? "Cannot read a masked frame from a server"
          : "Cannot read an unmasked frame from a client",
      );
    }
    const length = byte & 0x7f;
    if (length > MAX_CONTROL_PAYLOAD && isControl(this.#head![0]! & 0xf)) {
      return this.#violates("Cannot read a control frame with more than 125 bytes");
    }
    const extended = length === LENGTH_16 ? 2 : length === LENGTH_64 ? 8 : 0;
    this.#headNeeds = 2 + extended + (masked ? 4 : 0);
    return true;
  }

  /** The head is whole. */
  #begin(): void {
    const head = this.#head!;
    const length = this.#length();
    if (this.#dead) return;
    this.#enter(length, this.#role === "client" ? 0 : readKey(head, this.#headNeeds - 4));
    this.#headLength = 0;
    this.#headNeeds = 2;
    const first = head[0]!;
    this.#sink.onFrame((first & BIT.FIN) !== 0, (first & BIT.RSV1) !== 0, first & 0xf, length);
  }

  /** The payload is next. */
  #enter(length: number, key: number): void {
    this.#inPayload = true;
    this.#left = length;
    this.#phase = 0;
    this.#key = key;
  }

  #length(): number {
    const head = this.#head!;
    const short = head[1]! & 0x7f;
    if (short < LENGTH_16) return short;
    let length = 0;
    const end = short === LENGTH_16 ? 4 : 10;
    // Exact up to 2^53; what is beyond is over every limit.
    for (let at = 2; at < end; at++) length = length * 256 + head[at]!;
    if (length < (short === LENGTH_16 ? LENGTH_16 : 0x10000)) {
      this.#violates(`Cannot read a frame whose length ${length} is not in its shortest form`);
    }
    return length;
  }

  #readPayload(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    if (this.#key !== 0) mask(chunk, at, end, this.#key, this.#phase);
    this.#left -= end - at;
    this.#phase = (this.#phase + end - at) & 3;
    const last = this.#left === 0;
    if (last) this.#inPayload = false;
    this.#sink.onPayload(chunk, at, end, last);
    return end;
  }

  #violates(message: string): false {
    this.#dead = true;
    this.#sink.onViolation(netError("ERR_WS_INVALID_FRAME", message));
    return false;
  }
}
