/** Content-Length of requests (RFC 9112, sections 6.2 and 6.3). @module */

import {
  answers,
  anyOf,
  area,
  type Case,
  closing,
  firstOf,
  get,
  must,
  ok,
  okAnswer,
  post,
  postText,
  refuse,
  refuseExactly,
  request,
  should,
} from "./case.ts";
import { HIDDEN, unseen } from "./smuggling.ts";

const BAD_LENGTHS = [
  ["negative", "-5"],
  ["minus-zero", "-0"],
  ["plus", "+5"],
  ["hex", "0x5"],
  ["hex-letters", "a"],
  ["decimal", "5.0"],
  ["exponent", "5e0"],
  ["letters", "five"],
  ["space-inside", "5 5"],
  ["tab-inside", "5\t5"],
  ["rest", "5x"],
  ["semicolon", "5;"],
  ["underscore", "5_0"],
  ["quoted", '"5"'],
  ["list-different", "5, 6"],
  ["list-with-bad", "5, x"],
  ["list-first-bad", "x, 5"],
  ["superscript", "\xb5"],
  ["over-64-bits", "18446744073709551621"],
  ["over-63-bits", "9223372036854775813"],
  ["thirty-digits", "100000000000000000000000000005"],
] as const;

const LENGTHS = area("content-length", [
  must("plain", "9112 6.2", postText("/echo", "hello"), ok("hello"), { splits: true }),
  must("zero", "9112 6.2", postText("/echo", ""), ok("")),
  must("any-case", "9110 5.1", `${post("/echo", "CONTENT-LENGTH: 5")}hello`, ok("hello")),
  must("whitespace", "9112 5.1", `${post("/echo", "Content-Length: \t5 \t")}hello`, ok("hello")),
  must("binary", "9112 6.2", postText("/echo", "\0\r\n\r\n\xff"), ok("\0\r\n\r\n\xff")),
  must(
    "looks-like-request",
    "9112 6.2",
    postText("/echo", HIDDEN, "X-A: k=KEYKEY"),
    unseen(ok(/^GET \/hidden/)),
  ),
  must(
    "in-get",
    "9110 9.3.1",
    `${get("/unread", "Content-Length: 5")}hello`,
    firstOf(ok("unread"), closing(ok("unread"))),
  ),
  must(
    "in-get-hidden",
    "9112 6.3",
    get("/hello", `Content-Length: ${HIDDEN.length}`) + HIDDEN,
    firstOf(unseen(ok("hello")), closing(unseen(ok("hello")))),
  ),
  must(
    "in-delete",
    "9112 6.3",
    `${request("DELETE /unread HTTP/1.1", "Host: a.test", "Content-Length: 5")}hello`,
    firstOf(ok("unread"), closing(ok("unread"))),
  ),
  must(
    "in-head",
    "9112 6.3",
    `${request("HEAD /hello HTTP/1.1", "Host: a.test", "Content-Length: 5")}hello`,
    firstOf(ok("", { to: "HEAD" }), closing(ok("", { to: "HEAD" }))),
  ),
  must(
    "in-options",
    "9112 6.3",
    `${request("OPTIONS /unread HTTP/1.1", "Host: a.test", "Content-Length: 5")}hello`,
    firstOf(ok("unread"), closing(ok("unread"))),
  ),
  must(
    "absent-means-none",
    "9112 6.3",
    post("/echo") + get("/hello"),
    answers(okAnswer(""), okAnswer("hello")),
  ),
  must("64-kib", "9112 6.2", postText("/echo", "x".repeat(65_536)), ok("x".repeat(65_536))),
  must("1-mib", "9112 6.2", postText("/echo", "x".repeat(1_048_576)), ok(/^x{1048576}$/), {
    once: true,
  }),
  should(
    "leading-zeros",
    "9110 8.6",
    `${post("/echo", "Content-Length: 005")}hello`,
    anyOf(ok("hello"), refuse()),
  ),
  must(
    "list-same",
    "9112 6.3",
    `${post("/echo", "Content-Length: 5, 5")}hello`,
    firstOf(refuseExactly(), ok("hello")),
  ),
  must(
    "twice-same",
    "9112 6.3",
    `${post("/echo", "Content-Length: 5", "Content-Length: 5")}hello`,
    firstOf(refuseExactly(), ok("hello")),
  ),
  must(
    "twice-different",
    "9112 6.3",
    `${post("/echo", "Content-Length: 5", "Content-Length: 6")}hello!`,
    refuseExactly(),
    { splits: true },
  ),
  must(
    "twice-shorter-second",
    "9112 6.3",
    `${post("/echo", "Content-Length: 6", "Content-Length: 5")}hello!`,
    refuseExactly(),
  ),
  must(
    "twice-apart",
    "9112 6.3",
    `${post("/echo", "Content-Length: 5", "X-A: 1", "content-length: 0")}hello`,
    refuseExactly(),
  ),
  must(
    "twice-one-bad",
    "9112 6.3",
    `${post("/echo", "Content-Length: 5", "Content-Length: x")}hello`,
    refuseExactly(),
  ),
  must(
    "twice-one-empty",
    "9112 6.3",
    `${post("/echo", "Content-Length: 5", "Content-Length:")}hello`,
    refuseExactly(),
  ),
  must(
    "hidden-behind-second",
    "9112 11.2",
    post("/unread", "Content-Length: 0", `Content-Length: ${HIDDEN.length}`) + HIDDEN,
    unseen(refuseExactly()),
  ),
  must("empty", "9112 6.3", post("/echo", "Content-Length:"), refuseExactly()),
  must("only-comma", "9112 6.3", `${post("/echo", "Content-Length: ,")}hello`, refuseExactly()),
  must(
    "comma-behind",
    "9112 6.3",
    `${post("/echo", "Content-Length: 5,")}hello`,
    firstOf(refuseExactly(), ok("hello")),
  ),
  must(
    "comma-before",
    "9112 6.3",
    `${post("/echo", "Content-Length: ,5")}hello`,
    firstOf(refuseExactly(), ok("hello")),
  ),
  must("bad-in-get", "9112 6.3", get("/hello", "Content-Length: x"), refuseExactly()),
  must(
    "bad-in-1.0",
    "9112 6.3",
    request("POST /echo HTTP/1.0", "Content-Length: -1"),
    refuseExactly(),
  ),
  must(
    "space-before-colon",
    "9112 5.1",
    `${post("/echo", "Content-Length : 5")}hello`,
    refuseExactly(),
  ),
  must(
    "other-name",
    "9110 5.1",
    post("/echo", "Content_Length: 5") + get("/hello"),
    firstOf(answers(okAnswer(""), okAnswer("hello")), refuse()),
  ),
  must("nul-behind", "9110 5.5", `${post("/echo", "Content-Length: 5\0")}hello`, refuse()),
  must(
    "vertical-tab-before",
    "9112 6.3",
    `${post("/echo", "Content-Length: \x0b5")}hello`,
    refuse(),
  ),
  must("nbsp-before", "9112 6.3", `${post("/echo", "Content-Length: \xa05")}hello`, refuse()),
  must("folded", "9112 5.2", `${post("/echo", "Content-Length: 5\r\n 0")}hello`, refuse()),
  ...BAD_LENGTHS.map(([name, value]) =>
    must(
      `bad-${name}`,
      "9112 6.3",
      `${post("/echo", `Content-Length: ${value}`)}hello`,
      /^(over|thirty)/.test(name) ? firstOf(refuse([400, 413])) : refuseExactly(),
      // A length that a number of 64 bits holds need not be refused.
      name === "over-63-bits" ? { own: true } : {},
    )
  ),
]);

/** All cases of this file. */
export const LENGTH: readonly Case[] = LENGTHS;
