/** The trailer fields of one message as they are read (RFC 9112, section 7.1.2). @module */

import type { NetError } from "../../_core/errors.ts";
import { latin1 } from "../../_core/text.ts";
import { INCOMPLETE, isOws, readFieldLine, readFold } from "./field_line.ts";
import { Fields } from "./fields.ts";
import { FORBIDDEN_TRAILERS, trimOws } from "./grammar.ts";

/** Collects trailer fields. They are rare: each becomes text at once, so that no line is kept. */
export class TrailerList {
  /** Name, value, name, value. */
  readonly #list: string[] = [];
  #size = 0;

  /** Bytes of the lines so far. */
  get size(): number {
    return this.#size;
  }

  /** How many fields came, those that are not given on included. */
  get count(): number {
    return this.#list.length / 2;
  }

  /** Reads the line that begins at `start`; see readFieldLine(). */
  read(bytes: Uint8Array, start: number, end: number, folds: boolean): number | NetError {
    const list = this.#list;
    const isFold = folds && list.length > 0 && isOws(bytes[start]!);
    const marks: number[] = isFold ? [0, 0, 0, 0] : [];
    const next = isFold
      ? readFold(bytes, start, end, 0, marks)
      : readFieldLine(bytes, start, end, 0, marks);
    if (typeof next !== "number" || next === INCOMPLETE) return next;
    this.#size += next - start;
    const value = latin1(bytes, marks[2]!, marks[3]!);
    if (isFold) {
      const last = list.length - 1;
      list[last] = trimOws(`${list[last]} ${value}`);
    } else {
      list.push(latin1(bytes, marks[0]!, marks[1]!), value);
    }
    return next;
  }

  /**
   * The fields, without those that frame or route the message, which come too late to be believed
   * (RFC 9110, section 6.5.1); null when there is none.
   */
  toFields(): Fields | null {
    const list = this.#list.filter((_, at) => {
      return !FORBIDDEN_TRAILERS.has(this.#list[at - at % 2]!.toLowerCase());
    });
    return list.length === 0 ? null : Fields.of(list);
  }
}
