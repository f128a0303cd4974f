/**
 * The field lines of a message section (RFC 9110, section 5; RFC 9112, section 5) in their order
 * and with their letters as sent. Names compare without regard to case.
 *
 * @module
 */

/** How many numbers mark one field line in {@linkcode Fields.parsed}. */
export const MARKS_PER_FIELD = 4;

/** Header or trailer fields. Strings are cut out of the section's text when somebody asks. */
export class Fields implements Iterable<[name: string, value: string]> {
  /** How many field lines there are. */
  readonly count: number;
  readonly #text: string;
  /** For each line: start and end of the name, start and end of the value. */
  readonly #marks: ArrayLike<number>;
  /** Name, value, name, value; in place of text and marks. */
  readonly #list: readonly string[] | null;

  /** Takes marks in a text, or a list; see `parsed()` and `of()`. */
  constructor(
    text: string,
    marks: ArrayLike<number>,
    count: number,
    list: readonly string[] | null,
  ) {
    this.#text = text;
    this.#marks = marks;
    this.count = count;
    this.#list = list;
  }

  /** No field at all. */
  static readonly NONE: Fields = Fields.of([]);

  /** Fields in a text of one letter a byte: `marks` holds four offsets a line. */
  static parsed(text: string, marks: ArrayLike<number>, count: number): Fields {
    return new Fields(text, marks, count, null);
  }

  /** Fields of a flat list: name, value, name, value. */
  static of(list: readonly string[]): Fields {
    return new Fields("", [], list.length >> 1, list);
  }

  /** How long the name of a line is, by which most can be told apart. */
  nameLength(line: number): number {
    if (this.#list !== null) return this.#list[line * 2]!.length;
    const at = line * MARKS_PER_FIELD;
    return this.#marks[at + 1]! - this.#marks[at]!;
  }

  /** The name of a line, as sent. */
  name(line: number): string {
    if (this.#list !== null) return this.#list[line * 2]!;
    const at = line * MARKS_PER_FIELD;
    return this.#text.slice(this.#marks[at]!, this.#marks[at + 1]!);
  }

  /** The value of a line, without the whitespace around it. */
  value(line: number): string {
    if (this.#list !== null) return this.#list[line * 2 + 1]!;
    const at = line * MARKS_PER_FIELD + 2;
    return this.#text.slice(this.#marks[at]!, this.#marks[at + 1]!);
  }

  /** The next line from `from` on with a name, given in small letters; -1 when there is none. */
  find(name: string, from: number = 0): number {
    for (let line = from; line < this.count; line++) {
      if (this.nameLength(line) === name.length && this.name(line).toLowerCase() === name) {
        return line;
      }
    }
    return -1;
  }

  /** Whether there is a field with a name, given in small letters. */
  has(name: string): boolean {
    return this.find(name) !== -1;
  }

  /**
   * The value of a field whose name is given in small letters; several lines are joined by `, `
   * (RFC 9110, section 5.3). Null when there is none.
   */
  get(name: string): string | null {
    let line = this.find(name);
    if (line === -1) return null;
    let value = this.value(line);
    while ((line = this.find(name, line + 1)) !== -1) value += `, ${this.value(line)}`;
    return value;
  }

  /** The values of every line with a name, given in small letters. */
  all(name: string): string[] {
    const values: string[] = [];
    for (let line = this.find(name); line !== -1; line = this.find(name, line + 1)) {
      values.push(this.value(line));
    }
    return values;
  }

  /** The same without the lines of some names, given in small letters. */
  without(names: ReadonlySet<string>): Fields {
    const kept = [...this].filter(([name]) => !names.has(name.toLowerCase()));
    return Fields.of(kept.flat());
  }

  /** Whether others are the same to the letter; false for those of a list, which are not compared. */
  equals(other: Fields): boolean {
    if (this === other) return true;
    return this.#list === null && other.#list === null && this.count === other.count &&
      this.#text === other.#text;
  }

  /** The lines in their order. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (let line = 0; line < this.count; line++) yield [this.name(line), this.value(line)];
  }
}
