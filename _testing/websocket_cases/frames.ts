/** Frames as a peer would write and read them, by code of the tests' own. @module */

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";

/** What a frame is made of; everything may be as wrong as a case wants it. */
export interface FrameParts {
  readonly fin?: boolean;
  /** The three reserved bits, RSV1 as 4. */
  readonly rsv?: number;
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  /** How the length is written: by 7, 16 or 64 bits. The shortest when absent. */
  readonly lengthBits?: 7 | 16 | 64;
  /** A length that is not the payload's. */
  readonly length?: bigint;
  readonly masked?: boolean;
}

const KEY = [0x37, 0xfa, 0x21, 0x3d];
const encoder = new TextEncoder();

/** Bytes of numbers in hex, spaces allowed. */
export function hex(text: string): Uint8Array {
  const digits = text.replaceAll(" ", "");
  return Uint8Array.from(
    { length: digits.length / 2 },
    (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}

/** Bytes in hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Joins bytes. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function lengthOf(length: bigint, bits: 7 | 16 | 64, mask: number): Uint8Array {
  if (bits === 7) return Uint8Array.of(mask | Number(length));
  const bytes = new Uint8Array(1 + bits / 8);
  bytes[0] = mask | (bits === 16 ? 126 : 127);
  const view = new DataView(bytes.buffer);
  if (bits === 16) view.setUint16(1, Number(length));
  else view.setBigUint64(1, length);
  return bytes;
}

/** A frame; of a client unless told otherwise. */
export function frame(parts: FrameParts): Uint8Array {
  const { fin = true, rsv = 0, opcode, payload = "", masked = true } = parts;
  const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
  const length = parts.length ?? BigInt(bytes.length);
  const bits = parts.lengthBits ?? (length < 126n ? 7 : length < 65536n ? 16 : 64);
  const first = Uint8Array.of((fin ? 0x80 : 0) | (rsv << 4) | opcode);
  const head = lengthOf(length, bits, masked ? 0x80 : 0);
  if (!masked) return join(first, head, bytes);
  return join(first, head, Uint8Array.from(KEY), bytes.map((byte, at) => byte ^ KEY[at & 3]!));
}

/** The payload of a close frame. */
export function closing(code: number, reason: string | Uint8Array = ""): Uint8Array {
  const bytes = typeof reason === "string" ? encoder.encode(reason) : reason;
  return join(Uint8Array.of(code >> 8, code & 0xff), bytes);
}

const FLUSH = { finishFlush: constants.Z_SYNC_FLUSH };

/** The least output at a time: a reference further back than the window is then seen as such. */
const LEAST_CHUNK = 64;

// A byte order mark is a part of the text.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text of bytes. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A message deflated, on top of what was sent before, without the last four bytes. */
export function deflated(
  message: Uint8Array | string,
  before?: string,
  windowBits = 15,
): Uint8Array {
  const bytes = typeof message === "string" ? encoder.encode(message) : message;
  const dictionary = before === undefined ? {} : { dictionary: encoder.encode(before) };
  const options = { ...FLUSH, windowBits, ...dictionary };
  return new Uint8Array(deflateRawSync(bytes, options)).slice(0, -4);
}

/** A frame that was read. */
export interface ReadFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Uint8Array;
  /** The masking key; 0 for none. */
  readonly key: number;
}

/** Reads frames from what came; keeps what is not complete. */
export class FrameLog {
  /** In words: `text Hello`, `binary 0102`, `close 1000`. */
  readonly words: string[] = [];
  /** What no peer may send. */
  readonly faults: string[] = [];
  closed = false;
  readonly #masked: boolean;
  readonly #takeover: boolean;
  readonly #windowBits: number;
  #lastKey = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #deflated: Uint8Array = new Uint8Array(0);
  #inflatedLength = 0;

  /**
   * Reads frames that are masked, or not; `takeover` is whether their window is kept, `windowBits`
   * how large it may be.
   */
  constructor(masked: boolean, takeover: boolean, windowBits = 15) {
    this.#masked = masked;
    this.#takeover = takeover;
    this.#windowBits = windowBits;
  }

  /** Takes bytes. */
  push(chunk: Uint8Array): void {
    this.#bytes = join(this.#bytes, chunk);
    for (let read = this.#next(); read !== null; read = this.#next()) this.#note(read);
  }

  /** Bytes that are no whole frame. */
  get rest(): number {
    return this.#bytes.length;
  }

  #next(): ReadFrame | null {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    const short = bytes[1]! & 0x7f;
    const masked = bytes[1]! > 0x7f;
    const start = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (masked ? 4 : 0);
    if (bytes.length < start) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const length = short < 126
      ? short
      : short === 126
      ? view.getUint16(2)
      : Number(view.getBigUint64(2));
    if (bytes.length < start + length) return null;
    const key = bytes.slice(start - 4, start);
    const raw = bytes.slice(start, start + length);
    this.#bytes = bytes.slice(start + length);
    const payload = masked ? raw.map((byte, at) => byte ^ key[at & 3]!) : raw;
    const first = bytes[0]!;
    return {
      fin: first > 0x7f,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      masked,
      payload,
      key: masked ? view.getUint32(start - 4) : 0,
    };
  }

  #note(read: ReadFrame): void {
    // Only pings are still answered then (RFC 6455, sections 5.5.1 and 5.5.2).
    if (this.closed && read.opcode !== 10) this.faults.push("a frame after the close frame");
    if (read.masked !== this.#masked) this.faults.push("masked wrongly");
    // Each frame has a key of its own that nobody can foresee (RFC 6455, section 5.3).
    if (read.masked && (read.key === this.#lastKey || read.key === 0)) {
      this.faults.push("a masking key that is none");
    }
    this.#lastKey = read.key;
    if (!read.fin) this.faults.push("in fragments");
    this.words.push(this.#wordsOf(read));
    this.closed ||= read.opcode === 8;
  }

  #wordsOf({ rsv, opcode, payload }: ReadFrame): string {
    if (opcode === 8) {
      if (payload.length === 0) return "close";
      if (payload.length < 2 || payload.length > 125) this.faults.push("a bad close frame");
      return `close ${(payload[0]! << 8) | payload[1]!}`;
    }
    if (opcode === 9 || opcode === 10) return `${opcode === 9 ? "ping" : "pong"} ${toHex(payload)}`;
    if ((rsv & 3) !== 0 || (opcode !== 1 && opcode !== 2)) this.faults.push("reserved bits");
    const content = (rsv & 4) === 0 ? payload : this.#inflate(payload);
    const kind = opcode === 1 ? "text" : "binary";
    if (content.length > 200) return `${kind} of ${content.length}`;
    return `${kind} ${opcode === 1 ? textOf(content) : toHex(content)}`;
  }

  #inflate(payload: Uint8Array): Uint8Array {
    if (!this.#takeover) this.#deflated = new Uint8Array(0);
    this.#deflated = join(this.#deflated, payload, hex("0000ffff"));
    const options = { ...FLUSH, windowBits: this.#windowBits, chunkSize: LEAST_CHUNK };
    const all = new Uint8Array(inflateRawSync(this.#deflated, options));
    const start = this.#takeover ? this.#inflatedLength : 0;
    this.#inflatedLength = all.length;
    return all.slice(start);
  }
}
