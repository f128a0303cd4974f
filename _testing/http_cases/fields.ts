/** Field lines (RFC 9112, section 5; RFC 9110, section 5). @module */

import {
  anyOf,
  area,
  type Case,
  firstOf,
  get,
  must,
  noting,
  ok,
  refuse,
  refuseExactly,
  should,
} from "./case.ts";

/** A request for `/headers` with lines of the case's own, each with its line end. */
function lines(text: string): string {
  return `GET /headers?k=KEYKEY HTTP/1.1\r\nHost: a.test\r\n${text}\r\n`;
}

/** The handler gets this value for `x-a`. */
function gets(value: string): ReturnType<typeof ok> {
  const escaped = JSON.stringify(["x-a", value]).replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return ok(new RegExp(escaped));
}

const NAMES = area("field-name", [
  must("all-token-letters", "9110 5.1", lines("!#$%&'*+-.^_`|~09AZaz: 1\r\n"), ok(/09azaz/i)),
  must("any-case", "9110 5.1", lines("X-A: 1\r\n"), gets("1")),
  must("one-letter", "9110 5.1", lines("x: 1\r\n"), ok(/\["x","1"\]/)),
  must("underscore", "9110 5.1", lines("x_a: 1\r\n"), ok(/\["x_a","1"\]/)),
  must("long", "9110 5.1", lines(`${"x".repeat(500)}: 1\r\n`), ok(/xxxxx/)),
  must("space-before-colon", "9112 5.1", lines("x-a : 1\r\n"), refuseExactly(), { splits: true }),
  must("tab-before-colon", "9112 5.1", lines("x-a\t: 1\r\n"), refuseExactly()),
  must(
    "space-before-colon-of-host",
    "9112 5.1",
    "GET /hello HTTP/1.1\r\nHost : a.test\r\n\r\n",
    refuseExactly(),
  ),
  must("space-inside", "9112 5", lines("x a: 1\r\n"), refuse()),
  must("empty", "9112 5", lines(": 1\r\n"), refuse()),
  must("no-colon", "9112 5", lines("x-a\r\n"), refuse(), { splits: true }),
  must("no-colon-with-value", "9112 5", lines("x-a 1\r\n"), refuse()),
  must("no-colon-first", "9112 5", "GET /hello HTTP/1.1\r\nx-a\r\nHost: a.test\r\n\r\n", refuse()),
  ...["(", ")", "<", ">", "@", ",", ";", "\\", '"', "/", "[", "]", "?", "=", "{", "}"].map(
    (letter) =>
      must(
        `delimiter-${letter.charCodeAt(0).toString(16)}`,
        "9110 5.1",
        lines(`x${letter}a: 1\r\n`),
        refuse(),
      ),
  ),
  ...["\0", "\x01", "\x0b", "\x1f", "\x7f", "\x80", "\xe9", "\xff"].map((letter) =>
    must(
      `letter-${letter.charCodeAt(0).toString(16)}`,
      "9110 5.1",
      lines(`x${letter}a: 1\r\n`),
      refuse(),
    )
  ),
]);

const VALUES = area("field-value", [
  must("no-whitespace", "9112 5.1", lines("x-a:1\r\n"), gets("1")),
  must("spaces-around", "9112 5.1", lines("x-a:   1   \r\n"), gets("1"), { splits: true }),
  must("tabs-around", "9112 5.1", lines("x-a:\t1\t\r\n"), gets("1")),
  must("mixed-around", "9112 5.1", lines("x-a: \t 1 \t \r\n"), gets("1")),
  must("whitespace-inside", "9110 5.5", lines("x-a: a b\tc\r\n"), gets("a b\tc")),
  must("empty", "9110 5.5", lines("x-a:\r\n"), gets("")),
  must("only-whitespace", "9110 5.5", lines("x-a:  \t \r\n"), gets("")),
  must("colon-inside", "9110 5.5", lines("x-a: a:b: c\r\n"), gets("a:b: c")),
  must("colon-first", "9110 5.5", lines("x-a::b\r\n"), gets(":b")),
  must(
    "all-visible",
    "9110 5.5",
    lines("x-a: !#$%&'()*+,-./:;<=>?@[]^_`{|}~\r\n"),
    gets("!#$%&'()*+,-./:;<=>?@[]^_`{|}~"),
  ),
  must("comma-list", "9110 5.3", lines("x-a: 1\r\nx-a: 2\r\n"), gets("1, 2")),
  should("obs-text", "9110 5.5", lines("x-a: \xe9\r\n"), ok(/x-a/)),
  should("obs-text-utf8", "9110 5.5", lines("x-a: \xc3\xa9\r\n"), ok(/x-a/)),
  must("2-kib", "9110 5.4", lines(`x-a: ${"v".repeat(2000)}\r\n`), gets("v".repeat(2000))),
  must("nul", "9110 5.5", lines("x-a: a\0b\r\n"), firstOf(refuse(), gets("a b")), { splits: true }),
  must("nul-last", "9110 5.5", lines("x-a: a\0\r\n"), firstOf(refuse(), gets("a "), gets("a"))),
  must("bare-cr", "9112 2.2", lines("x-a: a\rb\r\n"), firstOf(refuse(), gets("a b")), {
    splits: true,
  }),
  must("bare-cr-last", "9112 2.2", lines("x-a: a\r\r\n"), firstOf(refuse(), gets("a"))),
  must("bare-cr-first", "9112 2.2", lines("x-a:\r a\r\n"), firstOf(refuse(), gets("a"))),
  must(
    "bare-cr-hides-field",
    "9112 2.2",
    lines("x-a: a\rx-b: b\r\n"),
    firstOf(refuse(), gets("a x-b: b")),
  ),
  ...["\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f"].map((letter) =>
    // Section 5.5: invalid, though a recipient may keep some of them.
    should(
      `control-${letter.charCodeAt(0).toString(16)}`,
      "9110 5.5",
      lines(`x-a: a${letter}b\r\n`),
      firstOf(refuse(), ok(/x-a/)),
    )
  ),
]);

