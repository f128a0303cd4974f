/** The field lines of a head, up to the empty line that ends them. @module */

import type { NetError } from "../../_core/errors.ts";
import { latin1 } from "../../_core/text.ts";
import { INCOMPLETE, isOws, readFieldLine, readFold, unfold } from "./field_line.ts";
import { Fields, MARKS_PER_FIELD } from "./fields.ts";
import { CR, LF } from "./grammar.ts";
import { HeadFacts } from "./head_facts.ts";
import { KnownSection } from "./known_section.ts";
import type { ReaderLimits } from "./message.ts";
import { headTooLarge } from "./violations.ts";

/** The bytes of a line's end. */
const CRLF = 2;

/** Reads the header sections of a connection, one after the other. */
export class FieldSection {
  /** What the fields say; also of a section that came before and is repeated. */
  readonly facts = new HeadFacts();
  /** The fields, once the section is complete. */
  fields: Fields | null = null;
  readonly #folds: boolean;
  readonly #limits: ReaderLimits;
  readonly #known = new KnownSection();
  /** Offsets of the fields from the section's first byte, see Fields; null before that has come. */
  #marks: number[] | null = null;
  #folded = false;

  /** `folds`: a line may go on in the next (RFC 9112, section 5.2). */
  constructor(folds: boolean, limits: ReaderLimits) {
    this.#folds = folds;
    this.#limits = limits;
  }

  /** A start line was read: its fields come next. */
  begin(): void {
    this.fields = null;
    this.#marks = null;
  }

  /**
   * Reads the lines from `start` on, of a head that begins at `origin` and whose fields begin at
   * `base`. Gives the offset behind what was read, INCOMPLETE for nothing, or the violation.
   */
  read(
    bytes: Uint8Array,
    start: number,
    end: number,
    origin: number,
    base: number,
  ): number | NetError {
    if (this.#marks === null) {
      if (this.#known.standsAt(bytes, start, end)) return this.#again(start, origin);
      this.#open();
    }
    const marks = this.#marks!;
    const { maxHead } = this.#limits;
    let at = start;
    while (at < end) {
      if (bytes[at] === CR) {
        if (at + 1 === end) return at === start ? INCOMPLETE : at;
        if (bytes[at + 1] === LF) return this.#close(bytes, base, at, marks);
      }
      const next = this.#line(bytes, at, end, base, marks);
      if (typeof next !== "number") return next;
      if (next === INCOMPLETE) return at === start ? INCOMPLETE : at;
      if (next - origin > maxHead) return headTooLarge(`${maxHead} bytes`);
      at = next;
    }
    return at;
  }

  #line(
    bytes: Uint8Array,
    at: number,
    end: number,
    base: number,
    marks: number[],
  ): number | NetError {
    const line = marks.length;
    if (line > 0 && this.#folds && isOws(bytes[at]!)) {
      this.#folded = true;
      return readFold(bytes, at, end, base, marks);
    }
    const next = readFieldLine(bytes, at, end, base, marks);
    if (marks.length === line) return next;
    this.facts.note(line / MARKS_PER_FIELD, bytes, at, marks[line + 1]! + base);
    const { maxFields } = this.#limits;
    return line < maxFields * MARKS_PER_FIELD ? next : headTooLarge(`${maxFields} fields`);
  }

  #open(): void {
    this.#marks = [];
    this.#folded = false;
    this.facts.reset();
    this.#known.forget();
  }

  #close(bytes: Uint8Array, base: number, stop: number, marks: number[]): number {
    const text = latin1(bytes, base, stop);
    const count = marks.length / MARKS_PER_FIELD;
    this.fields = Fields.parsed(this.#folded ? unfold(text) : text, marks, count);
    this.#known.keep(bytes, base, stop + CRLF, this.fields);
    return stop + CRLF;
  }

  /** The section is the one before to the byte, and so are its facts. */
  #again(start: number, origin: number): number | NetError {
    const next = start + this.#known.length;
    const { maxHead } = this.#limits;
    if (next - CRLF - origin > maxHead) return headTooLarge(`${maxHead} bytes`);
    this.fields = this.#known.fields;
    return next;
  }
}
