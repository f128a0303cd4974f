/** Answers as a server may send them, and as it must not (RFC 9112, sections 4 to 6). @module */

import { client, type ClientCase, end, FAILS, gives, head, reset, text } from "./client_case.ts";

const OK = "HTTP/1.1 200 OK";
const REUSED = gives("hello", { next: "same" });
const NOT_REUSED = gives("hello", { next: "new" });
const EITHER = { ours: 2 } as const;

function status(code: number, body: string = "x"): ClientCase {
  const line = `HTTP/1.1 ${code} Reason`;
  const answer = head(line, `Content-Length: ${body.length}`) + body;
  return client(`status/${code}`, "9110 15", answer, { status: code, body, next: "same" });
}

const STATUS_LINES: ClientCase[] = [
  client("line/plain", "9112 4", text("hello"), REUSED),
  client("line/no-reason", "9112 4", `HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello`, REUSED),
  client("line/no-space-no-reason", "9112 4", `HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello`, [
    FAILS,
    gives("hello"),
  ], EITHER),
  client(
    "line/odd-reason",
    "9112 4",
    `HTTP/1.1 200 \tA b\xe9 !\r\nContent-Length: 5\r\n\r\nhello`,
    REUSED,
  ),
  client("line/higher-minor", "9110 2.5", `HTTP/1.5 200 OK\r\nContent-Length: 5\r\n\r\nhello`, [
    gives("hello"),
    FAILS,
  ], EITHER),
  client("line/1.0", "9112 9.3", `HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello`, NOT_REUSED),
  client(
    "line/1.0-keep-alive",
    "9112 9.3",
    head("HTTP/1.0 200 OK", "Connection: keep-alive", "Content-Length: 5") + "hello",
    gives("hello"),
  ),
  ...[
    ["major-2", "HTTP/2.0 200 OK"],
    ["major-0", "HTTP/0.9 200 OK"],
    ["lower-case", "http/1.1 200 OK"],
    ["no-version", "HTTP 200 OK"],
    ["icy", "ICY 200 OK"],
    ["two-digits", "HTTP/1.1 20 OK"],
    ["four-digits", "HTTP/1.1 2000 OK"],
    ["letters", "HTTP/1.1 2x0 OK"],
    ["minus", "HTTP/1.1 -20 OK"],
    ["no-status", "HTTP/1.1"],
    ["status-0", "HTTP/1.1 000 OK"],
    ["status-99", "HTTP/1.1 099 OK"],
    ["two-spaces", "HTTP/1.1  200 OK"],
    ["tab", "HTTP/1.1\t200 OK"],
    ["leading-space", " HTTP/1.1 200 OK"],
    ["minor-two-digits", "HTTP/1.10 200 OK"],
    ["nul-in-reason", "HTTP/1.1 200 O\0K"],
    ["cr-in-reason", "HTTP/1.1 200 O\rK"],
    ["no-space", "HTTP/1.1200 OK"],
    ["html", "<html><body>hello"],
    ["tls-alert", "\x15\x03\x01\x00\x02\x02\x28"],
    ["request", "GET / HTTP/1.1"],
  ].map(([name, line]) =>
    client(`line/bad-${name}`, "9112 4", end(`${line}\r\nContent-Length: 5\r\n\r\nhello`), FAILS)
  ),
  client("line/bare-lf", "9112 2.2", `HTTP/1.1 200 OK\nContent-Length: 5\n\nhello`, [
    FAILS,
    gives("hello"),
  ], EITHER),
  client("line/leading-crlf", "9112 2.2", `\r\n${text("hello")}`, [FAILS, gives("hello")], EITHER),
  client("line/nothing", "9112 8", end(), FAILS),
  client("line/only-reset", "9112 8", reset(), FAILS),
  client(
    "line/unbounded-reason",
    "9110 5.4",
    end(`HTTP/1.1 200 ${"x".repeat(1_000_000)}\r\n\r\n`),
    FAILS,
  ),
  client("line/unbounded-without-end", "9110 5.4", "x".repeat(1_000_000), FAILS),
  ...[
    201,
    202,
    203,
    206,
    207,
    226,
    299,
    300,
    400,
    401,
    403,
    404,
    409,
    410,
    413,
    416,
    418,
    429,
    451,
    499,
    500,
    501,
    502,
    503,
    504,
    599,
  ].map((code) => status(code)),
];

