/**
 * permessage-deflate at work (RFC 7692, section 7.2): the engine's codec on the runtime's zlib. What
 * keeps no memory between messages is shared by all connections.
 *
 * @module
 */

import { RawDeflate, RawInflate } from "../_runtime/zlib.ts";
import type { Deflater, Inflater, InflateSink } from "./_engine/codec.ts";
import type { DeflateAgreement } from "./_engine/extension.ts";
import type { Role } from "./_engine/frame.ts";
import * as limits from "./limits.ts";

/** The four bytes that end each message, and are not sent (section 7.2.1). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

/**
 * What an inflater gets at the end: those four bytes, and one more empty block. Neither gives output
 * where a message ended as it has to; where it was cut, they are taken for its data.
 */
const CHECKED_TAIL = Uint8Array.of(0, 0, 0xff, 0xff, 0, 0, 0, 0xff, 0xff);

/** Notes whether anything comes out. */
class Overrun implements InflateSink {
  came = false;

  onInflated(): boolean {
    this.came = true;
    return false;
  }
}

/** An empty message, deflated (section 7.2.3.6). */
const EMPTY = Uint8Array.of(0);

/** How hard to compress. */
export interface DeflateEffort {
  /** From 1, the fastest, to 9, the smallest. */
  readonly level: number;
  /** From 1 to 9: how much memory a deflater has. */
  readonly memoryLevel: number;
}

interface Reusable {
  reset(): void;
  close(): void;
}

/** Those that wait to be used again, by what they were made with. */
class Pool<T extends Reusable> {
  readonly #free = new Map<string, T[]>();

  take(kind: string, make: () => T): T {
    return this.#free.get(kind)?.pop() ?? make();
  }

  give(kind: string, codec: T): void {
    let free = this.#free.get(kind);
    if (free === undefined) this.#free.set(kind, free = []);
    if (free.length >= limits.POOLED_CODECS) return codec.close();
    codec.reset();
    free.push(codec);
  }
}

const inflaters = new Pool<RawInflate>();
const deflaters = new Pool<RawDeflate>();

/** Inflates the messages of one peer. */
export class MessageInflater implements Inflater {
  readonly #windowBits: number;
  readonly #takeover: boolean;
  #raw: RawInflate | null = null;

  /** Makes one for what was agreed on, at our end. */
  constructor(agreement: DeflateAgreement, role: Role) {
    const fromServer = role === "client";
    const { serverMaxWindowBits, clientMaxWindowBits } = agreement;
    this.#windowBits = fromServer ? serverMaxWindowBits : clientMaxWindowBits;
    this.#takeover = fromServer
      ? !agreement.serverNoContextTakeover
      : !agreement.clientNoContextTakeover;
  }

  push(chunk: Uint8Array, start: number, end: number, sink: InflateSink): boolean {
    const bits = this.#windowBits;
    this.#raw ??= inflaters.take(String(bits), () => new RawInflate(bits));
    return this.#raw.push(chunk, start, end, sink);
  }

  finish(): boolean {
    const overrun = new Overrun();
    const ok = this.push(CHECKED_TAIL, 0, CHECKED_TAIL.length, overrun) && !overrun.came;
    if (!this.#takeover && ok) this.#release();
    return ok;
  }

  /** Gives its memory back, for good. */
  close(): void {
    this.#raw?.close();
    this.#raw = null;
  }

  #release(): void {
    inflaters.give(String(this.#windowBits), this.#raw!);
    this.#raw = null;
  }
}

/** Deflates our messages. */
export class MessageDeflater implements Deflater {
  /** The window that the peer was told, in bits. */
  readonly windowBits: number;
  readonly #takeover: boolean;
  readonly #effort: DeflateEffort;
  readonly #kind: string;
  #raw: RawDeflate | null = null;
  #stale = false;

  /** Makes one for what was agreed on, at our end. */
  constructor(agreement: DeflateAgreement, role: Role, effort: DeflateEffort) {
    const byServer = role === "server";
    this.windowBits = byServer ? agreement.serverMaxWindowBits : agreement.clientMaxWindowBits;
    this.#takeover = byServer
      ? !agreement.serverNoContextTakeover
      : !agreement.clientNoContextTakeover;
    this.#effort = effort;
    this.#kind = `${this.windowBits},${effort.level},${effort.memoryLevel}`;
  }

  deflate(payload: Uint8Array): Uint8Array {
    if (payload.length === 0) return EMPTY;
    const { level, memoryLevel } = this.#effort;
    this.#raw ??= deflaters.take(
      this.#kind,
      () => new RawDeflate(this.windowBits, level, memoryLevel),
    );
    if (this.#stale) this.#raw.reset();
    this.#stale = false;
    const deflated = this.#raw.deflate(payload);
    if (!this.#takeover) this.release();
    return deflated.subarray(0, deflated.length - TAIL.length);
  }

  /**
   * Begins the next message anew. Allowed at any time: to refer to earlier messages is no duty
   * (section 7.1.1).
   */
  forget(): void {
    this.#stale = true;
  }

  /** Gives the memory to whoever needs it, until the next message, which begins anew. */
  release(): void {
    if (this.#raw !== null) deflaters.give(this.#kind, this.#raw);
    this.#raw = null;
    this.#stale = false;
  }
}
