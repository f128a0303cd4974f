/** Requests hidden in requests (RFC 9112, sections 6.3, 9.6 and 11.2). @module */

import {
  answers,
  area,
  type Case,
  closing,
  either,
  firstOf,
  get,
  must,
  noting,
  ok,
  okAnswer,
  type Outcome,
  post,
  refuse,
  refuseExactly,
} from "./case.ts";

const CHUNKED = "Transfer-Encoding: chunked";
const HELLO_CHUNKS = "5\r\nhello\r\n0\r\n\r\n";
/** A request that must not be taken for one. */
export const HIDDEN = "GET /hidden?k=KEYKEY HTTP/1.1\r\nHost: a.test\r\n\r\n";

/** The outcome, and in any case the hidden request does not reach the handler. */
export function unseen(outcome: Outcome): Outcome {
  return noting(outcome, [], ["GET /hidden"]);
}

/** Both framings: the server refuses, or goes by Transfer-Encoding and then closes. */
function both(...fields: string[]): (name: string, path: string, content: string) => Case {
  return (name, path, content) =>
    must(
      name,
      "9112 6.1",
      post(path, ...fields) + content,
      firstOf(unseen(refuse()), unseen(closing({ answers: [{ status: 200 }], then: "close" }))),
    );
}

const SMUGGLING = area("smuggling", [
  both("Content-Length: 5", CHUNKED)("cl-te", "/echo", HELLO_CHUNKS),
  both(CHUNKED, "Content-Length: 5")("te-cl", "/echo", HELLO_CHUNKS),
  both("Content-Length: 5", CHUNKED)("cl-te-hidden", "/unread?k=KEYKEY", `0\r\n\r\n${HIDDEN}`),
  both("Content-Length: 100", CHUNKED)("cl-longer-te", "/unread?k=KEYKEY", `0\r\n\r\n${HIDDEN}`),
  both("Content-Length: 0", CHUNKED)("cl-zero-te", "/unread?k=KEYKEY", `0\r\n\r\n${HIDDEN}`),
  both(CHUNKED, "Content-Length: 4")(
    "te-cl-hidden",
    "/unread?k=KEYKEY",
    `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  ),
  must(
    "cl-bad-te",
    "9112 6.1",
    post("/unread?k=KEYKEY", "Content-Length: 5", "Transfer-Encoding: what") + HELLO_CHUNKS +
      HIDDEN,
    unseen(refuse([400, 501])),
  ),
  must(
    "cl-te-identity",
    "9112 6.1",
    post("/unread?k=KEYKEY", "Content-Length: 5", "Transfer-Encoding: identity") + HELLO_CHUNKS +
      HIDDEN,
    unseen(refuse([400, 501])),
  ),
  must(
    "bad-cl-te",
    "9112 6.3",
    post("/unread?k=KEYKEY", "Content-Length: x", CHUNKED) + HELLO_CHUNKS + HIDDEN,
    firstOf(unseen(refuse()), unseen(closing(ok("unread")))),
  ),
  must(
    "two-cl-te",
    "9112 6.3",
    post("/unread?k=KEYKEY", "Content-Length: 5", "Content-Length: 6", CHUNKED) + HELLO_CHUNKS +
      HIDDEN,
    firstOf(unseen(refuse()), unseen(closing(ok("unread")))),
  ),
  must(
    "get-cl-te",
    "9112 6.1",
    get("/hello?k=KEYKEY", "Content-Length: 5", CHUNKED) + HELLO_CHUNKS + HIDDEN,
    firstOf(unseen(refuse()), unseen(closing(ok("hello")))),
  ),
  must(
    "te-te-cl",
    "9112 6.1",
    post("/unread?k=KEYKEY", CHUNKED, "Transfer-Encoding: x", "Content-Length: 4") + HELLO_CHUNKS +
      HIDDEN,
    unseen(refuse([400, 501])),
  ),
  must(
    "content-length-in-get-body",
    "9112 6.3",
    get("/hello?k=KEYKEY", `Content-Length: ${HIDDEN.length}`) + HIDDEN + get("/hello"),
    firstOf(unseen(answers(okAnswer("hello"), okAnswer("hello"))), unseen(closing(ok("hello")))),
  ),
  must(
    "lf-ends-head",
    "9112 2.2",
    `POST /unread?k=KEYKEY HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${HIDDEN.length}\n\r\n${HIDDEN}`,
    firstOf(unseen(refuse()), unseen(ok("unread"))),
  ),
  must(
    "unread-hidden",
    "9112 9.3",
    post("/unread?k=KEYKEY", `Content-Length: ${HIDDEN.length}`) + HIDDEN,
    firstOf(unseen(either(ok("unread")))),
  ),
  must(
    "unread-chunks-hidden",
    "9112 9.3",
    post("/unread?k=KEYKEY", CHUNKED) + `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
    unseen(either(ok("unread"))),
  ),
  must(
    "after-refusal-nothing",
    "9112 9.6",
    `${post("/unread?k=KEYKEY", "Content-Length: x")}${HIDDEN}${HIDDEN}`,
    unseen(refuseExactly()),
  ),
]);

/** All cases of this file. */
export const SMUGGLED: readonly Case[] = SMUGGLING;
