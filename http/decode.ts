/**
 * Content codings of responses (RFC 9110, section 8.4): content goes through a decoder between its
 * connection and its body, with back-pressure, a bound on what it expands to, and an error for
 * what is cut off.
 *
 * @module
 */

import { concat } from "../_core/bytes.ts";
import { netError } from "../_core/errors.ts";
import {
  type Coding,
  createDecompressor,
  decompressAll,
  type Decompressor,
  type DecompressorSink,
} from "../_runtime/decompress.ts";
import type { Fields } from "./_engine/fields.ts";
import { listElements } from "./_engine/grammar.ts";
import { EXPANSION_FREE, MAX_CODINGS } from "./client_limits.ts";
import { type BodySource, IncomingBody } from "./incoming_body.ts";

/** Who is given content: a body, or a decoder on the way to it. */
export interface ContentReceiver {
  /** A part has come, only valid during the call. */
  push(chunk: Uint8Array): void;
  /** It is complete. */
  end(trailers: Fields | null): void;
  /** It will never be complete. */
  fail(error: unknown): void;
}

/** What decoding may come to. */
export interface DecodeLimits {
  /** Decoded bytes. */
  readonly maxDecoded: number;
  /** Decoded bytes for each coded one, above the 64 MiB that are free. */
  readonly maxExpansion: number;
}

/** Content with all that leads to it. */
export interface DecodedBody {
  /** Takes the coded content. */
  readonly receiver: ContentReceiver;
  /** Gives what it decodes to. */
  readonly body: IncomingBody;
}

/** What is decoded at once when it came as a whole. */
const AT_ONCE = 16 * 1024;
/** Bytes that may wait for a decoder before its source is paused. */
const MOST_WAITING = 64 * 1024;

const NAMES: Readonly<Record<string, Coding | "identity">> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  identity: "identity",
};

/**
 * The codings to undo, the last applied first; empty when there are none, or one that is not known:
 * then the content is given as it is. Throws `ERR_HTTP_CONTENT_CODING` for too many.
 */
export function codingsOf(value: string): Coding[] {
  const codings: Coding[] = [];
  for (const name of listElements(value.toLowerCase())) {
    const coding = NAMES[name];
    if (coding === undefined) return [];
    if (coding !== "identity") codings.unshift(coding);
  }
  if (codings.length > MAX_CODINGS) {
    const message = `Cannot decode content under ${codings.length} codings`;
    throw netError("ERR_HTTP_CONTENT_CODING", message);
  }
  return codings;
}

/** Puts decoders between a source and a body. */
export function decodedBody(
  source: BodySource,
  codings: readonly Coding[],
  limits: DecodeLimits,
): DecodedBody {
  const budget = new Budget(limits);
  const decoders: Decoder[] = [];
  for (const coding of codings) {
    decoders.push(new Decoder(decoders.at(-1) ?? source, coding, budget, decoders.length === 0));
  }
  const body = new IncomingBody(decoders.at(-1)!, null);
  decoders.forEach((decoder, index) => decoder.output = decoders[index + 1] ?? body);
  return { receiver: decoders[0]!, body };
}

/** What all decoders of one body have used up. */
class Budget {
  readonly #limits: DecodeLimits;
  coded = 0;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  /** Decoded bytes that the coded ones so far may become. */
  get most(): number {
    const { maxDecoded, maxExpansion } = this.#limits;
    return Math.min(maxDecoded, Math.max(EXPANSION_FREE, this.coded * maxExpansion));
  }
}

class Decoder implements ContentReceiver, BodySource, DecompressorSink {
  output!: ContentReceiver;
  readonly #source: BodySource;
  readonly #coding: Coding;
  readonly #budget: Budget;
  readonly #first: boolean;
  #waiting: Uint8Array[] = [];
  #waitingSize = 0;
  #decompressor: Decompressor | null = null;
  #scheduled = false;
  #atWork = false;
  #held = false;
  #trailers: Fields | null = null;
  #ended = false;
  #decoded = 0;
  #over = false;

