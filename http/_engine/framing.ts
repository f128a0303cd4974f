/**
 * How long a message's content is (RFC 9112, section 6.3): decided here for both directions and
 * nowhere else, since two opinions about it are how requests are smuggled.
 *
 * @module
 */

import { TOKEN, trimOws } from "./grammar.ts";
import type { Framing, MinorVersion } from "./message.ts";

/** Why the framing cannot be trusted. */
export type FramingFault = "length" | "conflict" | "coding" | "version" | "unknown coding";

/** A framing that holds, or what is wrong with it. */
export type FramingResult = Framing | { readonly kind: "fault"; readonly fault: FramingFault };

const ZERO = 48;
/** Digits of a Content-Length, zeros in front included: more say nothing that a length could need. */
const MOST_DIGITS = 32;

const NONE: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };
const CLOSE: Framing = { kind: "close" };

const fault = (name: FramingFault): FramingResult => ({ kind: "fault", fault: name });

/** A length without any doubt: digits alone, as many as can be counted; else -1. */
function lengthOf(value: string): number {
  const { length } = value;
  if (length === 0 || length > MOST_DIGITS) return -1;
  let number = 0;
  for (let at = 0; at < length; at++) {
    const digit = value.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : -1;
}

/** The one number that a list repeats (RFC 9110, section 8.6); -1 when there is none. */
function repeatedLengthOf(list: string): number {
  const [first = "", ...others] = list.split(",").map((element) => lengthOf(trimOws(element)));
  return others.every((other) => other === first) ? Number(first) : -1;
}

/** The codings in their order, in small letters. */
function codingsOf(list: string): string[] {
  return list.toLowerCase().split(",").map(trimOws);
}

/**
 * The framing of a request, by the values of Content-Length and Transfer-Encoding; several lines are
 * joined to a list. Stricter than a recipient has to be: a repeated Content-Length, or one beside
 * Transfer-Encoding, is refused rather than repaired (sections 6.1, 6.3 and 11.2).
 */
export function requestFraming(
  minor: MinorVersion,
  contentLength: string | null,
  coding: string | null,
): FramingResult {
  if (coding !== null) {
    if (minor === 0) return fault("version");
    if (contentLength !== null) return fault("conflict");
    if (coding === "chunked") return CHUNKED;
    const codings = codingsOf(coding);
    if (codings.length === 1 && codings[0] === "chunked") return CHUNKED;
    const names = codings.map((element) => trimOws(element.replace(/;.*$/, "")));
    const isLast = codings.at(-1) === "chunked" && names.indexOf("chunked") === names.length - 1;
    return fault(isLast && names.every((name) => TOKEN.test(name)) ? "unknown coding" : "coding");
  }
  if (contentLength === null) return NONE;
  const length = lengthOf(contentLength);
  return length === -1 ? fault("length") : { kind: "length", length };
}

/** The framing of a response with a status, to a request with a method. */
export function responseFraming(
  minor: MinorVersion,
  contentLength: string | null,
  coding: string | null,
  method: string,
  status: number,
): FramingResult {
  // Whatever a server says of the content of a tunnel has to be ignored (RFC 9110, section 9.3.6).
  if (method === "CONNECT" && status >= 200 && status < 300) return NONE;
  if (coding !== null && minor === 0) return fault("version");
  const length = contentLength === null ? -1 : repeatedLengthOf(contentLength);
  if (contentLength !== null && length === -1) return fault("length");
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return NONE;
  if (coding !== null) return coding === "chunked" ? CHUNKED : codedFraming(coding);
  return length === -1 ? CLOSE : { kind: "length", length };
}

/** The framing of a response by its transfer codings (RFC 9112, section 6.3, number 4). */
function codedFraming(coding: string): FramingResult {
  // Empty elements of a list count for nothing (RFC 9110, section 5.6.1.2).
  const codings = codingsOf(coding).filter((name) => name !== "");
  // Chunks have no parameters, and are not cut twice (section 7).
  if (codings.some((name) => /^chunked\s*;/.test(name))) return fault("coding");
  const chunked = codings.indexOf("chunked");
  if (codings.indexOf("chunked", chunked + 1) !== -1) return fault("coding");
  if (chunked === -1 || chunked < codings.length - 1) return CLOSE;
  return codings.length === 1 ? CHUNKED : fault("unknown coding");
}
