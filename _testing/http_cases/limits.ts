/** Limits and timeouts of this library's own server, set small (RFC 9110, section 15.5). @module */

import {
  anyOf,
  area,
  type Case,
  closing,
  get,
  justClose,
  must,
  noting,
  ok,
  okAnswer,
  post,
  postChunks,
  postText,
  refuse,
  refuseExactly,
  request,
} from "./case.ts";

/** The limits of the setup `small`. */
export const SMALL_LIMITS = {
  requestLine: 200,
  head: 1000,
  fields: 20,
  body: 100,
  chunkExtensions: 100,
  trailers: 100,
} as const;

/** The timeouts of the setup `hasty`, in ms. */
export const HASTY_TIMEOUTS = { head: 200, body: 200, keepAlive: 200, response: 200 } as const;

const WAITS = "Expect: 100-continue";

function fields(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `x-${at}: 1`);
}

const SMALL = area(
  "limit",
  [
    must("line-below", "9112 3", get(`/hello?${"x".repeat(150)}`), ok("hello")),
    must("line-above", "9110 15.5.15", get(`/hello?${"x".repeat(250)}`), refuseExactly(414)),
    must("line-above-without-end", "9110 15.5.15", `GET /${"x".repeat(250)}`, refuseExactly(414)),
    must(
      "method-above",
      "9110 15.5.15",
      request(`${"X".repeat(250)} / HTTP/1.1`, "Host: a"),
      refuse([400, 414, 501]),
    ),
    must(
      "line-far-above",
      "9110 15.5.15",
      get(`/hello?${"x".repeat(900_000)}`),
      refuseExactly(414),
    ),
    must("head-below", "9110 5.4", get("/hello", `x-a: ${"v".repeat(800)}`), ok("hello")),
    must("head-above", "6585 5", get("/hello", `x-a: ${"v".repeat(1200)}`), refuseExactly(431)),
    must(
      "head-above-by-many",
      "6585 5",
      get("/hello", ...Array.from({ length: 15 }, (_, at) => `x-${at}: ${"v".repeat(80)}`)),
      refuseExactly(431),
    ),
    must(
      "head-above-without-end",
      "6585 5",
      `GET /hello HTTP/1.1\r\nx-a: ${"v".repeat(1200)}`,
      refuseExactly(431),
    ),
    must("name-above", "6585 5", get("/hello", `${"x".repeat(1200)}: 1`), refuseExactly(431)),
    must("fields-below", "9110 5.4", get("/hello", ...fields(18)), ok("hello")),
    must("fields-above", "6585 5", get("/hello", ...fields(22)), refuseExactly(431)),
    must("body-at", "9110 15.5.14", postText("/echo", "x".repeat(100)), ok("x".repeat(100))),
    must("body-above", "9110 15.5.14", postText("/echo", "x".repeat(101)), refuseExactly(413)),
    must(
      "body-above-only-head",
      "9110 15.5.14",
      post("/echo", "Content-Length: 101"),
      refuseExactly(413),
    ),
    must(
      "body-above-unread",
      "9110 15.5.14",
      postText("/unread", "x".repeat(101)),
      refuseExactly(413),
    ),
    must(
      "body-above-expected",
      "9110 10.1.1",
      post("/echo", WAITS, "Content-Length: 101"),
      refuseExactly(413),
    ),
    must(
      "body-above-huge",
      "9110 15.5.14",
      post("/echo", "Content-Length: 9007199254740993"),
      refuse([400, 413]),
    ),
    must(
      "body-above-while-sending",
      "9110 15.5.14",
      postText("/echo", "x".repeat(3_000_000)),
      refuseExactly(413),
      { once: true },
    ),
    must(
      "chunks-at",
      "9110 15.5.14",
      postChunks(`64\r\n${"x".repeat(100)}\r\n0\r\n\r\n`),
      ok("x".repeat(100)),
    ),
    must(
      "chunks-above",
      "9110 15.5.14",
      postChunks(`65\r\n${"x".repeat(101)}\r\n0\r\n\r\n`),
      refuseExactly(413),
    ),
    must(
      "chunks-above-in-sum",
      "9110 15.5.14",
      postChunks("a\r\nxxxxxxxxxx\r\n".repeat(11)),
      refuseExactly(413),
    ),
    must("chunk-size-above", "9110 15.5.14", postChunks("ffffff\r\n"), refuseExactly(413)),
    must(
      "chunks-above-in-second",
      "9110 15.5.14",
      get("/hello") + postChunks(`65\r\n`),
      refuseExactly(413, okAnswer("hello")),
    ),
    must(
      "chunks-above-not-read-whole",
      "9110 15.5.14",
      postChunks("a\r\nxxxxxxxxxx\r\n".repeat(11), "/echo?k=KEYKEY"),
      noting(refuseExactly(413), [], ["read 110"]),
    ),
    must(
      "extensions-below",
      "9112 7.1.1",
      postChunks(`5;${"a".repeat(50)}\r\nhello\r\n0\r\n\r\n`),
      ok("hello"),
    ),
    must(
      "extensions-above",
      "9112 7.1.1",
      postChunks(`5;${"a".repeat(150)}\r\nhello\r\n0\r\n\r\n`),
      refuse([400, 413, 431]),
    ),
    must(
      "extensions-above-in-sum",
      "9112 7.1.1",
      postChunks(`1;${"a".repeat(30)}\r\nx\r\n`.repeat(5) + "0\r\n\r\n"),
      refuse([400, 413, 431]),
    ),
    must(
      "trailers-below",
      "9110 6.5",
      postChunks(`5\r\nhello\r\n0\r\nx-t: ${"a".repeat(50)}\r\n\r\n`),
      ok("hello"),
    ),
    must(
      "trailers-above",
      "9110 6.5",
      postChunks(`5\r\nhello\r\n0\r\nx-t: ${"a".repeat(150)}\r\n\r\n`),
      refuse([400, 413, 431]),
    ),
    must(
      "trailer-count-above",
      "9110 6.5",
      postChunks(`5\r\nhello\r\n0\r\n${"x:\r\n".repeat(22)}\r\n`),
      refuse([400, 413, 431]),
    ),
  ].map((one) => ({ ...one, own: true as const, setup: "small" as const })),
);

