/** Chunked answers and interim ones (RFC 9112, section 7; RFC 9110, section 15.2). @module */

import {
  chunks,
  client,
  type ClientCase,
  end,
  FAILS,
  gives,
  head,
  keep,
  reset,
  text,
  type Wanted,
} from "./client_case.ts";

const OK = "HTTP/1.1 200 OK";
const HELLO = "5\r\nhello\r\n";
const LAST = "0\r\n\r\n";
const REUSED = gives("hello", { next: "same" });
const NOT_REUSED = gives("hello", { next: "new" });
const EITHER = { ours: 2 } as const;

function chunked(name: string, content: string, wanted: Wanted | Wanted[], more = {}): ClientCase {
  return client(`chunked/${name}`, "9112 7.1", end(chunks(content)), wanted, more);
}

const CHUNKED: ClientCase[] = [
  client("chunked/plain", "9112 7.1", chunks(HELLO + LAST), REUSED),
  client("chunked/several", "9112 7.1", chunks(`3\r\nhel\r\n2\r\nlo\r\n${LAST}`), REUSED),
  client("chunked/none", "9112 7.1", chunks(LAST), gives("", { next: "same" })),
  client(
    "chunked/any-case",
    "9112 7",
    head(OK, "Transfer-Encoding: CHUNKED") + HELLO + LAST,
    REUSED,
  ),
  client(
    "chunked/upper-hex",
    "9112 7.1",
    chunks(`A\r\nhellohello\r\n${LAST}`),
    gives("hellohello"),
  ),
  client("chunked/leading-zeros", "9112 7.1", chunks(`0005\r\nhello\r\n000\r\n\r\n`), REUSED),
  client("chunked/extension", "9112 7.1.1", chunks(`5;a=b;c\r\nhello\r\n${LAST}`), REUSED),
  client(
    "chunked/extension-quoted",
    "9112 7.1.1",
    chunks(`5;a="b;\\"c"\r\nhello\r\n${LAST}`),
    REUSED,
  ),
  client("chunked/extension-spaced", "9112 7.1.1", chunks(`5 ; a = b\r\nhello\r\n${LAST}`), REUSED),
  client(
    "chunked/trailers",
    "9112 7.1.2",
    chunks(`${HELLO}0\r\nX-T: 1\r\nX-U: 2\r\n\r\n`),
    gives("hello", { fields: { "x-t": null } }),
  ),
  client("chunked/more-bytes", "9112 9.3", chunks(`${HELLO}${LAST}more`), NOT_REUSED, {
    once: true,
  }),
  client("chunked/and-length", "9112 6.3", end(chunks(HELLO + LAST, "Content-Length: 3")), [
    FAILS,
    gives("hello", { next: "new" }),
  ], EITHER),
  client(
    "chunked/in-1.0",
    "9112 6.1",
    end(head("HTTP/1.0 200 OK", "Transfer-Encoding: chunked") + HELLO + LAST),
    [FAILS, gives(/hello/, { next: "new" })],
    EITHER,
  ),
  client(
    "chunked/twice",
    "9112 7",
    end(chunks(HELLO + LAST, "Transfer-Encoding: chunked")),
    FAILS,
    { level: "SHOULD" },
  ),
  client(
    "chunked/not-last",
    "9112 6.3",
    end(head(OK, "Transfer-Encoding: chunked, gzip") + HELLO + LAST),
    [FAILS, gives(/hello/, { next: "new" })],
    EITHER,
  ),
  client("chunked/unknown-coding", "9112 6.3", end(`${head(OK, "Transfer-Encoding: what")}hello`), [
    FAILS,
    gives("hello", { next: "new" }),
  ], EITHER),
  chunked("cut-at-once", "", FAILS),
  chunked("cut-in-size", "5", FAILS),
  chunked("cut-in-chunk", "5\r\nhel", FAILS),
  chunked("cut-behind-chunk", HELLO, FAILS),
  chunked("cut-in-last", `${HELLO}0`, FAILS),
  chunked("cut-behind-last-line", `${HELLO}0\r\n`, FAILS),
  chunked("cut-in-trailers", `${HELLO}0\r\nX-T: 1\r\n`, FAILS),
  client("chunked/reset", "9112 8", reset(chunks(HELLO)), FAILS),
  ...[
    ["empty", ""],
    ["letter", "g"],
    ["minus", "-5"],
    ["plus", "+5"],
    ["0x", "0x5"],
    ["space-first", " 5"],
    ["overflow", "fffffffffffffffff"],
    ["decimal", "5.0"],
    ["rest", "5x"],
  ].map(([name, size]) => chunked(`bad-size-${name}`, `${size}\r\nhello\r\n${LAST}`, FAILS)),
  chunked("bad-end", `5\r\nhelloXX${LAST}`, FAILS),
  chunked("longer", `5\r\nhello!\r\n${LAST}`, FAILS),
  chunked("shorter", `7\r\nhello\r\n${LAST}`, FAILS),
  chunked("bare-lf-size", `5\nhello\r\n${LAST}`, [FAILS, gives("hello")], EITHER),
  chunked("bare-cr-extension", `5;a\rb\r\nhello\r\n${LAST}`, FAILS),
  chunked("bad-trailer", `${HELLO}0\r\nX T: 1\r\n\r\n`, FAILS, { level: "SHOULD" }),
  chunked("unbounded-extension", `5;${"x".repeat(2_000_000)}\r\nhello\r\n${LAST}`, FAILS),
  chunked("unbounded-extensions", `1;${"x".repeat(1000)}\r\nx\r\n`.repeat(2000) + LAST, FAILS),
  chunked("unbounded-trailer", `${HELLO}0\r\nX-T: ${"x".repeat(2_000_000)}\r\n\r\n`, FAILS),
  chunked("unbounded-trailers", `${HELLO}0\r\n${"X-T: 1\r\n".repeat(200_000)}\r\n`, FAILS),
];

const INTERIM: ClientCase[] = [
  ...[100, 102, 103, 110, 199].map((code) =>
    client(
      `interim/${code}`,
      "9110 15.2",
      head(`HTTP/1.1 ${code} Wait`, "X-A: 1") + text("hello"),
      gives("hello", { next: "same", fields: { "x-a": null } }),
    )
  ),
  client(
    "interim/several",
    "9110 15.2",
    `${head("HTTP/1.1 100 Continue")}${head("HTTP/1.1 103 Early Hints", "Link: </a>")}${
      text("hello")
    }`,
    REUSED,
  ),
  client(
    "interim/flood",
    "9110 15.2",
    end(head("HTTP/1.1 102 Processing").repeat(10_000) + text("hello")),
    FAILS,
  ),
  client("interim/then-end", "9112 8", end(head("HTTP/1.1 100 Continue")), FAILS),
  client(
    "interim/length-ignored",
    "9112 6.3",
    head("HTTP/1.1 103 Hints", "Content-Length: 5") + text("hello"),
    [REUSED, FAILS],
    EITHER,
  ),
  client(
    "interim/101-unasked",
    "9110 15.2.2",
    end(head("HTTP/1.1 101 Switching", "Upgrade: x", "Connection: upgrade") + "hello"),
    FAILS,
  ),
  client(
    "interim/only-head",
    "9110 15.2",
    keep(head("HTTP/1.1 100 Continue") + head("HTTP/1.1 204 No Content")),
    { status: 204, next: "same" },
  ),
];

/** All cases of this file. */
export const CHUNKS: readonly ClientCase[] = [...CHUNKED, ...INTERIM];
