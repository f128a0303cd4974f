/**
 * What a case of the HTTP conformance suites is: bytes to send, what has to come back, and the
 * section of the standard that says so. The cases are data; `runner.ts` plays them.
 *
 * @module
 */

/** What the standard calls it: an absolute requirement, or a recommendation. */
export type Level = "MUST" | "SHOULD";

/** One thing that the client does; a text goes out with one byte a letter. */
export type Step =
  | string
  /** Waits until so many final answers are complete. */
  | { readonly answers: number }
  /** Waits for an interim answer (1xx). */
  | { readonly interim: true }
  /** Waits for the head of the next answer, or for the end of the connection. */
  | { readonly head: true }
  /** Waits until the handler has noted this. */
  | { readonly note: string }
  /** Lets the handler go on that waits at its gate; waits until it is there. */
  | { readonly release: true }
  /** Sends FIN. */
  | { readonly end: true }
  /** Waits for the server's FIN or reset. */
  | { readonly closed: true }
  /** Destroys the connection, with a reset if so. */
  | { readonly drop: "close" | "reset" };

/** What a final answer has to look like. */
export interface Answer {
  /** Its status; `null` for whatever the handler and the server agree on. */
  readonly status: number | readonly number[] | null;
  /** Its reason phrase. */
  readonly reason?: string;
  /** Its content. */
  readonly body?: string | RegExp;
  /** Header fields by small name: a value, a pattern, or `null` for absent. */
  readonly fields?: Readonly<Record<string, string | RegExp | null>>;
  /** Trailer fields of chunked content, by small name. */
  readonly trailers?: Readonly<Record<string, string>>;
  /** The interim answers before it; none when absent. */
  readonly interim?: readonly number[];
  /** The method that it answers if that changes how it is read. */
  readonly to?: "HEAD" | "CONNECT";
  /** Content breaks off: the connection ends before the answer is complete. */
  readonly cut?: true;
}

/** One permissible outcome. */
export interface Outcome {
  /** The final answers, in order. */
  readonly answers: readonly Answer[];
  /**
   * What becomes of the connection: `open` is proven by one more request on it; `auto` means that
   * it stays open unless the answer says `close`.
   */
  readonly then: "open" | "close" | "auto";
  /**
   * The last answer refuses the request. `exact`: the standard names the status; else any error
   * status is right, and so is to close without an answer.
   */
  readonly refusal?: "exact" | "any";
  /** What the handler must have noted when all is over, each. */
  readonly notes?: readonly string[];
  /** What it must not have noted. */
  readonly notNoted?: readonly string[];
}

/** How a server of the suite is set up. */
export type Setup = "default" | "small" | "hasty";

/** What a case may ask for besides. */
export interface CaseOptions {
  /** The server's setup: default values, small limits, or short timeouts. */
  readonly setup?: Setup;
  /** Sent in one way only: long, or made of steps that splitting says nothing about. */
  readonly once?: true;
  /** Sent in every split in two, too. */
  readonly splits?: true;
  /** The client does not read before this many steps are done. */
  readonly deafUntil?: number;
  /** The case holds for this library's own server only: interfaces, limits, strictness. */
  readonly own?: true;
}

/** A case. */
export interface Case extends CaseOptions {
  /** Area and name. */
  readonly id: string;
  /** Number and section of the RFC. */
  readonly rfc: string;
  /** How binding. */
  readonly level: Level;
  /** What the client does. */
  readonly steps: readonly Step[];
  /** What may come of it: this library's server gives one of the first `ours`. */
  readonly outcomes: readonly Outcome[];
  /** How many of the outcomes are right for a server that is strict. */
  readonly ours: number;
}

/** Outcomes of a case, and how many of them, from the first on, a strict server may choose. */
export interface Choice {
  readonly outcomes: readonly Outcome[];
  readonly ours: number;
}

type Sent = string | readonly Step[];
type Wanted = Outcome | Choice;

function choiceOf(wanted: Wanted): Choice {
  return "outcomes" in wanted ? wanted : { outcomes: [wanted], ours: 1 };
}

