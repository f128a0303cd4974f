/**
 * What a connection writes of its messages: text and bytes in turns, kept back for as long as more
 * of a message, or of the next, comes in the same go.
 *
 * @module
 */

import { utf8 } from "../_core/text.ts";
import { WriteQueue, type WriteQueueOwner } from "../_io/write_queue.ts";

/** See the module's text. What was given goes out by `letGo()`. */
export class MessageQueue extends WriteQueue {
  /** Text that waits to be sent with what follows. */
  #text = "";
  /** Whether all of it is ASCII, as far as is known. */
  #ascii = true;

  /** Makes the queue of an open stream. */
  constructor(owner: WriteQueueOwner) {
    super(owner, Infinity);
    this.open();
  }

  /** Bytes that wait to go out; of text that came last, its letters. */
  get waiting(): number {
    return this.bufferedAmount + this.#text.length;
  }

  /** Takes text or bytes; `ascii` says of a text that it holds nothing else. */
  add(data: Uint8Array | string, ascii: boolean): void {
    if (typeof data === "string") {
      this.#text += data;
      this.#ascii &&= ascii;
    } else {
      this.#keep();
      this.push(data);
    }
  }

  /** Takes bytes between two short texts of ASCII letters. */
  addFramed(before: string, data: Uint8Array, after: string): void {
    this.#keep();
    this.pushFramed(before, data, after);
  }

  /** Lets what was taken go out. */
  override letGo(): void {
    this.#pushText();
    super.letGo();
  }

  #keep(): void {
    this.hold();
    this.#pushText();
  }

  #pushText(): void {
    if (this.#text === "") return;
    const text = this.#text;
    this.#text = "";
    if (this.#ascii) this.pushAscii(text);
    else this.push(utf8(text));
    this.#ascii = true;
  }
}
