/**
 * The handler that all cases for servers are served by: the path says what it does.
 *
 * @module
 */

import { Stage } from "./stage.ts";

/** The class to make answers with: the platform's or this library's. */
export type ResponseClass = typeof Response;

/** What the own server hands to a handler besides the request, if it is the own server. */
export interface Info {
  /** Sends 103 ahead of the answer. */
  earlyHints(headers: Record<string, string>): void;
}

type Act = (request: Request, key: string, url: URL, info: Info) => Response | Promise<Response>;

/** Longer than the timeouts of any setup for this, in ms. */
const LONG = 500;

function time(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A turn of the event loop, not only of the promises. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The secret that no answer may tell. */
export const SECRET = "secret-of-the-handler";

/** How much `/large` answers. */
export const LARGE = 300_000;

/** Makes the handler. */
export function makeHandler(
  stage: Stage,
  Class: ResponseClass,
): (request: Request, info?: unknown) => Response | Promise<Response> {
  const acts = { ...plainActs(Class), ...bodyActs(stage, Class), ...oddActs(stage, Class) };
  return (request, info) => {
    // Some targets are no URL that can be parsed: the asterisk, an authority.
    const at = request.url.replace(/^[a-z]+:\/\/[^/]*/i, "");
    const path = at.replace(/[?#].*$/s, "");
    const key = Stage.keyIn(at);
    stage.note(key, `${request.method} ${path}`);
    const act = acts[path] ?? (path.startsWith("/status/") ? acts["/status"] : undefined);
    if (act === undefined) return new Class("not here", { status: 404 });
    return act(request, key, new URL(at, "http://a.test/"), info as Info);
  };
}

function plainActs(Class: ResponseClass): Record<string, Act> {
  const text = { "content-type": "text/plain" };
  return {
    "/hello": () => new Class("hello", { headers: text }),
    "/follow": () => new Class("follow", { headers: text }),
    "/empty": () => new Class(null),
    "/async": async () => {
      await turn();
      return new Class("async");
    },
    "/hints": async (_request, _key, _url, info) => {
      info.earlyHints({ link: "</a.css>; rel=preload" });
      await turn();
      info.earlyHints({ link: "</b.css>; rel=preload" });
      return new Class("hints");
    },
    "/large": () => new Class("L".repeat(LARGE)),
    "/headers": (request) => Class.json([...request.headers]),
    "/request": (request) => Class.json({ method: request.method, url: request.url }),
    "/status": (request) => {
      const status = Number(new URL(request.url).pathname.slice("/status/".length));
      const empty = [101, 204, 205, 304].includes(status);
      return new Class(empty ? null : `status ${status}`, { status });
    },
    "/cookies": () =>
      new Class("cookies", { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] }),
    "/close": () => new Class("close", { headers: { connection: "close" } }),
    "/date": () => new Class("date", { headers: { date: "Tue, 15 Nov 1994 08:12:31 GMT" } }),
    "/utf8": () => new Class("gr\u00fc\u00df dich"),
  };
}

/** Five chunks, slowly. */
function longStream(): ReadableStream {
  let left = 5;
  return new ReadableStream({
    async pull(controller) {
      if (left-- === 0) return controller.close();
      await time(LONG / 5);
      controller.enqueue(new Uint8Array([120]));
    },
  });
}

function bodyActs(stage: Stage, Class: ResponseClass): Record<string, Act> {
  const read = async (request: Request, key: string): Promise<ArrayBuffer> => {
    try {
      const bytes = await request.arrayBuffer();
      stage.note(key, `read ${bytes.byteLength}`);
      return bytes;
    } catch (error) {
      stage.note(key, "read failed");
      throw error;
    }
  };
  return {
    "/echo": async (request, key) => new Class(await read(request, key)),
    "/echo-stream": (request) => new Class(request.body),
    "/echo-headers": async (request, key) => {
      await read(request, key);
      return Class.json([...request.headers]);
    },
    "/unread": () => new Class("unread"),
    "/unread-late": async () => {
      await turn();
      return new Class("unread");
    },
    "/read-late": async (request, key) => {
      await stage.pass(key);
      return new Class(await read(request, key));
    },
    "/read-some": async (request) => {
      const reader = request.body?.getReader();
      await reader?.read();
      await reader?.cancel();
      return new Class("some");
    },
    "/slow": async (_request, key) => {
      await stage.pass(key);
      return new Class("slow");
    },
    "/long": async () => {
      await time(LONG);
      return new Class("long");
    },
    "/stream-long-time": () => new Class(longStream()),
    "/aborted": (request, key) =>
      new Promise((resolve) => {
        request.signal.addEventListener("abort", () => {
          stage.note(key, "aborted");
          resolve(new Class("too late"));
        });
        stage.note(key, "waiting");
      }),
  };
}

function streamOf(chunks: string[], more: { late?: boolean; fail?: boolean } = {}): ReadableStream {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      if (more.late) await turn();
      const chunk = chunks[next++];
      if (chunk !== undefined) controller.enqueue(encoder.encode(chunk));
      else if (more.fail) controller.error(new Error(SECRET));
      else controller.close();
    },
  });
}

