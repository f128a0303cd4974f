/** What a server makes of its handler's answers (RFC 9110 and 9112, as senders). @module */

import {
  anyOf,
  area,
  type Case,
  closing,
  firstOf,
  get,
  must,
  ok,
  type Outcome,
  post,
  refuse,
  request,
  should,
} from "./case.ts";
import { LARGE, SECRET, STREAMED } from "./handler.ts";

const DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const STREAM = STREAMED.join("");

function head(path: string, ...fields: string[]): string {
  return request(`HEAD ${path} HTTP/1.1`, "Host: a.test", ...fields);
}

function status(code: number, more: object = {}): Outcome {
  return { answers: [{ status: code, ...more }], then: "open" };
}

/** The handler failed: 500, without a word of why. */
const FAILED: Outcome = {
  answers: [{ status: 500, body: new RegExp(`^(?!.*${SECRET})`, "s") }],
  then: "auto",
};

/** The answer breaks off and the connection ends. */
const CUT: Outcome = { answers: [{ status: 200, cut: true }], then: "close" };

function explained(code: number): Outcome {
  return { answers: [{ status: code, body: /./ }], then: "close", refusal: "any" };
}

const HEADS = area("head", [
  must("no-content", "9110 9.3.2", head("/hello"), ok("", { to: "HEAD" }), { splits: true }),
  should(
    "same-length",
    "9110 9.3.2",
    head("/hello"),
    ok("", { to: "HEAD", fields: { "content-length": "5" } }),
  ),
  should(
    "same-type",
    "9110 9.3.2",
    head("/hello"),
    ok("", { to: "HEAD", fields: { "content-type": /^text\/plain/ } }),
  ),
  must("of-stream", "9110 9.3.2", head("/stream"), ok("", { to: "HEAD" })),
  must("of-late-stream", "9110 9.3.2", head("/stream-late"), ok("", { to: "HEAD" })),
  must("of-stream-with-length", "9110 9.3.2", head("/stream-length"), ok("", { to: "HEAD" })),
  must("of-large", "9110 9.3.2", head("/large"), ok("", { to: "HEAD" })),
  must("of-empty", "9110 9.3.2", head("/empty"), ok("", { to: "HEAD" })),
  must("of-async", "9110 9.3.2", head("/async"), ok("", { to: "HEAD" })),
  must("of-404", "9110 9.3.2", head("/status/404"), status(404, { to: "HEAD" })),
  must("of-204", "9110 9.3.2", head("/status/204"), status(204, { to: "HEAD" })),
  must("of-304", "9110 9.3.2", head("/status/304"), status(304, { to: "HEAD" })),
  must("of-500", "9110 9.3.2", head("/status/500"), status(500, { to: "HEAD" })),
  must("of-throw", "9110 9.3.2", head("/throw"), {
    answers: [{ status: 500, to: "HEAD" }],
    then: "auto",
  }),
  must("of-throw-late", "9110 9.3.2", head("/throw-late"), {
    answers: [{ status: 500, to: "HEAD" }],
    then: "auto",
  }),
  must("of-endless-stream", "9110 9.3.2", head("/stream-endless?k=KEYKEY"), ok("", { to: "HEAD" })),
  must(
    "of-refused",
    "9110 9.3.2",
    request("HEAD /hello HTTP/1.1", "Host: a b"),
    { answers: [{ status: 400, body: "", to: "HEAD" }], then: "close", refusal: "any" },
  ),
  must(
    "of-refused-target",
    "9110 9.3.2",
    request("HEAD /he llo HTTP/1.1", "Host: a.test"),
    { answers: [{ status: 400, body: "", to: "HEAD" }], then: "close", refusal: "any" },
  ),
  must(
    "with-close",
    "9110 9.3.2",
    head("/stream", "Connection: close"),
    closing(ok("", { to: "HEAD" })),
  ),
]);

const STATUSES = [200, 201, 202, 203, 206, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404]
  .concat([405, 406, 409, 410, 411, 412, 415, 416, 418, 422, 425, 428, 429, 451, 500, 501, 502])
  .concat([503, 504, 507, 599]);

/** Errors explain themselves (RFC 9110, sections 15.5 and 15.6). */
const REASONS = area("explained", [
  should("400", "9110 15.5", request("GET /hello HTTP/1.1"), explained(400)),
  should("414", "9110 15.5", get(`/${"x".repeat(100_000)}`), explained(414)),
  should("431", "9110 15.5", get("/hello", `x-a: ${"v".repeat(100_000)}`), explained(431)),
  should("505", "9110 15.6.6", request("GET /hello HTTP/2.0", "Host: a.test"), explained(505)),
  should("500", "9110 15.6", get("/throw"), {
    answers: [{ status: 500, body: /./ }],
    then: "auto",
  }, { own: true }),
]);

