/** Trailer sections of requests (RFC 9112, section 7.1.2; RFC 9110, section 6.5). @module */

import {
  answers,
  anyOf,
  area,
  type Case,
  firstOf,
  get,
  must,
  ok,
  okAnswer,
  postChunks,
  refuse,
} from "./case.ts";

const END = "0\r\n\r\n";
const HELLO = "5\r\nhello\r\n";

const TRAILERS = area("trailers", [
  must("one", "9112 7.1.2", postChunks(`${HELLO}0\r\nX-T: 1\r\n\r\n`), ok("hello"), {
    splits: true,
  }),
  must(
    "several",
    "9112 7.1.2",
    postChunks(`${HELLO}0\r\nX-T: 1\r\nX-U: 2\r\nX-T: 3\r\n\r\n`),
    ok("hello"),
  ),
  must(
    "announced",
    "9110 6.6.2",
    postChunks(`${HELLO}0\r\nX-T: 1\r\n\r\n`, "/echo", "Trailer: X-T"),
    ok("hello"),
  ),
  must(
    "announced-not-sent",
    "9110 6.6.2",
    postChunks(HELLO + END, "/echo", "Trailer: X-T"),
    ok("hello"),
  ),
  must("empty-value", "9112 7.1.2", postChunks(`${HELLO}0\r\nX-T:\r\n\r\n`), ok("hello")),
  must(
    "next-request",
    "9112 7.1.2",
    postChunks(`${HELLO}0\r\nX-T: 1\r\n\r\n`) + get("/hello"),
    answers(okAnswer("hello"), okAnswer("hello")),
  ),
  must(
    "not-merged",
    "9110 6.5.1",
    postChunks(`${HELLO}0\r\nX-T: 1\r\n\r\n`, "/echo-headers"),
    ok(/^(?!.*x-t)/s),
  ),
  ...[
    "Content-Length: 3",
    "Transfer-Encoding: gzip",
    "Host: b.test",
    "Authorization: x",
    "Content-Type: a/b",
  ].map(
    (field) =>
      must(
        `forbidden-${field.split(":")[0]!.toLowerCase()}`,
        "9110 6.5.1",
        postChunks(`${HELLO}0\r\n${field}\r\n\r\n`, "/echo-headers") + get("/hello"),
        anyOf(
          answers(okAnswer(new RegExp(`^(?!.*${field.split(": ")[1]!})`, "s")), okAnswer("hello")),
          refuse(),
        ),
      ),
  ),
  must("space-before-colon", "9112 5.1", postChunks(`${HELLO}0\r\nX-T : 1\r\n\r\n`), refuse()),
  must("no-colon", "9112 7.1.2", postChunks(`${HELLO}0\r\nX-T\r\n\r\n`), refuse()),
  must("empty-name", "9112 7.1.2", postChunks(`${HELLO}0\r\n: 1\r\n\r\n`), refuse()),
  must("bad-name", "9112 7.1.2", postChunks(`${HELLO}0\r\nX(T: 1\r\n\r\n`), refuse()),
  must(
    "nul",
    "9110 5.5",
    postChunks(`${HELLO}0\r\nX-T: a\0b\r\n\r\n`),
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "bare-cr",
    "9112 2.2",
    postChunks(`${HELLO}0\r\nX-T: a\rb\r\n\r\n`),
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "bare-lf",
    "9112 2.2",
    postChunks(`${HELLO}0\r\nX-T: a\n\r\n`),
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "fold",
    "9112 5.2",
    postChunks(`${HELLO}0\r\nX-T: a\r\n b\r\n\r\n`),
    firstOf(refuse(), ok("hello")),
  ),
  must("leading-space", "9112 2.2", postChunks(`${HELLO}0\r\n X-T: a\r\n\r\n`), refuse()),
  must(
    "unbounded-value",
    "9110 6.5",
    postChunks(`${HELLO}0\r\nX-T: ${"a".repeat(1_000_000)}\r\n\r\n`),
    refuse([400, 413, 431]),
  ),
  must(
    "unbounded-count",
    "9110 6.5",
    postChunks(`${HELLO}0\r\n${"X-T: 1\r\n".repeat(100_000)}\r\n`),
    refuse([400, 413, 431]),
  ),
  must(
    "unbounded-without-end",
    "9110 6.5",
    postChunks(`${HELLO}0\r\n${"X-T: 1\r\n".repeat(100_000)}`),
    refuse([400, 413, 431]),
  ),
]);

/** All cases of this file. */
export const TRAILER: readonly Case[] = TRAILERS;
