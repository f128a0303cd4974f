/** Transfer-Encoding of requests (RFC 9112, sections 6.1 and 6.3). @module */

import {
  answers,
  anyOf,
  area,
  type Case,
  closing,
  either,
  firstOf,
  get,
  must,
  ok,
  okAnswer,
  post,
  refuse,
  refuseExactly,
  request,
  should,
} from "./case.ts";
import { HIDDEN, unseen } from "./smuggling.ts";

const CHUNKED = "Transfer-Encoding: chunked";
const HELLO_CHUNKS = "5\r\nhello\r\n0\r\n\r\n";

/** Values whose last coding is not chunked: the length is unknown (section 6.3, item 4). */
const NOT_CHUNKED = [
  ["identity", "identity"],
  ["gzip", "gzip"],
  ["unknown", "what"],
  ["chunked-first", "chunked, gzip"],
  ["chunked-then-identity", "chunked, identity"],
  ["prefix", "chunke"],
  ["longer", "chunkedd"],
  ["x-chunked", "xchunked"],
  ["quoted", '"chunked"'],
  ["single-quoted", "'chunked'"],
  ["space-inside", "chun ked"],
  ["two-words", "chunked x"],
  ["equals", "chunked="],
  ["no-comma", "gzip chunked"],
  ["kelvin-sign", "chun\xe2\x84\xaaed"],
  ["slash", "chunked/1"],
] as const;