const HASTY = area(
  "timeout",
  [
    must("nothing-sent", "9110 15.5.9", [{ closed: true }], anyOf(justClose(), refuse(408))),
    must("half-line", "9110 15.5.9", ["GET /hel", { closed: true }], refuse(408)),
    must(
      "half-head",
      "9110 15.5.9",
      ["GET /hello HTTP/1.1\r\nHost: a.test\r\n", { closed: true }],
      refuse(408),
    ),
    must(
      "half-second-head",
      "9110 15.5.9",
      [`${get("/hello")}GET /hello HT`, { closed: true }],
      refuse(408, okAnswer("hello")),
    ),
    must("half-content", "9110 15.5.9", [`${post("/echo", "Content-Length: 5")}he`, {
      closed: true,
    }], refuse(408)),
    must(
      "no-content",
      "9110 15.5.9",
      [post("/echo", "Content-Length: 5"), { closed: true }],
      refuse(408),
    ),
    must("half-chunk", "9110 15.5.9", [postChunks("5\r\nhe"), { closed: true }], refuse(408)),
    must("half-unread-content", "9112 9.5", [`${post("/unread", "Content-Length: 5")}he`, {
      closed: true,
    }], anyOf(closing(ok("unread")), refuse(408))),
    must(
      "idle",
      "9112 9.5",
      [get("/hello"), { answers: 1 }, { closed: true }],
      closing(ok("hello")),
    ),
    must("idle-1.0", "9112 9.5", [request("GET /hello HTTP/1.0", "Connection: keep-alive"), {
      answers: 1,
    }, { closed: true }], closing(ok("hello"))),
    must(
      "crlf-only",
      "9112 9.5",
      [`${get("/hello")}\r\n`, { answers: 1 }, { closed: true }],
      anyOf(closing(ok("hello")), refuse(408, okAnswer("hello"))),
    ),
    must("slow-handler-is-no-timeout", "9110 15.5.9", [get("/long?k=KEYKEY")], ok("long")),
    must("long-stream-is-no-timeout", "9110 15.5.9", [get("/stream-long-time")], ok(/^x+$/)),
    must(
      "stalled-response",
      "9112 9.5",
      [get("/stream-endless?k=KEYKEY"), { note: "cancelled" }],
      noting({ answers: [okAnswer(undefined, { cut: true })], then: "close" }, ["cancelled"]),
      { deafUntil: 2 },
    ),
  ].map((one) => ({ ...one, own: true as const, once: true as const, setup: "hasty" as const })),
);

/** All cases of this file. */
export const LIMITS: readonly Case[] = [...SMALL, ...HASTY];
