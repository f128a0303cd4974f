/**
 * Samples of messages as bytes, with the events that a reader tells of them. The format of a text
 * with samples, line by line:
 *
 * - `# name` begins a sample.
 * - `~ name=number ...` sets limits of the reader; `~ expects METHOD ...` says which requests the
 *   responses answer.
 * - `> text` is input that ends by CRLF, `>> text` is input without it, `$` is the end of input.
 *   Escapes: `\r`, `\n`, `\t`, `\\`, `\xNN`, and `\N*text` for N times the text up to the line's end.
 * - `= event` is an event in its order: see {@linkcode EventLog}. Fields are compared when the sample
 *   shows at least one of them.
 * - `! CODE` is a violation.
 *
 * @module
 */

import { everySplit } from "../splits.ts";

// What a reader tells, as far as the log shows it: an engine's own types are closed to this folder.
interface Head {
  readonly method?: string;
  readonly target?: string;
  readonly form?: string;
  readonly status?: number;
  readonly reason?: string;
  readonly minor: number;
  readonly fields: Iterable<[name: string, value: string]>;
  readonly host?: string | null;
  readonly framing: { readonly kind: string; readonly length?: number };
  readonly keepAlive: boolean;
  readonly expectsContinue?: boolean;
  readonly upgrade: string | null;
}

/** One sample. */
export interface Sample {
  /** What it is about. */
  readonly name: string;
  /** The bytes, one letter each. */
  input: string;
  /** Whether the input ends. */
  ended: boolean;
  /** The events to be told. */
  readonly events: string[];
  /** Limits that differ from the usual ones. */
  readonly limits: Record<string, number>;
  /** The methods of the requests that responses answer. */
  expects: string[];
}

/** What the samples' readers accept where the sample says nothing else. */
export const LIMITS = {
  maxStartLine: 8192,
  maxHead: 16_384,
  maxFields: 100,
  maxBody: 1_000_000,
  maxChunkExtensions: 256,
  maxTrailers: 4096,
} as const;

/** The limits of readers. */
export type Limits = { readonly [name in keyof typeof LIMITS]: number };

/** A reader of either direction. */
export interface Reader {
  /** Reads bytes. */
  receive(chunk: Uint8Array, from?: number): number;
  /** The input ended. */
  receiveEnd(): void;
}

/** Samples from their text. */
export function samplesOf(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    const [, kind, rest = ""] = /^(#|~|>>|>|\$|=|!)(?: (.*))?$/.exec(line.trim()) ?? [];
    const sample = samples.at(-1)!;
    switch (kind) {
      case "#":
        samples.push(newSample(rest));
        break;
      case "~":
        readSettings(sample, rest);
        break;
      case ">":
        sample.input += `${unescape(rest)}\r\n`;
        break;
      case ">>":
        sample.input += unescape(rest);
        break;
      case "$":
        sample.ended = true;
        break;
      case "=":
        sample.events.push(unescape(rest));
        break;
      case "!":
        sample.events.push(`! ${rest}`);
        break;
      default:
        if (line.trim() !== "") throw new Error(`Not a line of a sample: ${line}`);
    }
  }
  return samples;
}

/** A sample without input. */
function newSample(name: string): Sample {
  return { name, input: "", ended: false, events: [], limits: {}, expects: [] };
}

function readSettings(sample: Sample, settings: string): void {
  const [first, ...rest] = settings.split(" ");
  if (first === "expects") {
    sample.expects = rest;
    return;
  }
  for (const setting of settings.split(" ")) {
    const [name = "", value] = setting.split("=");
    sample.limits[name] = Number(value);
  }
}

/** The letters that a sample's text stands for. */
export function unescape(text: string): string {
  const repeated = /^(.*?)\\(\d+)\*(.*)$/.exec(text);
  if (repeated !== null) {
    return unescape(repeated[1]!) + unescape(repeated[3]!).repeat(Number(repeated[2]));
  }
  return text.replace(/\\(?:x([0-9A-Fa-f]{2})|(.))/g, (_, hex?: string, letter?: string) => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    return { r: "\r", n: "\n", t: "\t" }[letter!] ?? letter!;
  });
}

