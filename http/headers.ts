/**
 * `Headers` without the platform's cost: over the fields of a message that came in, or over the list
 * that a response of ours is sent with.
 *
 * @module
 */

import { netError } from "../_core/errors.ts";
import { Fields } from "./_engine/fields.ts";
import { FIELD_VALUE, TOKEN } from "./_engine/grammar.ts";
import { quote } from "./_engine/head_writer.ts";
import { standInFor } from "./native_slots.ts";
import type { HeadersInput } from "./platform.ts";

type Pair = [name: string, value: string];

/** The lines of headers made here, flat: name, value, name, value; undefined for others. */
export let listOfHeaders: (headers: object) => readonly string[] | undefined;

/** Names in small letters that were checked before: few are ever used. */
const names = new Map<string, string>();
const MOST_NAMES = 512;

/** A field name in small letters. Throws `ERR_HTTP_INVALID_HEADER`. */
export function lowerName(name: string): string {
  return names.get(name) ?? checkName(name);
}

function checkName(given: unknown): string {
  const name = String(given);
  if (!TOKEN.test(name)) throw invalid(`Cannot use the field name ${quote(name)}`);
  const lower = name.toLowerCase();
  if (names.size < MOST_NAMES) names.set(name, lower);
  return lower;
}

/** A field value without whitespace around it. Throws `ERR_HTTP_INVALID_HEADER`. */
export function fieldValue(given: unknown): string {
  const value = typeof given === "string" ? given : String(given);
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(value.length - 1);
  // The Fetch standard's "normalize".
  const text = first <= 32 || last <= 32 ? value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "") : value;
  if (!FIELD_VALUE.test(text)) throw invalid(`Cannot use the field value ${quote(text)}`);
  return text;
}

/**
 * Reads what a caller gives as headers into a flat list, checked. Throws `ERR_HTTP_INVALID_HEADER`,
 * `ERR_INVALID_ARG_TYPE`.
 */
export function readHeaders(given: NonNullable<HeadersInput>): string[] {
  if (typeof given !== "object" && typeof given !== "function") {
    throw netError("ERR_INVALID_ARG_TYPE", `Cannot read headers from a ${typeof given}`);
  }
  const own = listOfHeaders(given);
  if (own !== undefined) return [...own];
  const list: string[] = [];
  if (typeof (given as Iterable<unknown>)[Symbol.iterator] === "function") {
    for (const pair of given as Iterable<Iterable<string>>) addPair(list, pair);
    return list;
  }
  const record = given as Record<string, string>;
  for (const name of Object.keys(record)) {
    lowerName(name);
    list.push(name, fieldValue(record[name]));
  }
  return list;
}

function addPair(list: string[], pair: Iterable<string>): void {
  // Most are arrays: their iterators would cost more than the rest.
  const parts: readonly string[] = Array.isArray(pair) ? pair : [...pair];
  const name = parts[0];
  const value = parts[1];
  if (name === undefined || value === undefined || parts.length > 2) {
    throw netError("ERR_INVALID_ARG_TYPE", "Cannot read headers: an entry is no name and value");
  }
  lowerName(name);
  list.push(String(name), fieldValue(value));
}

/** Whether a flat list has a field; the name is in small letters. */
export function listHasField(list: readonly string[], name: string): boolean {
  return findLine(list, name, 0) !== -1;
}

function findLine(list: readonly string[], name: string, from: number): number {
  for (let at = from; at < list.length; at += 2) {
    const given = list[at]!;
    if (given.length === name.length && given.toLowerCase() === name) return at;
  }
  return -1;
}

/** The platform's `Headers` to whoever uses them. */
class LightHeaders {
  /** Those that came in, which cannot be changed; else null. */
  readonly #fields: Fields | null;
  #list: string[] | null;
  #native: Headers | null = null;