const CODINGS = area("transfer-encoding", [
  must("chunked", "9112 6.1", post("/echo", CHUNKED) + HELLO_CHUNKS, ok("hello"), { splits: true }),
  must(
    "any-case-value",
    "9112 7",
    post("/echo", "Transfer-Encoding: ChunKED") + HELLO_CHUNKS,
    ok("hello"),
  ),
  must(
    "any-case-name",
    "9110 5.1",
    post("/echo", "tRANSFER-eNCODING: chunked") + HELLO_CHUNKS,
    ok("hello"),
  ),
  must(
    "whitespace",
    "9112 5.1",
    post("/echo", "Transfer-Encoding: \tchunked \t") + HELLO_CHUNKS,
    ok("hello"),
  ),
  must("in-get", "9112 6.3", get("/echo", CHUNKED) + HELLO_CHUNKS, {
    answers: [okAnswer(/^(hello)?$/)],
    then: "open",
  }),
  ...NOT_CHUNKED.map(([name, value]) =>
    must(
      `not-chunked-${name}`,
      "9112 6.3",
      post("/unread", `Transfer-Encoding: ${value}`) + HELLO_CHUNKS,
      refuse([400, 501]),
    )
  ),
  must(
    "hidden-behind-unknown",
    "9112 6.3",
    post("/unread", "Transfer-Encoding: what") + HIDDEN,
    unseen(refuse([400, 501])),
  ),
  should(
    "unknown-with-parameter",
    "9112 6.1",
    post("/unread", "Transfer-Encoding: foo;a=b, chunked") + HELLO_CHUNKS,
    firstOf(refuse(501), refuse()),
  ),
  must(
    "gzip-chunked",
    "9112 6.1",
    post("/unread", "Transfer-Encoding: gzip, chunked") + HELLO_CHUNKS,
    firstOf(refuse(501), either(ok("unread"))),
  ),
  should(
    "unknown-chunked",
    "9112 6.1",
    post("/unread", "Transfer-Encoding: what, chunked") + HELLO_CHUNKS,
    refuse(501),
  ),
  must(
    "chunked-twice",
    "9112 7",
    post("/unread", "Transfer-Encoding: chunked, chunked") + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "chunked-twice-lines",
    "9112 7",
    post("/unread", CHUNKED, CHUNKED) + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "lines-identity-last",
    "9112 6.3",
    post("/unread", CHUNKED, "Transfer-Encoding: identity") + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "lines-identity-first",
    "9112 6.1",
    post("/unread", "Transfer-Encoding: identity", CHUNKED) + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "lines-unknown-last",
    "9112 6.3",
    post("/unread", CHUNKED, "Transfer-Encoding: what") + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "lines-gzip-first",
    "9112 6.1",
    post("/unread", "Transfer-Encoding: gzip", CHUNKED) + HELLO_CHUNKS,
    firstOf(refuse(501), either(ok("unread"))),
  ),
  must(
    "empty",
    "9112 6.1",
    post("/unread", "Transfer-Encoding:") + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "empty-and-length",
    "9112 6.1",
    `${post("/unread", "Transfer-Encoding:", "Content-Length: 5")}hello`,
    firstOf(refuse([400, 501]), closing(ok("unread"))),
  ),
  should(
    "empty-element-first",
    "9110 5.6.1",
    post("/echo", "Transfer-Encoding: ,chunked") + HELLO_CHUNKS,
    anyOf(ok("hello"), refuse([400, 501])),
  ),
  should(
    "empty-element-last",
    "9110 5.6.1",
    post("/echo", "Transfer-Encoding: chunked,") + HELLO_CHUNKS,
    anyOf(ok("hello"), refuse([400, 501])),
  ),
  should(
    "parameter",
    "9112 7.1",
    post("/unread", "Transfer-Encoding: chunked;q=1") + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "space-before-colon",
    "9112 5.1",
    post("/unread", "Transfer-Encoding : chunked") + HELLO_CHUNKS,
    refuseExactly(),
  ),
  must(
    "vertical-tab",
    "9112 6.1",
    post("/unread", "Transfer-Encoding: \x0bchunked") + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "nul-behind",
    "9110 5.5",
    post("/unread", "Transfer-Encoding: chunked\0") + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "nbsp-behind",
    "9112 6.1",
    post("/unread", "Transfer-Encoding: chunked\xa0") + HELLO_CHUNKS,
    refuse([400, 501]),
  ),
  must(
    "folded",
    "9112 5.2",
    post("/echo", "Transfer-Encoding:\r\n chunked") + HELLO_CHUNKS,
    firstOf(refuseExactly(), ok("hello")),
  ),
  must(
    "bare-cr-before",
    "9112 2.2",
    post("/unread", "X-A: a\rTransfer-Encoding: chunked") + HELLO_CHUNKS,
    refuse(),
  ),
  must(
    "bare-lf-before",
    "9112 2.2",
    post("/echo", "X-A: a\nTransfer-Encoding: chunked") + HELLO_CHUNKS,
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "other-name",
    "9110 5.1",
    post("/echo", "Transfer_Encoding: chunked") + get("/hello"),
    firstOf(answers(okAnswer(""), okAnswer("hello")), refuse()),
  ),
  must(
    "in-1.0",
    "9112 6.1",
    request("POST /echo HTTP/1.0", "Host: a.test", CHUNKED) + HELLO_CHUNKS,
    firstOf(refuse(), closing(ok(/hello|^$/))),
  ),
  must(
    "in-1.0-keep-alive",
    "9112 6.1",
    request("POST /unread?k=KEYKEY HTTP/1.0", "Host: a.test", "Connection: keep-alive", CHUNKED) +
      HELLO_CHUNKS + HIDDEN,
    firstOf(unseen(refuse()), unseen(closing(ok("unread")))),
  ),
  must(
    "in-1.0-with-length",
    "9112 6.1",
    request(
      "POST /unread HTTP/1.0",
      "Host: a.test",
      "Connection: keep-alive",
      "Content-Length: 5",
      CHUNKED,
    ) + HELLO_CHUNKS,
    firstOf(refuse(), closing(ok("unread"))),
  ),
  should("te-field-is-no-coding", "9110 10.1.4", get("/hello", "TE: chunked, gzip"), ok("hello")),
]);

/** All cases of this file. */
export const CODING: readonly Case[] = CODINGS;