/** Each letter as one byte. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/**
 * Writes down what a reader tells:
 *
 * - `head GET / origin 1.1 none keep`, or `head 200 OK 1.1 chunked keep`: then maybe `host:HOST`,
 *   `expects` and `upgrade:PROTOCOLS`; the framing is `none`, `N bytes`, `chunked` or `close`,
 *   and `drop` stands for a connection that does not go on;
 * - `field Name: value` for each header field, if they are wanted;
 * - `body TEXT` with all content up to the next event;
 * - `end`, with `trailer Name: value` before it;
 * - `! CODE` for a violation.
 */
export class EventLog {
  /** The events. */
  readonly events: string[] = [];
  readonly #withFields: boolean;
  #body = "";

  /** Makes an empty log. */
  constructor(withFields: boolean) {
    this.#withFields = withFields;
  }

  /** A head is complete. */
  onHead(head: Head): void {
    this.#note(headText(head));
    if (this.#withFields) this.#noteFields("field", head.fields);
  }

  /** A part of the content. */
  onBody(chunk: Uint8Array): void {
    if (chunk.length === 0) throw new Error("A part of the content is empty");
    this.#body += String.fromCharCode(...chunk);
  }

  /** The message is complete. */
  onEnd(trailers: Iterable<[name: string, value: string]> | null): void {
    this.flush();
    if (trailers !== null) this.#noteFields("trailer", trailers);
    this.events.push("end");
  }

  /** The peer broke the protocol. */
  onViolation(error: { readonly code: string }): void {
    this.#note(`! ${error.code}`);
  }

  /** Notes the content that came so far. */
  flush(): void {
    if (this.#body !== "") this.events.push(`body ${this.#body}`);
    this.#body = "";
  }

  #note(event: string): void {
    this.flush();
    this.events.push(event);
  }

  #noteFields(kind: string, fields: Iterable<[name: string, value: string]>): void {
    for (const [name, value] of fields) this.events.push(`${kind} ${name}: ${value}`);
  }
}

function headText(head: Head): string {
  const first = head.method === undefined
    ? [head.status, head.reason || "-"]
    : [head.method, head.target, head.form];
  const { kind, length } = head.framing;
  const framing = kind === "length" ? `${length} bytes` : kind;
  const parts = ["head", ...first, `1.${head.minor}`, framing, head.keepAlive ? "keep" : "drop"];
  if (typeof head.host === "string") parts.push(`host:${head.host}`);
  if (head.expectsContinue) parts.push("expects");
  if (head.upgrade !== null) parts.push(`upgrade:${head.upgrade}`);
  return parts.join(" ");
}

/** Feeds a sample whole, byte by byte and in every split in two; gives each log with its split. */
export function* readInEverySplit(
  sample: Sample,
  makeReader: (sink: EventLog, limits: Limits) => Reader,
  every: boolean = true,
): Generator<[split: string, events: string[]]> {
  const withFields = sample.events.some((event) => event.startsWith("field "));
  const whole = bytesOf(sample.input);
  for (const chunks of every ? everySplit(whole) : [[whole]]) {
    const log = new EventLog(withFields);
    const reader = makeReader(log, { ...LIMITS, ...sample.limits });
    for (const chunk of chunks) {
      // The chunk's buffer is used again by its owner: nothing may depend on it.
      const borrowed = chunk.slice();
      let at = 0;
      while (at < borrowed.length) at = reader.receive(borrowed, at);
      borrowed.fill(0x5a);
    }
    if (sample.ended) reader.receiveEnd();
    log.flush();
    yield [chunks.map((chunk) => chunk.length).join("+"), log.events];
  }
}

/** The lines of a table, each with its first word apart. */
export function rowsOf(table: string): [word: string, rest: string][] {
  return table.split("\n").filter((line) => line !== "").map((line) => {
    const [, word = "", rest = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    return [word, rest];
  });
}

/** A sample that is refused with a code, whatever else was told before. */
export function refused(name: string, input: string, code: string): Sample {
  return { ...newSample(name), input, events: [`! ${code}`] };
}