const BODILESS: ClientCase[] = [
  client("bodiless/204", "9112 6.3", head("HTTP/1.1 204 No Content"), {
    status: 204,
    body: "",
    next: "same",
  }),
  client("bodiless/204-length", "9112 6.3", head("HTTP/1.1 204 No Content", "Content-Length: 5"), [{
    status: 204,
    body: "",
  }, FAILS], EITHER),
  client(
    "bodiless/204-coding",
    "9112 6.3",
    head("HTTP/1.1 204 No Content", "Transfer-Encoding: chunked"),
    [{ status: 204, body: "" }, FAILS],
    EITHER,
  ),
  client("bodiless/304", "9112 6.3", head("HTTP/1.1 304 Not Modified", "Content-Length: 5"), {
    status: 304,
    body: "",
    next: "same",
  }),
  client(
    "bodiless/304-coding",
    "9112 6.3",
    head("HTTP/1.1 304 Not Modified", "Transfer-Encoding: chunked"),
    { status: 304, body: "" },
  ),
  client("bodiless/head", "9112 6.3", head(OK, "Content-Length: 5"), gives("", { next: "same" }), {
    call: { method: "HEAD" },
  }),
  client("bodiless/head-chunked", "9112 6.3", head(OK, "Transfer-Encoding: chunked"), gives(""), {
    call: { method: "HEAD" },
  }),
  client("bodiless/head-no-length", "9112 6.3", head(OK), gives("", { next: "same" }), {
    call: { method: "HEAD" },
  }),
  client("bodiless/head-404", "9112 6.3", head("HTTP/1.1 404 No", "Content-Length: 500"), {
    status: 404,
    body: "",
  }, { call: { method: "HEAD" } }),
  client(
    "bodiless/205-length-zero",
    "9110 15.3.6",
    head("HTTP/1.1 205 Reset", "Content-Length: 0"),
    { status: 205, body: "" },
  ),
  client("bodiless/204-with-bytes", "9112 9.3", `${head("HTTP/1.1 204 No Content")}hello`, {
    status: 204,
    body: "",
    next: "new",
  }, { once: true }),
  client("bodiless/head-with-bytes", "9112 9.3", text("hello"), gives("", { next: "new" }), {
    call: { method: "HEAD" },
    once: true,
  }),
];

const FIELDS: ClientCase[] = [
  client(
    "field/any-case",
    "9110 5.1",
    text("hello", "X-A: 1"),
    gives("hello", { fields: { "x-a": "1" } }),
  ),
  client(
    "field/no-whitespace",
    "9112 5",
    text("hello", "x-a:1"),
    gives("hello", { fields: { "x-a": "1" } }),
  ),
  client(
    "field/whitespace-around",
    "9112 5",
    text("hello", "x-a: \t 1 \t "),
    gives("hello", { fields: { "x-a": "1" } }),
  ),
  client(
    "field/empty",
    "9110 5.5",
    text("hello", "x-a:"),
    gives("hello", { fields: { "x-a": "" } }),
  ),
  client(
    "field/list",
    "9110 5.3",
    text("hello", "x-a: 1", "X-A: 2"),
    gives("hello", { fields: { "x-a": "1, 2" } }),
  ),
  client("field/obs-text", "9110 5.5", text("hello", "x-a: \xe9"), gives("hello")),
  client("field/fold", "9112 5.2", text("hello", "x-a: 1\r\n 2"), [
    gives("hello", { fields: { "x-a": "1 2" } }),
    gives("hello"),
    FAILS,
  ], { ours: 3 }),
  client("field/space-before-colon", "9112 5.1", text("hello", "x-a : 1"), [
    FAILS,
    gives("hello", { fields: { "x-a": "1" } }),
  ], EITHER),
  client("field/no-colon", "9112 5", text("hello", "x-a"), [FAILS], { level: "SHOULD" }),
  client("field/empty-name", "9112 5", text("hello", ": 1"), [FAILS], { level: "SHOULD" }),
  client("field/bad-name", "9112 5", text("hello", "x(a: 1"), [FAILS], { level: "SHOULD" }),
  client("field/nul", "9110 5.5", text("hello", "x-a: 1\x002"), [
    FAILS,
    gives("hello", { fields: { "x-a": "1 2" } }),
  ], { ours: 1 }),
  client("field/bare-cr", "9112 2.2", text("hello", "x-a: 1\r2"), [
    FAILS,
    gives("hello", { fields: { "x-a": "1 2" } }),
  ], { ours: 1 }),
  client("field/bare-lf", "9112 2.2", text("hello", "x-a: 1\nx-b: 2"), [
    FAILS,
    gives("hello", { fields: { "x-b": "2" } }),
  ], EITHER),
  client("field/whitespace-first", "9112 2.2", text("hello", " x-a: 1"), [
    FAILS,
    gives("hello", { fields: { "x-a": null } }),
  ], EITHER),
  client("field/unbounded", "9110 5.4", end(head(OK, `x-a: ${"x".repeat(2_000_000)}`)), FAILS),
  client(
    "field/unbounded-without-end",
    "9110 5.4",
    `${OK}\r\nx-a: ${"x".repeat(2_000_000)}`,
    FAILS,
  ),
  client(
    "field/unbounded-count",
    "9110 5.4",
    end(head(OK, ...Array(100_000).fill("x-a: 1"))),
    FAILS,
  ),
  client("field/head-cut", "9112 8", end(`${OK}\r\nContent-Length: 5\r\n`), FAILS),
  client("field/head-cut-in-line", "9112 8", end(`${OK}\r\nContent-Le`), FAILS),
  client("field/head-reset", "9112 8", reset(`${OK}\r\nContent-Le`), FAILS),
];