  constructor(source: BodySource, coding: Coding, budget: Budget, first: boolean) {
    this.#source = source;
    this.#coding = coding;
    this.#budget = budget;
    this.#first = first;
  }

  // --- Coded content comes in ------------------------------------------------------------------

  push(chunk: Uint8Array): void {
    if (this.#over) return;
    if (this.#first) this.#budget.coded += chunk.length;
    this.#waiting.push(chunk.slice());
    this.#waitingSize += chunk.length;
    if (this.#waitingSize > MOST_WAITING && !this.#held) {
      this.#held = true;
      this.#source.pause();
    }
    this.#schedule();
  }

  end(trailers: Fields | null): void {
    this.#ended = true;
    this.#trailers = trailers;
    this.#schedule();
  }

  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#decompressor?.close();
    this.output.fail(error);
  }

  // --- The reader of the decoded content -------------------------------------------------------

  pull(): void {
    this.#decompressor?.resume();
    if (!this.#held && !this.#ended) this.#source.pull();
  }

  pause(): void {
    this.#decompressor?.pause();
  }

  cancel(reason?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#decompressor?.close();
    if (!this.#ended) this.#source.cancel(reason);
  }

  // --- What the decompressor tells -------------------------------------------------------------

  onData(chunk: Uint8Array): void {
    this.#decoded += chunk.length;
    if (this.#decoded > this.#budget.most) this.#tooLarge();
    else this.output.push(chunk);
  }

  onTaken(): void {
    this.#atWork = false;
    this.#next();
  }

  onEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#decompressor?.close();
    this.output.end(this.#trailers);
  }

  onError(cause: unknown): void {
    const message = `Cannot decode the content: it is not whole ${this.#coding}`;
    this.#failed(netError("ERR_HTTP_CONTENT_CODING", message, { cause }));
  }

  // ---------------------------------------------------------------------------------------------

  /** A turn later a small response is here as a whole, and costs no stream. */
  #schedule(): void {
    if (this.#decompressor !== null) return this.#next();
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#begin());
  }

  #begin(): void {
    this.#scheduled = false;
    if (this.#over) return;
    // No byte at all decodes to none, whatever the field says.
    if (this.#waiting.length === 0) return this.#ended ? this.onEnd() : undefined;
    if (this.#ended && this.#waitingSize <= AT_ONCE && this.#coding !== "br") {
      return this.#decodeAtOnce(this.#coding);
    }
    this.#decompressor = createDecompressor(this.#coding, this.#waiting[0]![0]!, this);
    this.#next();
  }

  #decodeAtOnce(coding: Exclude<Coding, "br">): void {
    let output: Uint8Array;
    try {
      output = decompressAll(coding, concat(this.#waiting), Math.min(this.#budget.most, 2 ** 30));
    } catch (error) {
      const tooLarge = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
      return tooLarge ? this.#tooLarge() : this.onError(error);
    }
    if (output.length > 0) this.onData(output);
    this.onEnd();
  }

  #next(): void {
    if (this.#over || this.#atWork) return;
    const decompressor = this.#decompressor!;
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) {
      this.#atWork = true;
      this.#waitingSize -= chunk.length;
      decompressor.write(chunk);
    } else if (this.#ended) {
      this.#atWork = true;
      decompressor.end();
    }
    if (this.#held && this.#waitingSize <= MOST_WAITING / 2) {
      this.#held = false;
      if (!this.#ended) this.#source.pull();
    }
  }

  #tooLarge(): void {
    const message = `Cannot decode content that expands to more than ${this.#budget.most} bytes`;
    this.#failed(netError("ERR_HTTP_DECODED_TOO_LARGE", message));
  }

  #failed(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#decompressor?.close();
    if (!this.#ended) this.#source.cancel(error);
    this.output.fail(error);
  }
}
