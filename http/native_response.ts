/**
 * The inside of the runtime's own responses, where they keep it under symbols. All that is assumed of
 * it is tried out on samples first; where a sample is not as expected, responses are read over their
 * public interface instead.
 *
 * @module
 */

import { incomingBodyOf, usedError } from "./incoming_body.ts";
import { isDisturbed, slotOf } from "./native_slots.ts";
import type { ResponseContent } from "./response.ts";
import { TEXT_TYPE } from "./response_body.ts";
import type { Static } from "./static_body.ts";

/** Reads a response and marks it used; null when it has to be read over its public interface. */
export type Peek = (response: Response) => ResponseContent | null;

type Slotted = Record<symbol, unknown>;

/** On what was sent: a response whose body was peeked at does not know that it is used. */
const SENT = Symbol("sent");

function mark(response: Response & { [SENT]?: true }): void {
  if (response[SENT]) throw usedError();
  response[SENT] = true;
}

function isStatic(body: unknown): body is Static {
  return typeof body === "string" || body instanceof Uint8Array;
}

/** Node 20: the state's header list is a map, and its body remembers what it was made of. */
interface UndiciState {
  readonly status: number;
  readonly statusText: string;
  readonly headersList: { readonly cookies: readonly string[] | null };
  readonly body?: { readonly source: unknown; readonly stream: ReadableStream } | null;
}

type UndiciFields = Map<string, { readonly name: string; readonly value: string }>;

function peekNode(stateSlot: symbol, mapSlot: symbol): Peek {
  return (response) => {
    const { status, statusText, headersList, body } =
      (response as unknown as Record<symbol, UndiciState>)[stateSlot]!;
    const fields = (headersList as unknown as Record<symbol, UndiciFields>)[mapSlot]!;
    const headers: string[] = [];
    for (const [lower, { name, value }] of fields) {
      if (lower !== "set-cookie") headers.push(name, value);
      else for (const cookie of headersList.cookies!) headers.push(name, cookie);
    }
    if (body === null || body === undefined) return { status, statusText, headers, body: null };
    const { source, stream } = body;
    if (stream.locked || isDisturbed(stream)) throw usedError();
    if (isStatic(source)) {
      mark(response);
      return { status, statusText, headers, body: source };
    }
    if (source !== null) return null;
    return { status, statusText, headers, body: incomingBodyOf(stream) ?? stream };
  };
}

/** Deno: a list of headers, and a body that is static until somebody reads it. */
interface DenoInner {
  readonly status: number;
  readonly statusMessage: string;
  readonly headerList: readonly (readonly [string, string])[];
  readonly body: { readonly streamOrStatic: { body?: unknown; consumed?: boolean } } | null;
}

function peekDeno(innerSlot: symbol, lazySlot: symbol, lazyTypeSlot: symbol): Peek {
  return (response) => {
    const slots = response as unknown as Slotted;
    const { status, statusMessage, headerList, body } = slots[innerSlot] as DenoInner;
    // Text, and a type that is the only field, lie apart until somebody looks at them.
    const text = slots[lazySlot];
    const type = slots[lazyTypeSlot];
    if (typeof text === "string") {
      mark(response);
      const headers = ["content-type", type as string | null ?? TEXT_TYPE];
      return { status, statusText: statusMessage, headers, body: text };
    }
    const headers: string[] = [];
    if (typeof type === "string") headers.push("content-type", type);
    for (const [name, value] of headerList) headers.push(name, value);
    if (body === null) return { status, statusText: statusMessage, headers, body: null };
    const content = body.streamOrStatic;
    if (!isStatic(content.body)) return null;
    if (content.consumed) throw usedError();
    mark(response);
    content.consumed = true;
    return { status, statusText: statusMessage, headers, body: content.body };
  };
}

function candidates(sample: Response): Peek[] {
  const found: Peek[] = [];
  const state = slotOf(sample, "state");
  if (state !== undefined) {
    const { headersList } = (sample as unknown as Record<symbol, UndiciState>)[state]!;
    const map = slotOf(headersList, "headers map");
    if (map !== undefined) found.push(peekNode(state, map));
  }
  const inner = slotOf(sample, "response");
  const lazy = slotOf(sample, "lazy static body");
  const lazyType = slotOf(sample, "lazy static content type");
  if (inner !== undefined && lazy !== undefined && lazyType !== undefined) {
    found.push(peekDeno(inner, lazy, lazyType));
  }
  return found;
}

/** Responses of every kind that is looked at, each with what is to be seen in it. */
const SAMPLES: readonly [body: string | Uint8Array<ArrayBuffer> | null, init?: ResponseInit][] = [
  ["text"],
  ["text", {}],
  ["text", { status: 404, statusText: "Gone" }],
  ["text", { headers: { "content-type": "a/b" } }],
  ["text", { headers: [["x-a", "1"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]] }],
  ["", { headers: { "x-a": "1", "content-type": "a/b" } }],
  [new Uint8Array([1, 2]), {}],
  [null, { headers: { "content-type": "a/b" } }],
  [null, { status: 204 }],
];

function asSeen({ status, statusText, headers, body }: ResponseContent): string {
  const lines: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    lines.push(`${headers[at]!.toLowerCase()}: ${headers[at + 1]}`);
  }
  return JSON.stringify([status, statusText, lines.sort(), body]);
}

function fits(peek: Peek, platform: typeof Response): boolean {
  return SAMPLES.every(([body, init]) =>
    [false, true].every((touched) => {
      const make = () => {
        const response = new platform(body, init);
        if (touched) response.headers.append("x-b", "2");
        return response;
      };
      const { status, statusText, headers } = make();
      const seen = peek(make());
      const lines = [...headers].flat();
      return seen !== null &&
        asSeen(seen) === asSeen({ status, statusText, headers: lines, body });
    })
  );
}

/** Finds out how the runtime's responses look inside. */
export function findPeek(platform: typeof Response): Peek {
  try {
    const peek = candidates(new platform("sample")).find((peek) => fits(peek, platform));
    return peek ?? (() => null);
  } catch {
    return () => null;
  }
}
