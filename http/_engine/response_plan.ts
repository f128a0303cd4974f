/**
 * The head of a response and how its content is framed (RFC 9112, section 6; RFC 9110, sections 6.4
 * and 8.6): the one place where a server decides it.
 *
 * @module
 */

import { netError } from "../../_core/errors.ts";
import { fieldLine, isAscii, statusLine } from "./head_writer.ts";
import { listElements, TOKEN } from "./grammar.ts";
import type { MinorVersion } from "./message.ts";
import type { ResponseMessage } from "./server_parts.ts";

/** What is known of a response's content: its length in bytes, or that it comes in parts. */
export type Content = number | "none" | "stream";

/** What the response depends on. */
export interface ResponseContext {
  /** The request's method. */
  method: string;
  /** The request's version. */
  minor: MinorVersion;
  /** Whether the connection may go on. */
  keepAlive: boolean;
  /** The field lines that say so. */
  readonly keepAliveLines: string;
  /** The value of Date. */
  date(): string;
}

/** A response that is decided. */
export interface ResponsePlan {
  /** What it begins with; the same object as that of the response before, if that began alike. */
  readonly opening: Opening;
  /** The field line that frames the content; empty for none. */
  readonly framingLine: string;
  /** How the content goes out; with `none` it stays here. */
  readonly framing: "none" | "length" | "chunked" | "close";
  /** With `length`: its bytes. */
  readonly length: number;
  /** Whether the connection goes on. */
  readonly keepAlive: boolean;
  /** Whether the connection carries another protocol, or a tunnel, after this head. */
  readonly switches: boolean;
  /** Bytes of content that were sent. */
  sent: number;
}

/** What the fields of a response say that concerns the engine. */
interface Declared {
  lines: string;
  length: number;
  close: boolean;
  /** Further options for Connection, each before a comma. */
  options: string;
  date: boolean;
}

/** Decides a response. Throws the head writer's errors, and for a Content-Length that is none. */
export function planResponse(
  message: ResponseMessage,
  content: Content,
  context: ResponseContext,
): ResponsePlan {
  const { status } = message;
  const switches = status === 101 || (context.method === "CONNECT" && status < 300);
  const { headers } = message;
  const declared = switches ? readFields(headers, true) : fieldsOf(headers);
  const withheld = context.method === "HEAD" || status === 204 || status === 304 || switches;
  let line = "";
  let framing: ResponsePlan["framing"] = "none";
  let length = 0;
  if (withheld || status === 205) {
    line = lengthLineWithout(status, content, declared, switches);
  } else if (typeof content === "number" || content === "none") {
    length = content === "none" ? 0 : content;
    framing = "length";
    line = lengthLine(length);
  } else if (declared.length >= 0) {
    length = declared.length;
    framing = "length";
    line = lengthLine(length);
  } else if (context.minor === 1) {
    framing = "chunked";
    line = "transfer-encoding: chunked\r\n";
  } else {
    framing = "close";
  }
  const keepAlive = context.keepAlive && !declared.close && framing !== "close";
  const connection = switches ? "" : keepAlive ? context.keepAliveLines : CLOSE;
  const opening = openingOf(message, declared, connection, context);
  return { opening, framingLine: line, framing, length, keepAlive, switches, sent: 0 };
}

/** The whole head of a planned response, one letter a byte. */
export function headOf({ opening, framingLine }: ResponsePlan): string {
  return `${opening.text}${framingLine}\r\n`;
}

/**
 * The head of an interim response, which has no content to frame (RFC 9112, section 6.1). Throws the
 * head writer's errors.
 */
export function informationalHead(status: number, headers: readonly string[]): string {
  return `${statusLine(status, "")}${readFields(headers, true).lines}\r\n`;
}

/** All of a head but the line that frames the content. */
export interface Opening {
  readonly status: number;
  readonly declared: Declared;
  readonly connection: string;
  readonly date: string;
  readonly text: string;
  /** Whether it goes out the same as UTF-8 and as one byte a letter; the rest of a head always does. */
  readonly ascii: boolean;
}

/** The responses of a second mostly begin alike. */
let lastOpening: Opening | null = null;