const CODES = area("status", [
  ...STATUSES.map((code) =>
    must(`${code}`, "9110 15", get(`/status/${code}`), status(code, { body: `status ${code}` }))
  ),
  must(
    "204",
    "9110 15.3.5",
    get("/status/204"),
    status(204, { fields: { "content-length": null, "transfer-encoding": null } }),
  ),
  must("204-to-post", "9110 15.3.5", `${post("/status/204", "Content-Length: 3")}abc`, status(204)),
  must("205", "9110 15.3.6", get("/status/205"), status(205, { body: "" })),
  must("304", "9110 15.4.5", get("/status/304"), status(304)),
  must("204-despite-length", "9110 8.6", get("/204-length"), anyOf(status(204), FAILED)),
  must("204-despite-coding", "9112 6.1", get("/204-coding"), anyOf(status(204), FAILED)),
  must("304-with-length", "9110 8.6", get("/304-length"), anyOf(status(304), FAILED)),
  // 1xx is no final answer: a handler cannot answer so.
  must("101-unasked", "9110 15.2.2", get("/status/101"), {
    answers: [{ status: 500 }],
    then: "auto",
  }),
  must("100-as-answer", "9110 15.2.1", get("/status/100"), {
    answers: [{ status: 500 }],
    then: "auto",
  }),
  must("199-as-answer", "9110 15.2", get("/status/199"), {
    answers: [{ status: 500 }],
    then: "auto",
  }),
  must("600-as-answer", "9110 15", get("/status/600"), {
    answers: [{ status: 500 }],
    then: "auto",
  }),
  must("0-as-answer", "9110 15", get("/status/0"), { answers: [{ status: 500 }], then: "auto" }),
  should(
    "reason",
    "9112 4",
    get("/reason"),
    anyOf(ok("reason", { reason: "As You Like It" }), ok("reason", { reason: "OK" })),
  ),
]);

const CONTENT = area("content", [
  must("text", "9110 8.6", get("/hello"), ok("hello")),
  should(
    "length",
    "9110 8.6",
    get("/hello"),
    ok("hello", { fields: { "content-length": "5", "transfer-encoding": null } }),
  ),
  must("empty", "9112 6.3", get("/empty"), ok("")),
  should("empty-length", "9110 8.6", get("/empty"), ok("", { fields: { "content-length": "0" } })),
  must("utf8", "9110 8.6", get("/utf8"), ok("gr\xc3\xbc\xc3\x9f dich")),
  must("large", "9112 6.2", get("/large"), ok("L".repeat(LARGE))),
  must("stream", "9112 7.1", get("/stream"), ok(STREAM)),
  should(
    "stream-chunked",
    "9112 7.1",
    get("/stream"),
    ok(STREAM, { fields: { "transfer-encoding": "chunked" } }),
  ),
  must("stream-late", "9112 7.1", get("/stream-late"), ok(STREAM)),
  must("stream-empty", "9112 7.1", get("/stream-empty"), ok("")),
  must("stream-with-empty-chunk", "9112 7.1", get("/stream-with-empty"), ok("ab")),
  must("stream-length", "9112 6.2", get("/stream-length"), ok("abcdef")),
  must(
    "stream-length-kept",
    "9110 8.6",
    get("/stream-length"),
    ok("abcdef", { fields: { "content-length": "6" } }),
    { own: true },
  ),
  must(
    "stream-of-request",
    "9112 6.1",
    `${post("/echo-stream", "Content-Length: 5")}hello`,
    ok("hello"),
  ),
  must(
    "stream-of-chunked-request",
    "9112 6.1",
    `${post("/echo-stream", "Transfer-Encoding: chunked")}5\r\nhello\r\n0\r\n\r\n`,
    firstOf(ok("hello"), closing(ok("hello"))),
  ),
  must("stream-of-no-content", "9112 6.1", post("/echo-stream"), ok("")),
  must("stream-fails", "9112 8", get("/stream-fail"), CUT),
  must(
    "stream-fails-in-1.0",
    "9112 8",
    request("GET /stream-fail HTTP/1.0"),
    anyOf(CUT, closing(ok("abcdef"))),
  ),
  must("stream-fails-at-once", "9112 8", get("/stream-fail-at-once"), anyOf(FAILED, CUT)),
  must("stream-shorter-than-length", "9110 8.6", get("/stream-short"), anyOf(CUT, FAILED)),
  must(
    "stream-longer-than-length",
    "9110 8.6",
    get("/stream-long"),
    anyOf(CUT, FAILED, { answers: [{ status: 200, body: "abc" }], then: "auto" }),
  ),
  must("text-shorter-than-length", "9110 8.6", get("/text-short"), anyOf(ok("abc"), FAILED, CUT)),
  must(
    "text-longer-than-length",
    "9110 8.6",
    get("/text-long"),
    anyOf(ok("abcGET /no HTTP/1.1"), FAILED, {
      answers: [{ status: 200, body: "abc" }],
      then: "auto",
    }, CUT),
  ),
  must("bad-length-of-handler", "9110 8.6", get("/bad-length"), anyOf(ok("bad"), FAILED)),
  must("coding-of-handler", "9112 6.1", get("/coding"), anyOf(ok("coding"), FAILED)),
  must("unknown-coding-of-handler", "9112 6.1", get("/coding-gzip"), anyOf(ok("coding"), FAILED)),
  must(
    "coding-and-length-of-handler",
    "9112 6.2",
    get("/coding-and-length"),
    anyOf(ok("coding"), FAILED),
  ),
  must("early-hints", "8297 2", get("/hints"), ok("hints", { interim: [103, 103] }), { own: true }),
]);