  static {
    listOfHeaders = (headers) => #fields in headers ? headers.#lines() : undefined;
    standInFor(this.prototype, Headers, new Headers(), (headers) => headers.#real());
  }

  constructor(fields: Fields | null, list: string[] | null) {
    this.#fields = fields;
    this.#list = list;
  }

  get(name: string): string | null {
    const lower = lowerName(name);
    if (this.#fields !== null) return this.#fields.get(lower);
    const list = this.#list!;
    let at = findLine(list, lower, 0);
    if (at === -1) return null;
    let value = list[at + 1]!;
    while ((at = findLine(list, lower, at + 2)) !== -1) value += `, ${list[at + 1]!}`;
    return value;
  }

  has(name: string): boolean {
    const lower = lowerName(name);
    return this.#fields !== null ? this.#fields.has(lower) : findLine(this.#list!, lower, 0) !== -1;
  }

  getSetCookie(): string[] {
    return (this.#fields ?? Fields.of(this.#list!)).all("set-cookie");
  }

  append(name: string, value: string): void {
    lowerName(name);
    this.#changeable().push(String(name), fieldValue(value));
  }

  set(name: string, value: string): void {
    const lower = lowerName(name);
    const text = fieldValue(value);
    const list = this.#changeable();
    const at = findLine(list, lower, 0);
    if (at === -1) {
      list.push(String(name), text);
    } else {
      list[at + 1] = text;
      removeLines(list, lower, at + 2);
    }
  }

  delete(name: string): void {
    const lower = lowerName(name);
    removeLines(this.#changeable(), lower, 0);
  }

  forEach(
    callback: (value: string, name: string, headers: Headers) => void,
    thisArgument?: unknown,
  ): void {
    for (const [name, value] of this.#sorted()) {
      callback.call(thisArgument, value, name, this as unknown as Headers);
    }
  }

  entries(): ReturnType<Headers["entries"]> {
    return this.#sorted().values() as ReturnType<Headers["entries"]>;
  }

  *keys(): ReturnType<Headers["keys"]> {
    for (const [name] of this.#sorted()) yield name;
  }

  *values(): ReturnType<Headers["values"]> {
    for (const [, value] of this.#sorted()) yield value;
  }

  [Symbol.iterator](): ReturnType<Headers["entries"]> {
    return this.entries();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): Headers {
    return this.#real();
  }

  [Symbol.for("Deno.customInspect")](inspect: (value: unknown) => string): string {
    return inspect(this.#real());
  }

  #lines(): readonly string[] {
    if (this.#list === null) {
      const fields = this.#fields!;
      this.#list = [];
      for (let line = 0; line < fields.count; line++) {
        this.#list.push(fields.name(line), fields.value(line));
      }
    }
    return this.#list;
  }

  #changeable(): string[] {
    if (this.#fields !== null) {
      throw new TypeError("Cannot change the headers of a message that came in");
    }
    this.#native = null;
    return this.#list!;
  }

  /** In the platform's order: by name, in small letters, joined, but each cookie apart. */
  #sorted(): Pair[] {
    const lines = this.#lines();
    const joined = new Map<string, Pair>();
    const pairs: Pair[] = [];
    for (let at = 0; at < lines.length; at += 2) {
      const name = lowerName(lines[at]!);
      const value = lines[at + 1]!;
      const before = joined.get(name);
      if (before !== undefined && name !== "set-cookie") {
        before[1] += `, ${value}`;
      } else {
        const pair: Pair = [name, value];
        joined.set(name, pair);
        pairs.push(pair);
      }
    }
    return pairs.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  }

  /** The platform's, as they are now. */
  #real(): Headers {
    return this.#native ??= new Headers(this.#sorted());
  }
}

function removeLines(list: string[], name: string, from: number): void {
  for (let at = findLine(list, name, from); at !== -1; at = findLine(list, name, at)) {
    list.splice(at, 2);
  }
}

/** What is said of content as it was sent, and does not hold once it is decoded. */
const OF_CODED = new Set(["content-encoding", "content-length"]);

/**
 * Headers over fields that came in: they cannot be changed, as those of `Deno.serve` cannot. With
 * `decoded` they are those of the content that its reader gets, who may pass both on.
 */
export function incomingHeaders(fields: Fields, decoded: boolean = false): Headers {
  const shown = decoded ? fields.without(OF_CODED) : fields;
  return new LightHeaders(shown, null) as unknown as Headers;
}

/** Headers over a flat list of checked lines, which they change. */
export function headersOver(list: string[]): Headers {
  return new LightHeaders(null, list) as unknown as Headers;
}

function invalid(message: string): Error {
  return netError("ERR_HTTP_INVALID_HEADER", message);
}
