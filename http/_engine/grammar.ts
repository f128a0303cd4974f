/**
 * The grammar of HTTP/1.1 that the engine reads and writes by: the one place for character classes
 * and productions. Bytes are tested by tables; what is rare is tested by expressions.
 *
 * @module
 */

const TOKEN_LETTERS =
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function table(allowed: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => allowed(byte) ? 1 : 0);
}

/** `tchar` (RFC 9110, section 5.6.2): the letters of methods and field names. */
export const TCHAR: Uint8Array = table((byte) => TOKEN_LETTERS.includes(String.fromCharCode(byte)));

/** What a field value may hold (RFC 9110, section 5.5): SP, HTAB, VCHAR, obs-text. */
export const FIELD_BYTE: Uint8Array = table((byte) =>
  byte === 9 || (byte >= 0x20 && byte !== 0x7f)
);

/**
 * What a request target may hold: the visible ASCII characters but those that no part of a URI ever
 * has (RFC 3986, section 2), and no fragment. Brackets, `^` and `|` are let through: a URL of the
 * platform leaves them as they are in a path.
 */
export const TARGET_BYTE: Uint8Array = table((byte) =>
  byte > 0x20 && byte < 0x7f && !'#<>"\\`{}'.includes(String.fromCharCode(byte))
);

/** What a query may hold besides: browsers leave these as they are there, and only there. */
export const QUERY_BYTE: Uint8Array = table((byte) =>
  TARGET_BYTE[byte] === 1 || "\\`{}".includes(String.fromCharCode(byte))
);

/** The bytes that structure a message. */
export const HTAB = 9;
export const LF = 10;
export const CR = 13;
export const SP = 32;
export const DIGIT_ZERO = 48;
export const COLON = 58;
export const SEMICOLON = 59;
export const QUESTION = 63;

/** `token` (RFC 9110, section 5.6.2). */
export const TOKEN: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A field value, or a reason phrase, as text of one letter a byte (RFC 9110, section 5.5). */
export const FIELD_VALUE: RegExp = /^[\t\x20-\x7e\x80-\xff]*$/;

/** `protocol`: a name, maybe with a version (RFC 9110, section 7.8). */
export const PROTOCOL: RegExp = /^[!#$%&'*+\-.^_`|~\w]+(?:\/[!#$%&'*+\-.^_`|~\w]+)?$/;

/** `HTTP-version` (RFC 9112, section 2.3): `HTTP/1.` and a digit, for which a zero stands here. */
export const HTTP_VERSION = [72, 84, 84, 80, 47, 49, 46, 48] as const;
/** Where its two numbers are. */
export const MAJOR_AT = 5;
export const MINOR_AT = 7;

/** Behind the bytes that a field value may hold. Most bytes of a head go through here. */
export function skipFieldBytes(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  // Four at a time take half as long.
  for (; at + 3 < end; at += 4) {
    const allowed = FIELD_BYTE[bytes[at]!]! & FIELD_BYTE[bytes[at + 1]!]! &
      FIELD_BYTE[bytes[at + 2]!]! & FIELD_BYTE[bytes[at + 3]!]!;
    if (allowed === 0) break;
  }
  while (at < end && FIELD_BYTE[bytes[at]!] === 1) at++;
  return at;
}

/** Whether a byte is a decimal digit. */
export function isDigit(byte: number): boolean {
  return byte >= DIGIT_ZERO && byte <= DIGIT_ZERO + 9;
}

/** The value of a hexadecimal digit; -1 for another byte. */
export function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - DIGIT_ZERO;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

const IPV6 = "\\[[0-9A-Fa-f:.]+\\]";
const IPV_FUTURE = "\\[[vV][0-9A-Fa-f]+\\.[\\w.~!$&'()*+,;=:-]+\\]";
/** `reg-name` (RFC 3986, section 3.2.2) without the comma, by which lists could be smuggled. */
const REG_NAME = "(?:[\\w.~!$&'()*+;=-]|%[0-9A-Fa-f]{2})+";
const HOST = new RegExp(`^(?:(?:${IPV6}|${IPV_FUTURE}|${REG_NAME})(?::(\\d{0,5}))?)?$`);

/**
 * Whether a text is `uri-host [":" port]` (RFC 9110, section 7.2), or empty, as Host is when a target
 * has no authority; a port alone is none.
 */
export function isHost(text: string): boolean {
  const match = HOST.exec(text);
  if (match === null || Number(match[1] ?? 0) > 65535) return false;
  if (!text.startsWith("[") || /^\[v/i.test(text)) return true;
  return isIPv6Literal(text.slice(1, text.indexOf("]")));
}

/** Whether a text is an IPv6 address (RFC 4291, section 2.2). */
function isIPv6Literal(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => half === "" ? [] : half.split(":"));
  const last = groups.at(-1) ?? "";
  let count = groups.length;
  if (last.includes(".")) {
    const parts = last.split(".");
    if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) {
      return false;
    }
    if (parts.some((part) => Number(part) > 255)) return false;
    groups.pop();
    count += 1;
  }
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? count < 8 : count === 8;
}

/** Whether a text is `host ":" port` as CONNECT has it (RFC 9112, section 3.2.3). */
export function isAuthorityForm(text: string): boolean {
  return isHost(text) && /[^:]:\d{1,5}$/.test(text);
}

/** Whether a comma-separated list holds a token, in any case. */
export function listHas(list: string, token: string): boolean {
  if (list.length === token.length) return list.toLowerCase() === token;
  return list.toLowerCase().split(",").some((element) => trimOws(element) === token);
}

/** The elements of a comma-separated list; empty ones do not count (RFC 9110, section 5.6.1.2). */
export function listElements(list: string): string[] {
  return list.split(",").map(trimOws).filter((element) => element !== "");
}

/** A text without SP and HTAB around it: `trim()` would take more away than HTTP allows. */
export function trimOws(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** Fields that say how to read, route or authorise a message, or what its content is. */
export const FORBIDDEN_TRAILERS: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "max-forwards",
  "proxy-authenticate",
  "proxy-authorization",
  "range",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "www-authenticate",
]);

/** Whether bytes are a text, one letter a byte. */
export function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  let at = start;
  while (at < end && bytes[at] === text.charCodeAt(at - start)) at++;
  return at === end;
}