const FIELDS = area("answer-fields", [
  must(
    "upgrade-is-an-option",
    "9110 7.8",
    get("/upgrade-required"),
    status(426, { fields: { upgrade: "foo/1", connection: /\bupgrade\b/i } }),
  ),
  must(
    "options-are-kept",
    "9110 7.6.1",
    get("/options"),
    ok("options", { fields: { connection: /\bx-a\b.*\bx-b\b/i } }),
  ),
  must("date", "9110 6.6.1", get("/hello"), ok("hello", { fields: { date: DATE } })),
  must("date-in-stream", "9110 6.6.1", get("/stream"), ok(STREAM, { fields: { date: DATE } })),
  must("date-in-204", "9110 6.6.1", get("/status/204"), status(204, { fields: { date: DATE } })),
  must("date-in-304", "9110 6.6.1", get("/status/304"), status(304, { fields: { date: DATE } })),
  must("date-in-404", "9110 6.6.1", get("/status/404"), status(404, { fields: { date: DATE } })),
  must(
    "date-in-1.0",
    "9110 6.6.1",
    request("GET /hello HTTP/1.0"),
    closing(ok("hello", { fields: { date: DATE } })),
  ),
  must(
    "date-in-head",
    "9110 6.6.1",
    head("/hello"),
    ok("", { to: "HEAD", fields: { date: DATE } }),
  ),
  must("date-in-refusal", "9110 6.6.1", request("GET /hello HTTP/1.1"), {
    answers: [{ status: 400, fields: { date: DATE } }],
    then: "close",
  }),
  must(
    "date-of-handler",
    "9110 6.6.1",
    get("/date"),
    anyOf(
      ok("date", { fields: { date: "Tue, 15 Nov 1994 08:12:31 GMT" } }),
      ok("date", { fields: { date: DATE } }),
    ),
  ),
  must(
    "cookies-apart",
    "9110 5.3",
    get("/cookies"),
    ok("cookies", { fields: { "set-cookie": "a=1 | b=2" } }),
  ),
  should(
    "keep-alive-hint",
    "9112 9.3",
    get("/hello"),
    ok("hello", { fields: { "keep-alive": /timeout=\d+/ } }),
    { own: true },
  ),
  should("version-in-1.0", "9110 2.5", request("GET /hello HTTP/1.0"), closing(ok("hello"))),
  ...["/bad-header", "/bad-header-name", "/bad-header-nul", "/bad-reason"].map((path) =>
    must(path.slice(1), "9110 5.5", get(path), FAILED)
  ),
]);

const FAILURES = area("failure", [
  ...["/throw", "/throw-late", "/throw-undefined", "/nothing", "/used"].map((path) =>
    should(path.slice(1), "9110 15.6.1", get(path), FAILED)
  ),
  should("throw-in-post", "9110 15.6.1", `${post("/throw", "Content-Length: 5")}hello`, FAILED),
  should("throw-in-1.0", "9110 15.6.1", request("GET /throw HTTP/1.0"), {
    ...FAILED,
    then: "close",
  }),
  must("throw-keeps-framing", "9112 9.3", get("/throw"), {
    answers: [{ status: 500 }],
    then: "auto",
  }),
  must(
    "throw-while-sending",
    "9112 9.3",
    post("/throw", "Content-Length: 1000000") + "x".repeat(1_000_000),
    { answers: [{ status: 500 }], then: "auto" },
    { once: true },
  ),
  must(
    "refusal-while-sending",
    "9112 9.6",
    post("/unread", "Content-Length: x") + "x".repeat(1_000_000),
    refuse(),
    { once: true },
  ),
  must(
    "refusal-while-sending-more",
    "9112 9.6",
    [post("/unread", "Bad Name: 1"), "x".repeat(500_000), "x".repeat(500_000)],
    refuse(),
    { once: true },
  ),
  must("refusal-then-more", "9112 9.6", [
    post("/unread", "Bad Name: 1"),
    { head: true },
    "x".repeat(100_000),
  ], refuse()),
  must(
    "refusal-of-many-chunks",
    "9112 9.6",
    post("/echo", "Transfer-Encoding: chunked") + "x\r\n".repeat(300_000),
    refuse(),
    { once: true },
  ),
  must(
    "slow-then-more-than-read",
    "9112 9.6",
    [get("/slow?k=KEYKEY", "Connection: close"), "x".repeat(500_000), { release: true }],
    firstOf(closing(ok("slow"))),
    { once: true, own: true },
  ),
]);

/** All cases of this file. */
export const RESPONSES: readonly Case[] = [
  ...HEADS,
  ...REASONS,
  ...CODES,
  ...CONTENT,
  ...FIELDS,
  ...FAILURES,
];