function makeCase(
  level: Level,
  id: string,
  rfc: string,
  sent: Sent,
  wanted: Wanted,
  options: CaseOptions,
): Case {
  const steps = typeof sent === "string" ? [sent] : sent;
  return { id, rfc, level, steps, ...choiceOf(wanted), ...options };
}

/** A case of an absolute requirement. */
export function must(
  id: string,
  rfc: string,
  sent: Sent,
  wanted: Wanted,
  options: CaseOptions = {},
): Case {
  return makeCase("MUST", id, rfc, sent, wanted, options);
}

/** A case of a recommendation. */
export function should(
  id: string,
  rfc: string,
  sent: Sent,
  wanted: Wanted,
  options: CaseOptions = {},
): Case {
  return makeCase("SHOULD", id, rfc, sent, wanted, options);
}

/** Puts the area before the name of each case. */
export function area(name: string, cases: readonly Case[]): Case[] {
  return cases.map((one) => ({ ...one, id: `${name}/${one.id}` }));
}

/** The head of a request: its line, its fields, the empty line. */
export function request(line: string, ...fields: string[]): string {
  return [line, ...fields, "", ""].join("\r\n");
}

/** The head of a GET request with a good Host. */
export function get(path: string, ...fields: string[]): string {
  return request(`GET ${path} HTTP/1.1`, "Host: a.test", ...fields);
}

/** The head of a POST request with a good Host. */
export function post(path: string, ...fields: string[]): string {
  return request(`POST ${path} HTTP/1.1`, "Host: a.test", ...fields);
}

/** A POST request with content of a known length. */
export function postText(path: string, text: string, ...fields: string[]): string {
  return post(path, ...fields, `Content-Length: ${text.length}`) + text;
}

/** A POST request in chunks: what comes after its head is given. */
export function postChunks(chunks: string, path: string = "/echo", ...fields: string[]): string {
  return post(path, ...fields, "Transfer-Encoding: chunked") + chunks;
}

/** One answer with 200; the connection stays open. */
export function ok(body?: string | RegExp, more: Partial<Answer> = {}): Outcome {
  return { answers: [okAnswer(body, more)], then: "open" };
}

/** An answer with 200. */
export function okAnswer(body?: string | RegExp, more: Partial<Answer> = {}): Answer {
  return { status: 200, ...(body === undefined ? {} : { body }), ...more };
}

/** Several answers; the connection stays open. */
export function answers(...list: Answer[]): Outcome {
  return { answers: list, then: "open" };
}

/** The same outcome, but the server closes the connection after it. */
export function closing(outcome: Outcome): Outcome {
  return { ...outcome, then: "close" };
}

/** The same outcome, whatever becomes of the connection, if it is what the answer says. */
export function either(outcome: Outcome): Outcome {
  return { ...outcome, then: "auto" };
}

/** The same outcome, with notes of the handler that must and must not be there. */
export function noting(outcome: Outcome, notes: string[], notNoted: string[] = []): Outcome {
  return { ...outcome, notes, notNoted };
}

/** Refused: an error status and the end of the connection; the usual status is 400. */
export function refuse(status: number | readonly number[] = 400, ...before: Answer[]): Outcome {
  return { answers: [...before, { status }], then: "close", refusal: "any" };
}

/** Refused with the very status that the standard names. */
export function refuseExactly(status: number = 400, ...before: Answer[]): Outcome {
  return { answers: [...before, { status }], then: "close", refusal: "exact" };
}

/** The connection ends without any answer (but those before). */
export function justClose(...before: Answer[]): Outcome {
  return { answers: before, then: "close" };
}

/** The standard leaves a choice, and a strict server chooses the first. */
export function firstOf(...outcomes: Outcome[]): Choice {
  return { outcomes, ours: 1 };
}

/** The standard leaves a choice, and each is as good. */
export function anyOf(...outcomes: Outcome[]): Choice {
  return { outcomes, ours: outcomes.length };
}
