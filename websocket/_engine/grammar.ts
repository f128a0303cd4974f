/**
 * The few productions of header fields that WebSocket needs (RFC 9110, section 5.6; RFC 6455,
 * section 9.1): lists of tokens, and lists of extensions with their parameters.
 *
 * @module
 */

/** One element of Sec-WebSocket-Extensions. */
export interface ExtensionElement {
  /** Its name, in small letters: names are compared without regard to case. */
  readonly name: string;
  /** Its parameters, as often as they were given; true for one without a value. */
  readonly params: readonly (readonly [name: string, value: string | true])[];
}

/** RFC 9110, section 5.6.2: 1*tchar. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** token / quoted-string with OWS around it, up to the next delimiter. */
const NAME = /[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*/y;
const QUOTED = /[ \t]*"((?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)"[ \t]*/y;
/** Empty elements of a list, which a recipient ignores (RFC 9110, section 5.6.1). */
const EMPTY = /[ \t,]*/y;

/** Whether a text is a token. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The elements of a list of tokens, without the empty ones; null if one is no token. */
export function readTokens(field: string): string[] | null {
  const tokens = field.split(",").map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((part) => part !== "");
  return tokens.every(isToken) ? tokens : null;
}

/** Whether a list names a token, whatever its case. */
export function hasToken(field: string | null, token: string): boolean {
  if (field === null) return false;
  // Most name nothing else.
  return field.toLowerCase() === token ||
    field.split(",").some((part) => part.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase() === token);
}

/** Reads Sec-WebSocket-Extensions by its grammar; null if it does not conform. */
export function readExtensions(field: string): ExtensionElement[] | null {
  const scan = new Scanner(field);
  const elements: ExtensionElement[] = [];
  for (scan.take(EMPTY); !scan.atEnd; scan.take(EMPTY)) {
    const element = readExtension(scan);
    if (element === null || !(scan.atEnd || scan.skip(","))) return null;
    elements.push(element);
  }
  return elements.length > 0 ? elements : null;
}

function readExtension(scan: Scanner): ExtensionElement | null {
  const name = scan.take(NAME);
  if (name === null) return null;
  const params: [string, string | true][] = [];
  while (scan.skip(";")) {
    const param = scan.take(NAME);
    if (param === null) return null;
    const value = scan.skip("=") ? readValue(scan) : true;
    if (value === null) return null;
    params.push([param.toLowerCase(), value]);
  }
  return { name: name.toLowerCase(), params };
}

/** What a quoted value says has to be a token too (RFC 6455, section 9.1). */
function readValue(scan: Scanner): string | null {
  const quoted = scan.take(QUOTED);
  if (quoted === null) return scan.take(NAME);
  const value = quoted.replace(/\\(.)/g, "$1");
  return isToken(value) ? value : null;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** What a sticky expression matches here: its group, or all of it. */
  take(expression: RegExp): string | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text);
    if (match === null) return null;
    this.#at = expression.lastIndex;
    return match[1] ?? match[0];
  }
}
