/** From the words of a caller to a request's head (RFC 9112, section 3). @module */

import { netError } from "../_core/errors.ts";
import type { RequestMessage } from "./_engine/client_engine.ts";
import { isHost, listElements, listHas, trimOws } from "./_engine/grammar.ts";
import {
  fieldLine,
  fieldLines,
  isAscii,
  lastChunk,
  latin1Bytes,
  quote,
  requestLine,
} from "./_engine/head_writer.ts";
import type { Framing } from "./_engine/message.ts";
import type { OutgoingContent } from "./client_body.ts";

/** A request, wherever it goes. */
export interface RequestPlan {
  /** The method. */
  readonly method: string;
  /** The caller's header fields: name, value, name, value. */
  readonly fields: readonly string[];
  /** The content; null without. */
  readonly content: OutgoingContent | null;
  /** Whether the content waits for 100 (Continue). */
  readonly expectContinue: boolean;
  /** The protocol that the server is asked to switch to; null for none. */
  readonly upgrade: string | null;
}

/** Where a request goes. */
export interface RequestPlace {
  /** The request target. */
  readonly target: string;
  /** The value of Host. */
  readonly host: string;
  /** The value of Authorization unless the caller has one; null for none. */
  readonly authorization: string | null;
  /** The value of Proxy-Authorization; null for none. */
  readonly proxyAuthorization: string | null;
}

/** What a client says in every request. */
export interface RequestHabits {
  /** Whether codings are asked for. */
  readonly decompress: boolean;
  /** Whether the connection may be used again. */
  readonly keepAlive: boolean;
}

const NO_FRAMING: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };

const ACCEPT = "accept: */*\r\n";
const CODINGS = "accept-encoding: gzip, deflate, br\r\n";
const AGENT = "user-agent: netstd\r\n";

/** Header or trailer fields of a call: several values are several lines, undefined is none. */
export type FieldsInput =
  | RequestInit["headers"]
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Header fields of a caller as a flat list: name, value, name, value. */
export function flatFields(headers: FieldsInput): string[] {
  const list: string[] = [];
  if (headers === undefined || headers === null) return list;
  if (typeof headers !== "object") {
    throw netError("ERR_INVALID_ARG_TYPE", `Cannot use ${typeof headers} as headers`);
  }
  if (Symbol.iterator in headers) {
    for (const pair of headers as Iterable<readonly unknown[]>) {
      if (pair === null || typeof pair !== "object" || [...pair].length !== 2) {
        throw netError("ERR_INVALID_ARG_TYPE", "Cannot use a header that is no name with a value");
      }
      const [name, value] = pair;
      list.push(String(name), normalized(String(value)));
    }
    return list;
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    // Several lines of one name, as node:http takes them.
    if (Array.isArray(value)) {
      for (const one of value) list.push(name, normalized(String(one)));
    } else list.push(name, normalized(String(value)));
  }
  return list;
}

/** The same, checked now rather than when they are sent. Throws `ERR_HTTP_INVALID_HEADER`. */
export function checkedFields(headers: FieldsInput): string[] {
  const list = flatFields(headers);
  fieldLines(list);
  return list;
}

const SPACE = 0x20;

/**
 * A field value without the whitespace around it (the fetch standard, 2.2.2); line breaks stay, and
 * are refused: nobody puts them there in good faith.
 */
function normalized(value: string): string {
  const isBare = value === "" ||
    (value.charCodeAt(0) > SPACE && value.charCodeAt(value.length - 1) > SPACE);
  return isBare ? value : trimOws(value);
}

/** Trailer fields of a caller, flat. Throws `ERR_HTTP_INVALID_HEADER`. */
export function flatTrailers(trailers: FieldsInput): string[] {
  const list = flatFields(trailers);
  // Before anything is sent: behind the content it would be too late.
  lastChunk(list);
  return list;
}

