/** permessage-deflate of the fuzzing side, on the streams of `node:zlib`. @module */

import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  type InflateRaw,
} from "node:zlib";
import type { Role } from "./peer.ts";

const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

/** What goes in comes out changed, up to where a flush ends it. */
class Flushed {
  readonly #stream: DeflateRaw | InflateRaw;
  #pieces: Uint8Array[] = [];

  constructor(stream: DeflateRaw | InflateRaw) {
    this.#stream = stream;
    stream.on("data", (piece: Uint8Array) => this.#pieces.push(piece));
  }

  run(parts: readonly Uint8Array[], forget: boolean): Promise<Uint8Array> {
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      stream.once("error", reject);
      for (const part of parts) stream.write(part);
      stream.flush(constants.Z_SYNC_FLUSH, () => {
        stream.off("error", reject);
        const all = Buffer.concat(this.#pieces);
        this.#pieces = [];
        if (forget) stream.reset();
        resolve(new Uint8Array(all));
      });
    });
  }

  close(): void {
    this.#stream.close();
  }
}

/** Both directions of one connection. */
export class Codecs {
  readonly #deflate: Flushed;
  readonly #inflate: Flushed;
  readonly #deflateForgets: boolean;
  readonly #inflateForgets: boolean;

  /** Makes them for an answer, of a server or to a client. */
  constructor(answer: string, role: Role) {
    const bits = (side: string) =>
      Number(new RegExp(`${side}_max_window_bits=(\\d+)`).exec(answer)?.[1] ?? 15);
    const forgets = (side: string) => answer.includes(`${side}_no_context_takeover`);
    const other = role === "client" ? "server" : "client";
    this.#deflate = new Flushed(createDeflateRaw({ windowBits: bits(role) }));
    this.#inflate = new Flushed(createInflateRaw({ windowBits: bits(other) }));
    this.#deflateForgets = forgets(role);
    this.#inflateForgets = forgets(other);
  }

  /** A message, deflated. */
  async deflate(bytes: Uint8Array): Promise<Uint8Array> {
    const deflated = await this.#deflate.run([bytes], this.#deflateForgets);
    return deflated.subarray(0, deflated.length - TAIL.length);
  }

  /** A message, inflated. */
  inflate(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#inflate.run([bytes, TAIL], this.#inflateForgets);
  }

  /** Gives the memory back. */
  close(): void {
    this.#deflate.close();
    this.#inflate.close();
  }
}
