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
  };
}

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

/** Text as UTF-8. The bytes may lie in a buffer that they share with others. */
export const utf8: (text: string) => Uint8Array = fast !== undefined
  ? (text) => fast.from(text, "utf8")
  : (text) => encoder.encode(text);

/** How many bytes a text has as UTF-8. */
export const utf8Length: (text: string) => number = fast !== undefined
  ? (text) => fast.byteLength(text)
  : (text) => encoder.encode(text).length;