/** Fields of a call with the client's own where the call has none of that name. */
export function withDefaults(fields: readonly string[], defaults: readonly string[]): string[] {
  const names = new Set(fields.filter((_, index) => index % 2 === 0).map((n) => n.toLowerCase()));
  const merged = [...fields];
  for (let at = 0; at < defaults.length; at += 2) {
    if (!names.has(defaults[at]!.toLowerCase())) merged.push(defaults[at]!, defaults[at + 1]!);
  }
  return merged;
}

const NORMALIZED = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);
const FORBIDDEN = new Set(["CONNECT", "TRACE", "TRACK"]);

/** A method as it is sent (the fetch standard, 2.2.1). Throws `ERR_HTTP_INVALID_METHOD`. */
export function readMethod(method: unknown): string {
  if (method === undefined) return "GET";
  const text = String(method);
  if (NORMALIZED.has(text)) return text;
  const upper = text.toUpperCase();
  if (FORBIDDEN.has(upper)) {
    throw netError("ERR_HTTP_INVALID_METHOD", `Cannot send the method ${upper}`);
  }
  return NORMALIZED.has(upper) ? upper : text;
}

/** Whether repeating a request does no more than sending it once (RFC 9110, section 9.2.2). */
export function isIdempotent(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "PUT" || method === "DELETE" ||
    method === "OPTIONS" || method === "TRACE";
}

/** What every plain GET of a place says after its target. */
export function plainTail(place: RequestPlace, habits: RequestHabits): string {
  const { head } = messageOf({ ...PLAIN, method: "GET" }, { ...place, target: "*" }, habits);
  return String(head).slice("GET *".length);
}

const PLAIN = { fields: [], content: null, expectContinue: false, upgrade: null };

/** The message of a request. Throws `ERR_HTTP_INVALID_HEADER` and its kin. */
export function messageOf(
  plan: RequestPlan,
  place: RequestPlace,
  habits: RequestHabits,
): RequestMessage {
  const { method, content, upgrade } = plan;
  const said = plan.fields.length === 0 ? { ...NOTHING_SAID } : readFields(plan);
  let head = requestLine(method, place.target) + `host: ${said.host ?? place.host}\r\n` +
    said.lines;
  if (!said.accept) head += ACCEPT;
  if (!said.codings && habits.decompress) {
    // A part of coded content could not be decoded.
    head += said.range ? "accept-encoding: identity\r\n" : CODINGS;
  }
  if (!said.agent) head += AGENT;
  if (!said.authorization && place.authorization !== null) {
    head += fieldLine("authorization", place.authorization);
  }
  if (place.proxyAuthorization !== null) {
    head += fieldLine("proxy-authorization", place.proxyAuthorization);
  }
  const close = said.close || !habits.keepAlive;
  if (upgrade !== null) addOption("upgrade", said);
  else if (close) addOption("close", said);
  if (said.options !== "") head += `connection: ${said.options}\r\n`;
  if (upgrade !== null) head += fieldLine("upgrade", upgrade);
  if (content !== null && content.type !== null && !said.type) {
    head += fieldLine("content-type", content.type);
  }
  const framing = framingOf(method, content, said.length);
  head += framing.line;
  const expectsContinue = (plan.expectContinue || said.expects) && framing.framing.kind !== "none";
  if (expectsContinue) head += "expect: 100-continue\r\n";
  head += "\r\n";
  return {
    method,
    // All but the caller's own values is ASCII for sure.
    head: plan.fields.length === 0 || isAscii(head) ? head : latin1Bytes(head),
    framing: framing.framing,
    close,
    expectsContinue,
    upgrade,
  };
}

