/** Expect (RFC 9110, section 10.1.1). @module */

import {
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

const WAITS = "Expect: 100-continue";
const LENGTH = "Content-Length: 5";
const CHUNKED = "Transfer-Encoding: chunked";
const CONTINUED = ok("hello", { interim: [100] });
/** The client may wait for 100 and need not get it if its content is there already. */
const BODY_SENT = anyOf(ok("hello"), CONTINUED);

/** All cases of this file. */
export const EXPECT: readonly Case[] = area("expect", [
  must(
    "continue",
    "9110 10.1.1",
    [post("/echo", WAITS, LENGTH), { interim: true }, "hello"],
    CONTINUED,
    { splits: true },
  ),
  must("continue-chunked", "9110 10.1.1", [
    post("/echo", WAITS, CHUNKED),
    { interim: true },
    "5\r\nhello\r\n0\r\n\r\n",
  ], CONTINUED),
  must("any-case", "9110 10.1.1", [
    post("/echo", "Expect: 100-Continue", LENGTH),
    { interim: true },
    "hello",
  ], CONTINUED),
  must("any-case-name", "9110 10.1.1", [post("/echo", "EXPECT: 100-CONTINUE", LENGTH), {
    interim: true,
  }, "hello"], CONTINUED),
  must("whitespace", "9110 10.1.1", [post("/echo", "Expect: \t100-continue ", LENGTH), {
    interim: true,
  }, "hello"], CONTINUED),
  must("put", "9110 10.1.1", [request("PUT /echo HTTP/1.1", "Host: a.test", WAITS, LENGTH), {
    interim: true,
  }, "hello"], CONTINUED),
  must("body-piecewise", "9110 10.1.1", [
    post("/echo", WAITS, LENGTH),
    { interim: true },
    "he",
    "llo",
  ], CONTINUED),
  must("reads-late", "9110 10.1.1", [
    post("/read-late?k=KEYKEY", WAITS, LENGTH),
    { release: true },
    { interim: true },
    "hello",
  ], CONTINUED),
  must("reads-by-stream", "9110 10.1.1", [
    post("/echo-stream", WAITS, LENGTH),
    { interim: true },
    "hello",
  ], CONTINUED),
  must("body-sent-anyway", "9110 10.1.1", `${post("/echo", WAITS, LENGTH)}hello`, BODY_SENT, {
    splits: true,
  }),
  must(
    "chunks-sent-anyway",
    "9110 10.1.1",
    `${post("/echo", WAITS, CHUNKED)}5\r\nhello\r\n0\r\n\r\n`,
    BODY_SENT,
  ),
  must(
    "body-begun",
    "9110 10.1.1",
    `${post("/echo", WAITS, "Content-Length: 5")}he` + "llo",
    BODY_SENT,
  ),
  // A final answer in place of 100: the client sends the content or does not, if the connection stays.
  must(
    "unread",
    "9110 10.1.1",
    [post("/unread", WAITS, LENGTH), { head: true }, "hello"],
    anyOf(either(ok("unread")), either(ok("unread", { interim: [100] }))),
  ),
  must(
    "unread-late",
    "9110 10.1.1",
    [post("/unread-late", WAITS, LENGTH), { head: true }, "hello"],
    anyOf(either(ok("unread")), either(ok("unread", { interim: [100] }))),
  ),
  must(
    "unread-and-sent",
    "9110 10.1.1",
    `${post("/unread", WAITS, LENGTH)}hello`,
    anyOf(either(ok("unread")), either(ok("unread", { interim: [100] }))),
  ),
  should("unread-gets-no-100", "9110 10.1.1", [
    post("/unread", WAITS, LENGTH),
    { head: true },
    "hello",
  ], either(ok("unread"))),
  should("unread-chunked-gets-no-100", "9110 10.1.1", [post("/unread", WAITS, CHUNKED), {
    head: true,
  }, "5\r\nhello\r\n0\r\n\r\n"], either(ok("unread"))),
  must("throw", "9110 10.1.1", [post("/throw", WAITS, LENGTH), { head: true }, "hello"], {
    answers: [{ status: 500 }],
    then: "auto",
  }, { own: true }),
  must(
    "not-in-1.0",
    "9110 10.1.1",
    `${request("POST /echo HTTP/1.0", WAITS, LENGTH)}hello`,
    closing(ok("hello")),
  ),
  must(
    "not-in-1.0-keep-alive",
    "9110 10.1.1",
    `${request("POST /echo HTTP/1.0", "Connection: keep-alive", WAITS, LENGTH)}hello`,
    either(ok("hello")),
  ),
  must(
    "not-in-1.0-with-host",
    "9110 10.1.1",
    `${request("POST /echo HTTP/1.0", "Host: a.test", WAITS, LENGTH)}hello`,
    closing(ok("hello")),
  ),
  must(
    "in-1.0-unknown-ignored",
    "9110 10.1.1",
    `${request("POST /echo HTTP/1.0", "Expect: what", LENGTH)}hello`,
    anyOf(closing(ok("hello")), refuse(417)),
  ),
  must(
    "without-content",
    "9110 10.1.1",
    get("/hello", WAITS),
    anyOf(ok("hello"), ok("hello", { interim: [100] })),
  ),
  must(
    "length-zero",
    "9110 10.1.1",
    post("/echo", WAITS, "Content-Length: 0"),
    anyOf(ok(""), ok("", { interim: [100] })),
  ),
  must("empty-elements", "9110 5.6.1.2", [
    post("/echo", "Expect: , 100-continue,", LENGTH),
    { interim: true },
    "hello",
  ], CONTINUED),
  must(
    "empty",
    "9110 5.6.1.2",
    `${post("/echo", "Expect:", LENGTH)}hello`,
    anyOf(ok("hello"), refuse([400, 417])),
  ),
  should(
    "unknown",
    "9110 10.1.1",
    `${post("/echo", "Expect: what", LENGTH)}hello`,
    firstOf(either({ answers: [{ status: 417 }], then: "auto" }), ok("hello")),
  ),
  should(
    "unknown-in-get",
    "9110 10.1.1",
    get("/hello", "Expect: what"),
    firstOf(either({ answers: [{ status: 417 }], then: "auto" }), ok("hello")),
  ),
  should(
    "unknown-in-list",
    "9110 10.1.1",
    `${post("/echo", "Expect: 100-continue, what", LENGTH)}hello`,
    firstOf(either({ answers: [{ status: 417 }], then: "auto" }), ok("hello"), CONTINUED),
  ),
  should(
    "200-ok",
    "9110 10.1.1",
    `${post("/echo", "Expect: 200-ok", LENGTH)}hello`,
    firstOf(either({ answers: [{ status: 417 }], then: "auto" }), ok("hello")),
  ),
  should(
    "twice",
    "9110 10.1.1",
    `${post("/echo", WAITS, WAITS, LENGTH)}hello`,
    anyOf(ok("hello"), CONTINUED, either({ answers: [{ status: 417 }], then: "auto" })),
  ),
  must("then-next-request", "9110 10.1.1", [
    post("/echo", WAITS, LENGTH),
    { interim: true },
    `hello${get("/hello")}`,
  ], {
    answers: [okAnswer("hello", { interim: [100] }), okAnswer("hello")],
    then: "open",
  }),
  must("twice-on-a-connection", "9110 10.1.1", [
    post("/echo", WAITS, LENGTH),
    { interim: true },
    `hello${post("/echo", WAITS, LENGTH)}`,
    { answers: 1 },
    { interim: true },
    "world",
  ], {
    answers: [okAnswer("hello", { interim: [100] }), okAnswer("world", { interim: [100] })],
    then: "open",
  }),
  must("behind-slow", "9112 9.3.2", [
    get("/slow?k=KEYKEY") + post("/echo", WAITS, LENGTH),
    { release: true },
    { answers: 1 },
    { interim: true },
    "hello",
  ], {
    answers: [okAnswer("slow"), okAnswer("hello", { interim: [100] })],
    then: "open",
  }),
  must("with-close", "9112 9.6", [post("/echo", WAITS, LENGTH, "Connection: close"), {
    interim: true,
  }, "hello"], closing(CONTINUED)),
  must("bad-head", "9110 10.1.1", post("/echo", WAITS, "Content-Length: x"), refuseExactly()),
  must("no-host", "9110 10.1.1", request("POST /echo HTTP/1.1", WAITS, LENGTH), refuseExactly()),
  must("bad-chunks", "9112 7.1", [post("/echo", WAITS, CHUNKED), { interim: true }, "x\r\n"], {
    answers: [{ status: 400, interim: [100] }],
    then: "close",
    refusal: "any",
  }),
]);
