/**
 * What a case of the conformance suite for HTTP clients is: what a scripted server sends, and what
 * the client has to make of it. `client_runner.ts` plays them.
 *
 * @module
 */

import type { Level } from "./case.ts";

/** What the server does with one request. */
export interface Reply {
  /** What it sends; one byte a letter. */
  readonly bytes: string;
  /** What becomes of the connection; `late` bytes come when the call is over and it idles. */
  readonly then: "keep" | "end" | "reset" | { readonly late: string };
}

/** What may come of a call. */
export interface Wanted {
  /** The call, or reading its content, rejects. */
  readonly fails?: true;
  /** Status. */
  readonly status?: number;
  /** Content. */
  readonly body?: string | RegExp;
  /** Fields by small name; `null` for absent. */
  readonly fields?: Readonly<Record<string, string | null>>;
  /** The next call goes over the same connection, or over another. */
  readonly next?: "same" | "new";
  /** What the requests were, each; and no other. */
  readonly requests?: readonly RegExp[];
  /** `response.redirected`. */
  readonly redirected?: boolean;
  /** `response.url`. */
  readonly url?: RegExp;
  /** `response.statusText`. */
  readonly reason?: string;
  /** What `getSetCookie()` gives. */
  readonly cookies?: readonly string[];
  /** Whether `response.body` is null. */
  readonly bodyless?: boolean;
}

/** What the caller asks for. */
export interface Call {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the body is given as a stream, which can be sent but once. */
  readonly streamed?: true;
  readonly redirect?: "follow" | "manual" | "error";
}

/** A case. */
export interface ClientCase {
  readonly id: string;
  readonly rfc: string;
  readonly level: Level;
  readonly call: Call;
  /** Replies to the requests in their order, over all connections. */
  readonly replies: readonly Reply[];
  /** What may come of it; this library's client gives one of the first `ours`. */
  readonly wanted: readonly Wanted[];
  readonly ours: number;
  /** A call before it on the same connection, answered by `FIRST`. */
  readonly warm: boolean;
  /** The replies are sent in one piece only. */
  readonly once: boolean;
}

/** What is rare. */
export interface ClientOptions {
  readonly call?: Call;
  readonly level?: Level;
  readonly warm?: true;
  readonly once?: true;
  readonly ours?: number;
}

type Sent = string | Reply | readonly Reply[];

function repliesOf(sent: Sent): readonly Reply[] {
  if (typeof sent === "string") return [keep(sent)];
  return "bytes" in sent ? [sent] : sent;
}

/** A case; the call is a GET unless said otherwise. */
export function client(
  id: string,
  rfc: string,
  sent: Sent,
  wanted: Wanted | readonly Wanted[],
  options: ClientOptions = {},
): ClientCase {
  const { call = {}, level = "MUST", warm = false, once = false, ours = 1 } = options;
  const list = Array.isArray(wanted) ? wanted as readonly Wanted[] : [wanted as Wanted];
  return { id, rfc, level, call, replies: repliesOf(sent), wanted: list, ours, warm, once };
}

/** Sent, and the connection stays open. */
export function keep(bytes: string): Reply {
  return { bytes, then: "keep" };
}

/** Sent, then FIN. */
export function end(bytes: string = ""): Reply {
  return { bytes, then: "end" };
}

/** Sent, then a reset. */
export function reset(bytes: string = ""): Reply {
  return { bytes, then: "reset" };
}

/** Sent, and more of it when the call is over and the connection idles. */
export function late(bytes: string, more: string): Reply {
  return { bytes, then: { late: more } };
}

/** A response: its status line, its fields, the empty line. */
export function head(line: string, ...fields: string[]): string {
  return [line, ...fields, "", ""].join("\r\n");
}

/** A response of status 200 in so many bytes. */
export function text(body: string, ...fields: string[]): string {
  return head("HTTP/1.1 200 OK", ...fields, `Content-Length: ${body.length}`) + body;
}

/** A response of status 200 in chunks; what follows the head is given. */
export function chunks(content: string, ...fields: string[]): string {
  return head("HTTP/1.1 200 OK", ...fields, "Transfer-Encoding: chunked") + content;
}

/** The call gives this. */
export function gives(body: string | RegExp, more: Partial<Wanted> = {}): Wanted {
  return { status: 200, body, ...more };
}

/** The call fails. */
export const FAILS: Wanted = { fails: true };

/** What answers a call that only warms a connection up, or probes it. */
export const FIRST = text("first");