/** How the content goes out, and the line that says so (RFC 9112, section 6). */
function framingOf(
  method: string,
  content: OutgoingContent | null,
  declared: number,
): { framing: Framing; line: string } {
  const length = content === null ? 0 : content.length ?? declared;
  if (length !== -1 && content?.trailers !== undefined) {
    refuse("trailers", `behind ${length} bytes`);
  }
  if (length === -1) return { framing: CHUNKED, line: "transfer-encoding: chunked\r\n" };
  if (declared !== -1 && declared !== length) {
    throw netError(
      "ERR_HTTP_BODY_LENGTH",
      `Cannot send ${length} bytes with a Content-Length of ${declared}`,
    );
  }
  const line = `content-length: ${length}\r\n`;
  if (length > 0) return { framing: { kind: "length", length }, line };
  // A method that gives a meaning to content says when there is none (RFC 9110, section 8.6).
  const means = content !== null || declared === 0 || method === "POST" || method === "PUT" ||
    method === "PATCH";
  if (content !== null && content.length === null) {
    return { framing: { kind: "length", length }, line };
  }
  return { framing: NO_FRAMING, line: means ? line : "" };
}

/** What the caller's fields say that concerns the client itself. */
interface Said {
  lines: string;
  host: string | null;
  accept: boolean;
  codings: boolean;
  agent: boolean;
  authorization: boolean;
  type: boolean;
  range: boolean;
  length: number;
  close: boolean;
  expects: boolean;
  /** Other options of Connection. */
  options: string;
}

const NOTHING_SAID: Readonly<Said> = {
  lines: "",
  host: null,
  accept: false,
  codings: false,
  agent: false,
  authorization: false,
  type: false,
  range: false,
  length: -1,
  close: false,
  expects: false,
  options: "",
};

function readFields({ fields, upgrade, content }: RequestPlan): Said {
  const said: Said = { ...NOTHING_SAID };
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at]!;
    const value = fields[at + 1]!;
    const line = fieldLine(name, value);
    if (!takeField(name.toLowerCase(), value, said, upgrade !== null, content)) said.lines += line;
  }
  return said;
}

function refuse(name: string, value: string): never {
  throw netError("ERR_HTTP_INVALID_HEADER", `Cannot send ${name}: ${quote(value)}`);
}

/** Notes a field that concerns the client; true when the client writes it itself. */
function takeField(
  name: string,
  value: string,
  said: Said,
  upgrades: boolean,
  content: OutgoingContent | null,
): boolean {
  switch (name) {
    case "accept":
      said.accept = true;
      return false;
    case "accept-encoding":
      said.codings = true;
      return false;
    case "user-agent":
      said.agent = true;
      return false;
    case "authorization":
      said.authorization = true;
      return false;
    case "content-type":
      said.type = true;
      return false;
    case "range":
      said.range = true;
      return false;
    case "host":
      if (said.host !== null || value === "" || !isHost(value)) refuse(name, value);
      said.host = value;
      return true;
    case "content-length":
      if (said.length !== -1 || !/^\d{1,15}$/.test(value)) refuse(name, value);
      said.length = Number(value);
      return true;
    case "transfer-encoding":
      if (value.toLowerCase() !== "chunked" || content === null) refuse(name, value);
      return true;
    case "expect":
      if (value.toLowerCase() !== "100-continue") refuse(name, value);
      said.expects = true;
      return true;
    case "upgrade":
      return refuse(name, value);
    case "connection":
      readConnection(value, said, upgrades);
      return true;
    case "te":
      // It is for the next recipient alone, and has to be named so (RFC 9110, section 10.1.4).
      addOption("TE", said);
      return false;
    case "keep-alive":
    case "proxy-connection":
      return true;
    default:
      return false;
  }
}

function readConnection(value: string, said: Said, upgrades: boolean): void {
  if (listHas(value, "upgrade") && !upgrades) refuse("connection", value);
  for (const option of listElements(value)) {
    const lower = option.toLowerCase();
    if (lower === "close") said.close = true;
    else if (lower !== "keep-alive" && lower !== "upgrade") addOption(option, said);
  }
}

function addOption(option: string, said: Said): void {
  if (listHas(said.options, option.toLowerCase())) return;
  said.options += said.options === "" ? option : `, ${option}`;
}