/** What `/stream` answers. */
export const STREAMED: readonly string[] = Array.from({ length: 10 }, (_, at) => `chunk ${at}\n`);

function oddActs(stage: Stage, Class: ResponseClass): Record<string, Act> {
  const named = (length: string) => ({ headers: { "content-length": length } });
  return {
    "/stream": () => new Class(streamOf([...STREAMED])),
    "/stream-late": () => new Class(streamOf([...STREAMED], { late: true })),
    "/stream-empty": () => new Class(streamOf([])),
    "/stream-with-empty": () => new Class(streamOf(["a", "", "b"])),
    "/stream-length": () => new Class(streamOf(["abc", "def"]), named("6")),
    "/stream-fail": () => new Class(streamOf(["abc", "def"], { late: true, fail: true })),
    "/stream-fail-at-once": () => new Class(streamOf([], { fail: true })),
    "/stream-endless": (_request, key) => {
      const chunk = new Uint8Array(16_384);
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(chunk),
        cancel: () => stage.note(key, "cancelled"),
      });
      return new Class(body);
    },
    "/stream-short": () => new Class(streamOf(["abc"]), named("6")),
    "/stream-long": () => new Class(streamOf(["abc", "GET /no HTTP/1.1"]), named("3")),
    "/text-short": () => new Class("abc", named("6")),
    "/text-long": () => new Class("abcGET /no HTTP/1.1", named("3")),
    "/upgrade-required": () => new Class("foo", { status: 426, headers: { upgrade: "foo/1" } }),
    "/options": () => new Class("options", { headers: { connection: "X-A, X-B", "x-a": "1" } }),
    "/coding": () => new Class("coding", { headers: { "transfer-encoding": "chunked" } }),
    "/coding-gzip": () => new Class("coding", { headers: { "transfer-encoding": "gzip" } }),
    "/coding-and-length": () =>
      new Class("coding", {
        headers: { "transfer-encoding": "chunked", "content-length": "6" },
      }),
    "/204-length": () => new Class(null, { status: 204, ...named("5") }),
    "/204-coding": () =>
      new Class(null, { status: 204, headers: { "transfer-encoding": "chunked" } }),
    "/304-length": () => new Class(null, { status: 304, ...named("5") }),
    "/bad-length": () => new Class("bad", named("-3")),
    "/reason": () => new Class("reason", { statusText: "As You Like It" }),
    "/throw": () => {
      throw new Error(SECRET);
    },
    "/throw-late": async () => {
      await turn();
      throw new Error(SECRET);
    },
    "/throw-undefined": () => {
      throw undefined;
    },
    "/nothing": () => undefined as unknown as Response,
    "/bad-header": () => new Class("bad", { headers: { "x-a": "a\r\nx-b: b" } }),
    "/bad-header-name": () => new Class("bad", { headers: { "x a": "a" } }),
    "/bad-header-nul": () => new Class("bad", { headers: { "x-a": "a\0b" } }),
    "/bad-reason": () => new Class("bad", { statusText: "a\r\nx-b: b" }),
    "/used": async () => {
      const response = new Class("used");
      await response.text();
      return response;
    },
  };
}
