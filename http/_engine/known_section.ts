/**
 * The last field section of a connection. A client's requests mostly repeat it to the byte (that is
 * what HPACK lives on), and comparing bytes costs a tenth of reading them.
 *
 * @module
 */

import { standsAt } from "../../_core/bytes.ts";
import { Fields } from "./fields.ts";

/** A longer section is read anew each time: an idle connection shall not hold much. */
const MOST_BYTES = 2 * 1024;

/** See the module's text. */
export class KnownSection {
  /** The fields that it holds. */
  fields: Fields = Fields.NONE;
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;

  /** Bytes of the section, with the empty line that ends it; 0 when none is known. */
  get length(): number {
    return this.#length;
  }

  /** Whether it stands at an offset again, with the empty line that ends it. */
  standsAt(bytes: Uint8Array, start: number, end: number): boolean {
    const length = this.#length;
    if (length === 0 || end - start < length) return false;
    return standsAt(this.#bytes, length, bytes, start);
  }

  /** Takes in a section that was read, with the empty line that ends it. */
  keep(bytes: Uint8Array, start: number, end: number, fields: Fields): void {
    const length = end - start;
    if (length > MOST_BYTES || fields.count === 0) return;
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length + (length >> 2));
    this.#bytes.set(bytes.subarray(start, end));
    this.#length = length;
    this.fields = fields;
  }

  /** Another section is being read. */
  forget(): void {
    this.#length = 0;
  }
}