function openingOf(
  { status, statusText }: ResponseMessage,
  declared: Declared,
  connection: string,
  context: ResponseContext,
): Opening {
  const date = declared.date ? "" : context.date();
  const last = lastOpening;
  if (
    last?.declared === declared && last.status === status && last.date === date &&
    last.connection === connection && statusText === ""
  ) {
    return last;
  }
  let text = statusLine(status, statusText) + declared.lines;
  if (date !== "") text += `date: ${date}\r\n`;
  if (connection !== "") text += connectionLines(connection, declared);
  const opening = { status, declared, connection, date, text, ascii: isAscii(text) };
  if (statusText === "") lastOpening = opening;
  return opening;
}

const CLOSE = "connection: close\r\n";
const CONNECTION = "connection: ";

/** What becomes of the connection, with the options that the response has besides. */
function connectionLines(lines: string, { options }: Declared): string {
  return options === "" ? lines : CONNECTION + options + lines.slice(CONNECTION.length);
}

/** The last line of Content-Length: on many servers the next is the same. */
let lastLength = { length: -1, line: "" };

function lengthLine(length: number): string {
  if (length !== lastLength.length) {
    lastLength = { length, line: `content-length: ${length}\r\n` };
  }
  return lastLength.line;
}

/** Content-Length where no content follows: what a GET would have got, if that is known. */
function lengthLineWithout(
  status: number,
  content: Content,
  declared: Declared,
  switches: boolean,
): string {
  if (status === 205) return lengthLine(0);
  if (switches || status === 204) return "";
  // A null body says nothing about the content that a GET would have got.
  if (typeof content === "number" && status !== 304) return lengthLine(content);
  return declared.length >= 0 ? lengthLine(declared.length) : "";
}

/** Names and values of a list that is kept for comparison; a longer one is read anew each time. */
const MOST_KEPT = 32;

/** The last list: most responses have the same few fields, be they of the same list or not. */
let known: { readonly headers: readonly string[]; readonly declared: Declared } | null = null;

function fieldsOf(headers: readonly string[]): Declared {
  if (known !== null && isSame(known.headers, headers)) return known.declared;
  const declared = readFields(headers, false);
  if (headers.length <= MOST_KEPT) {
    known = { headers: Object.isFrozen(headers) ? headers : [...headers], declared };
  }
  return declared;
}

function isSame(kept: readonly string[], headers: readonly string[]): boolean {
  if (kept === headers) return true;
  if (kept.length !== headers.length) return false;
  for (let at = 0; at < kept.length; at++) if (kept[at] !== headers[at]) return false;
  return true;
}

/**
 * The field lines without those that are the engine's own to write; with `switches` what becomes of
 * the connection is left to the caller.
 */
function readFields(headers: readonly string[], switches: boolean): Declared {
  const declared: Declared = {
    lines: "",
    length: -1,
    close: false,
    options: "",
    date: false,
  };
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!;
    const value = headers[at + 1]!;
    if (isOwn(name, value, switches, declared)) continue;
    declared.lines += fieldLine(name, value);
  }
  return declared;
}

/** Takes in a field that the engine writes itself; the lengths of its name tell most apart. */
function isOwn(name: string, value: string, switches: boolean, declared: Declared): boolean {
  switch (name.length) {
    case 4:
      if (name.toLowerCase() === "date") declared.date = true;
      return false;
    case 7:
      // Whoever sends Upgrade has to say so in Connection (RFC 9110, section 7.8).
      if (!switches && name.toLowerCase() === "upgrade") addOption("upgrade", declared);
      return false;
    case 10: {
      const lower = name.toLowerCase();
      if (lower === "keep-alive") return true;
      if (lower !== "connection" || switches) return false;
      readConnection(value, declared);
      return true;
    }
    case 14:
      if (name.toLowerCase() !== "content-length") return false;
      if (!/^\d{1,15}$/.test(value)) {
        throw netError("ERR_HTTP_INVALID_HEADER", `Cannot send the Content-Length ${value}`);
      }
      declared.length = Number(value);
      return true;
    case 17:
      return name.toLowerCase() === "transfer-encoding";
    default:
      return false;
  }
}

function readConnection(value: string, declared: Declared): void {
  for (const option of listElements(value.toLowerCase())) {
    if (option === "close") declared.close = true;
    else if (option !== "keep-alive") addOption(option, declared);
  }
}

function addOption(option: string, declared: Declared): void {
  if (!TOKEN.test(option)) {
    throw netError("ERR_HTTP_INVALID_HEADER", `Cannot send the option ${option} in Connection`);
  }
  const element = `${option}, `;
  if (!` ${declared.options}`.includes(` ${element}`)) declared.options += element;
}
