/** What a head's fields say about connection and content, found while they are read. @module */

import type { Fields } from "./fields.ts";
import { listHas } from "./grammar.ts";

/** The fields that the engine itself heeds, each with its place; no two names are equally long. */
const PLACES = {
  host: 0,
  expect: 1,
  upgrade: 2,
  connection: 3,
  "content-length": 4,
  "transfer-encoding": 5,
} as const;
type Name = keyof typeof PLACES;

const LONGEST = "transfer-encoding".length;
const LOWER_CASE = 0x20;

/** For each length of a name: the letters of the one that counts, and its place. */
const BY_LENGTH = Array.from({ length: LONGEST + 1 }, (_, length) => {
  const place = Object.keys(PLACES).findIndex((name) => name.length === length);
  const name = Object.keys(PLACES)[place] ?? "";
  return { place, letters: Uint8Array.from(name, (letter) => letter.charCodeAt(0)) };
});

/** Where those fields are in one head. */
export class HeadFacts {
  /** A bit for the place of each field that came, and of each that came again. */
  #seen = 0;
  #repeated = 0;
  /** The first line of each. */
  readonly #first = [0, 0, 0, 0, 0, 0];

  /** Makes room for the facts of a new head. */
  reset(): void {
    this.#seen = 0;
    this.#repeated = 0;
  }

  /** Takes in the name of a line, as it lies in the bytes. */
  note(line: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > LONGEST) return;
    const { place, letters } = BY_LENGTH[length]!;
    if (place === -1) return;
    for (let at = 0; at < length; at++) {
      // Of the bytes of a token only a letter becomes a letter by that bit, and only a hyphen "-".
      if ((bytes[start + at]! | LOWER_CASE) !== letters[at]) return;
    }
    const bit = 1 << place;
    if ((this.#seen & bit) === 0) this.#first[place] = line;
    else this.#repeated |= bit;
    this.#seen |= bit;
  }

  /** Whether more than one line has the field. */
  isRepeated(name: Name): boolean {
    return (this.#repeated & (1 << PLACES[name])) !== 0;
  }

  /** The value of the field, with several lines joined by `, `; null without any. */
  value(name: Name, fields: Fields): string | null {
    const place = PLACES[name];
    if ((this.#seen & (1 << place)) === 0) return null;
    return this.isRepeated(name) ? fields.get(name) : fields.value(this.#first[place]!);
  }
}

/** Whether the connection may go on (RFC 9112, section 9.3). */
export function persists(connection: string | null, minor: number): boolean {
  if (connection === null) return minor === 1;
  if (connection === "keep-alive") return true;
  if (listHas(connection, "close")) return false;
  return minor === 1 || listHas(connection, "keep-alive");
}

/** The protocols of Upgrade where Connection names it, which HTTP/1.0 cannot (RFC 9110, 7.8). */
export function upgradeOf(facts: HeadFacts, fields: Fields, minor: number): string | null {
  const upgrade = minor === 0 ? null : facts.value("upgrade", fields);
  if (upgrade === null) return null;
  const connection = facts.value("connection", fields);
  return connection !== null && listHas(connection, "upgrade") ? upgrade : null;
}