const LINE_ENDS = area("field-lines", [
  must(
    "fold-space",
    "9112 5.2",
    lines("x-a: a\r\n b\r\n"),
    firstOf(refuseExactly(), gets("a b"), gets("a   b"), gets("a  b")),
    { splits: true },
  ),
  must(
    "fold-tab",
    "9112 5.2",
    lines("x-a: a\r\n\tb\r\n"),
    firstOf(refuseExactly(), gets("a b"), gets("a   b"), gets("a  b")),
  ),
  must("fold-empty", "9112 5.2", lines("x-a: a\r\n \r\n"), firstOf(refuseExactly(), gets("a"))),
  must("fold-of-host", "9112 5.2", "GET /hello HTTP/1.1\r\nHost: a.test\r\n b\r\n\r\n", refuse()),
  must(
    "fold-hides-length",
    "9112 5.2",
    lines("x-a: a\r\n Content-Length: 30\r\n"),
    firstOf(refuseExactly(), ok(/^(?!.*"content-length")/s)),
  ),
  must(
    "whitespace-before-first",
    "9112 2.2",
    "GET /headers HTTP/1.1\r\n x-a: 1\r\nHost: a.test\r\n\r\n",
    firstOf(refuse(), ok(/^(?!.*x-a)/s)),
    { splits: true },
  ),
  must(
    "tab-before-first",
    "9112 2.2",
    "GET /headers HTTP/1.1\r\n\tx-a: 1\r\nHost: a.test\r\n\r\n",
    firstOf(refuse(), ok(/^(?!.*x-a)/s)),
  ),
  must(
    "whitespace-before-host",
    "9112 2.2",
    "GET /hello HTTP/1.1\r\n Host: a.test\r\n\r\n",
    refuse(),
  ),
  must(
    "whitespace-line-at-end",
    "9112 5.2",
    lines("x-a: 1\r\n \t\r\n"),
    firstOf(refuseExactly(), gets("1")),
  ),
  must("bare-lf", "9112 2.2", lines("x-a: 1\nx-b: 2\r\n"), firstOf(refuse(), gets("1")), {
    splits: true,
  }),
  must(
    "bare-lf-fold",
    "9112 2.2",
    lines("x-a: 1\n b\r\n"),
    firstOf(refuse(), gets("1 b"), gets("1   b")),
  ),
  must(
    "bare-lf-ends-head",
    "9112 2.2",
    "GET /hello HTTP/1.1\r\nHost: a.test\r\n\n",
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "all-bare-lf",
    "9112 2.2",
    "GET /hello HTTP/1.1\nHost: a.test\n\n",
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "lf-cr-ends-head",
    "9112 2.2",
    "GET /hello HTTP/1.1\r\nHost: a.test\r\n\n\r\n",
    firstOf(refuse(), ok("hello")),
  ),
  must("cr-cr-lf-ends-head", "9112 2.2", "GET /hello HTTP/1.1\r\nHost: a.test\r\n\r\r\n", refuse()),
  must("bare-cr-ends-line", "9112 2.2", lines("x-a: 1\rx-b: 2\r\r\n"), firstOf(refuse(), ok())),
  must(
    "50-fields",
    "9110 5.4",
    lines(Array.from({ length: 50 }, (_, at) => `x-${at}: ${at}\r\n`).join("")),
    ok(/x-49/),
  ),
  must("order-and-repeats", "9110 5.3", lines("x-a: 1\r\nx-b: 2\r\nx-a: 3\r\n"), gets("1, 3")),
  must(
    "unbounded-section",
    "9110 5.4",
    lines(`x-a: ${"v".repeat(1_000_000)}\r\n`),
    refuse(431),
  ),
  must("unbounded-name", "9110 5.4", lines(`${"x".repeat(1_000_000)}: 1\r\n`), refuse(431)),
  must("unbounded-count", "9110 5.4", lines("x-a: 1\r\n".repeat(100_000)), refuse(431)),
  must(
    "unbounded-without-end",
    "9110 5.4",
    `GET /hello HTTP/1.1\r\nx-a: ${"v".repeat(1_000_000)}`,
    refuse(431),
  ),
  must(
    "unbounded-distinct-names",
    "9110 5.4",
    lines(Array.from({ length: 50_000 }, (_, at) => `x${at}:\r\n`).join("")),
    refuse(431),
  ),
  must(
    "cookie-twice",
    "9110 5.3",
    lines("Cookie: a=1\r\nCookie: b=2\r\n"),
    anyOf(ok(/a=1; b=2/), ok(/a=1, b=2/), ok(/"a=1".*"b=2"/)),
  ),
  must(
    "unknown-ignored",
    "9110 5.1",
    get("/hello", "X-Whatever: 1", "Sec-Fetch-Mode: cors"),
    ok("hello"),
  ),
  must("te-trailers", "9110 10.1.4", get("/hello", "TE: trailers", "Connection: TE"), ok("hello")),
  must("keep-alive-field", "9112 9.3", get("/hello", "Keep-Alive: timeout=5"), ok("hello")),
  must(
    "proxy-connection-ignored",
    "9112 9.3",
    get("/hello", "Proxy-Connection: close"),
    ok("hello"),
  ),
  must(
    "seen-by-handler-once",
    "9112 5.1",
    lines("x-a: 1\r\n"),
    noting(gets("1"), ["GET /headers"]),
  ),
]);

/** All cases of this file. */
export const FIELDS: readonly Case[] = [...NAMES, ...VALUES, ...LINE_ENDS];