const LENGTHS: ClientCase[] = [
  client("length/zero", "9112 6.3", text(""), gives("", { next: "same" })),
  client("length/64-kib", "9112 6.3", text("x".repeat(65_536)), gives(/^x+$/, { next: "same" })),
  client("length/cut", "9112 8", end(head(OK, "Content-Length: 10") + "hello"), FAILS),
  client("length/cut-at-once", "9112 8", end(head(OK, "Content-Length: 10")), FAILS),
  client("length/reset", "9112 8", reset(head(OK, "Content-Length: 10") + "hello"), FAILS),
  client(
    "length/none-then-end",
    "9112 6.3",
    end(`${head(OK)}hello`),
    gives("hello", { next: "new" }),
  ),
  client(
    "length/none-then-end-1.0",
    "9112 6.3",
    end(`${head("HTTP/1.0 200 OK")}hello`),
    gives("hello", { next: "new" }),
  ),
  client("length/none-empty", "9112 6.3", end(head(OK)), gives("", { next: "new" })),
  // Where a reset is a FIN and a reset (Node 20), nobody can tell.
  client("length/none-then-reset", "9112 8", reset(`${head(OK)}${"x".repeat(500)}`), [
    FAILS,
    gives(/^x+$/),
  ], { level: "SHOULD", ours: 2 }),
  client("length/same-twice", "9112 6.3", text("hello", "Content-Length: 5"), [
    gives("hello"),
    FAILS,
  ], EITHER),
  client("length/same-list", "9112 6.3", head(OK, "Content-Length: 5, 5") + "hello", [
    gives("hello"),
    FAILS,
  ], EITHER),
  ...[
    ["different", "5\r\nContent-Length: 6"],
    ["list", "5, 6"],
    ["negative", "-5"],
    ["plus", "+5"],
    ["hex", "0x5"],
    ["letters", "five"],
    ["decimal", "5.0"],
    ["space", "5 5"],
    ["rest", "5x"],
    ["overflow", "99999999999999999999999"],
  ].map(([name, value]) =>
    client(
      `length/bad-${name}`,
      "9112 6.3",
      end(head(OK, `Content-Length: ${value}`) + "hello!"),
      FAILS,
    )
  ),
  client("length/bad-empty", "9112 6.3", end(`${head(OK, "Content-Length:")}hello`), FAILS, {
    level: "SHOULD",
  }),
  client("length/more-bytes", "9112 9.3", `${text("hello")}more`, NOT_REUSED, { once: true }),
  client("length/more-crlf", "9112 9.3", `${text("hello")}\r\n`, gives("hello"), { once: true }),
  client("length/second-answer", "9112 9.3", text("hello") + text("other"), NOT_REUSED, {
    once: true,
  }),
  client(
    "length/split-answer",
    "9112 11.1",
    text("hello") + head("HTTP/1.1 302 Found", "Location: /x"),
    NOT_REUSED,
    { once: true },
  ),
];

/** All cases of this file. */
export const ANSWERS: readonly ClientCase[] = [...STATUS_LINES, ...BODILESS, ...FIELDS, ...LENGTHS];
