/**
 * Bytes to text and back, for heads of messages and small bodies: called for every message, so the
 * fastest that the runtime has.
 *
 * @module
 */

/** What Node's Buffer has, a global in Deno too: many times faster than TextDecoder for a head. */
interface FastText {
  from(text: string, encoding: "utf8"): Uint8Array<ArrayBuffer>;
  byteLength(text: string): number;
  readonly prototype: {
    latin1Slice(this: Uint8Array, start: number, end: number): string;
    utf8Write(this: Uint8Array, text: string, start: number, length: number): number;
  };
}

// dnt-shim-ignore: the global itself, and not the proxy that dnt would put in its place.
const { Buffer: fast } = globalThis as { Buffer?: FastText };
const encoder = new TextEncoder();

/** Each byte as the character of its number (ISO 8859-1). */
export const latin1: (bytes: Uint8Array, start: number, end: number) => string = fast !== undefined
  ? (bytes, start, end) => fast.prototype.latin1Slice.call(bytes, start, end)
  : (bytes, start, end) => {
    let text = "";
    for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
    return text;
  };

/** The most bytes of UTF-8 for each of the units that a text's `length` counts. */
export const MOST_BYTES_OF_A_LETTER = 3;

/** Text as UTF-8. The bytes may lie in a buffer that they share with others. */
export const utf8: (text: string) => Uint8Array = fast !== undefined
  ? (text) => fast.from(text, "utf8")
  : (text) => encoder.encode(text);

/** Writes text as UTF-8 to a place that has room for it, and gives how many bytes it has. */
export const utf8Into: (text: string, target: Uint8Array, at: number) => number = fast !== undefined
  ? (text, target, at) => fast.prototype.utf8Write.call(target, text, at, target.length - at)
  : (text, target, at) => encoder.encodeInto(text, target.subarray(at)).written;

/** How many bytes a text has as UTF-8. */
export const utf8Length: (text: string) => number = fast !== undefined
  ? (text) => fast.byteLength(text)
  : (text) => encoder.encode(text).length;
