/** One message for many receivers: framed once, and deflated once for each size of window. @module */

import { utf8 } from "../_core/text.ts";
import { BIT, OPCODE } from "./_engine/frame.ts";
import { unmaskedFrame } from "./_engine/frame_writer.ts";
import { type DeflateEffort, MessageDeflater } from "./deflate.ts";
import type { Link } from "./link.ts";
import type { Message } from "./link_owner.ts";

/** See the module's text. */
export class PreparedMessage {
  readonly #message: Message;
  readonly #opcode: number;
  readonly #payload: Uint8Array;
  #plain: Uint8Array | null = null;
  /** Deflated frames, by the bits of the window. */
  readonly #deflated: (Uint8Array | undefined)[] = [];

  /** Makes frames of a message as they are asked for. */
  constructor(message: Message) {
    this.#message = message;
    this.#opcode = typeof message === "string" ? OPCODE.TEXT : OPCODE.BINARY;
    this.#payload = typeof message === "string" ? utf8(message) : message;
  }

  /** Sends it; gives what `send()` would. */
  sendTo(link: Link): boolean {
    // Each frame of a client has a mask of its own.
    if (link.role === "client" || link.agreed === null) return link.send(this.#message);
    const { deflater, settings } = link;
    const { length } = this.#payload;
    if (deflater === null || length < settings.threshold || length > settings.maxDeflateSize) {
      return link.sendFrame(this.#plain ??= unmaskedFrame(BIT.FIN | this.#opcode, this.#payload));
    }
    // What our deflater remembers no longer ends with what the peer's inflater has seen.
    deflater.forget();
    return link.sendFrame(this.#deflate(deflater.windowBits, settings.effort));
  }

  #deflate(windowBits: number, effort: DeflateEffort): Uint8Array {
    const known = this.#deflated[windowBits];
    if (known !== undefined) return known;
    const alone = {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: windowBits,
      clientMaxWindowBits: windowBits,
    };
    const payload = new MessageDeflater(alone, "server", effort).deflate(this.#payload);
    const frame = unmaskedFrame(BIT.FIN | BIT.RSV1 | this.#opcode, payload);
    this.#deflated[windowBits] = frame;
    return frame;
  }
}
