/** Requests sent without waiting (RFC 9112, section 9.3.2). @module */

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
import { LARGE, STREAMED } from "./handler.ts";

const HELLO = get("/hello");
const HELLO_ANSWER = okAnswer("hello");
const STREAM_ANSWER = okAnswer(STREAMED.join(""));

function times<T>(count: number, one: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => one(at));
}

function behind(name: string, first: string, ...before: Parameters<typeof answers>): Case {
  return must(`behind-${name}`, "9112 9.3.2", first + HELLO, answers(...before, HELLO_ANSWER));
}

/** Closing after it is permitted, but if the connection stays open, the next one is answered. */
const UNREAD_THEN_HELLO = firstOf(
  answers(okAnswer("unread"), HELLO_ANSWER),
  closing(ok("unread", { fields: { connection: "close" } })),
);

const PIPELINES = area("pipeline", [
  must("2", "9112 9.3.2", HELLO + HELLO, answers(HELLO_ANSWER, HELLO_ANSWER), { splits: true }),
  must("16", "9112 9.3.2", HELLO.repeat(16), answers(...times(16, () => HELLO_ANSWER))),
  must("100", "9112 9.3.2", HELLO.repeat(100), answers(...times(100, () => HELLO_ANSWER))),
  must("1000", "9112 9.3.2", HELLO.repeat(1000), answers(...times(1000, () => HELLO_ANSWER))),
  must(
    "16-posts",
    "9112 9.3.2",
    times(16, (at) => postText("/echo", `text ${at}`)).join(""),
    answers(...times(16, (at) => okAnswer(`text ${at}`))),
  ),
  must(
    "100-posts",
    "9112 9.3.2",
    times(100, (at) => postText("/echo", `text ${at}`)).join(""),
    answers(...times(100, (at) => okAnswer(`text ${at}`))),
  ),
  must(
    "16-chunked-posts",
    "9112 9.3.2",
    times(16, () => postChunks("3\r\nabc\r\n0\r\n\r\n")).join(""),
    answers(...times(16, () => okAnswer("abc"))),
  ),
  must(
    "16-async",
    "9112 9.3.2",
    get("/async").repeat(16),
    answers(...times(16, () => okAnswer("async"))),
  ),
  must(
    "16-streams",
    "9112 9.3.2",
    get("/stream").repeat(16),
    answers(...times(16, () => STREAM_ANSWER)),
  ),
  must(
    "16-unread",
    "9112 9.3.2",
    postText("/unread", "abc").repeat(16),
    firstOf(answers(...times(16, () => okAnswer("unread"))), closing(ok("unread"))),
  ),
  must(
    "mixed",
    "9112 9.3.2",
    get("/async") + postText("/echo", "one") + get("/stream-late") + HELLO +
      postText("/echo", "two") + get("/empty"),
    answers(
      okAnswer("async"),
      okAnswer("one"),
      STREAM_ANSWER,
      HELLO_ANSWER,
      okAnswer("two"),
      okAnswer(""),
    ),
  ),
  must(
    "order",
    "9112 9.3.2",
    [get("/slow?k=KEYKEY") + HELLO + get("/empty"), { release: true }],
    answers(okAnswer("slow"), HELLO_ANSWER, okAnswer("")),
  ),
  must("slow-in-the-middle", "9112 9.3.2", [HELLO + get("/slow?k=KEYKEY") + HELLO, { answers: 1 }, {
    release: true,
  }], answers(HELLO_ANSWER, okAnswer("slow"), HELLO_ANSWER)),
  must("sent-while-slow", "9112 9.3.2", [get("/slow?k=KEYKEY"), { note: "gate" }, HELLO, {
    release: true,
  }], answers(okAnswer("slow"), HELLO_ANSWER)),
  must("first-not-held-back", "9112 9.3.2", [
    `${HELLO}GET /hello HT`,
    { answers: 1 },
    "TP/1.1\r\nHost: a.test\r\n\r\n",
  ], answers(HELLO_ANSWER, HELLO_ANSWER)),
  must(
    "large-answers-unread",
    "9112 9.3.2",
    get("/large").repeat(10),
    answers(...times(10, () => okAnswer(new RegExp(`^L{${LARGE}}$`)))),
    { once: true, deafUntil: 1 },
  ),
  must("last-closes", "9112 9.6", HELLO + HELLO + get("/hello", "Connection: close"), {
    answers: times(3, () => HELLO_ANSWER),
    then: "close",
  }),
  must(
    "middle-closes",
    "9112 9.6",
    HELLO + get("/hello", "Connection: close") + get("/hidden?k=KEYKEY"),
    noting({ answers: [HELLO_ANSWER, HELLO_ANSWER], then: "close" }, [], ["GET /hidden"]),
  ),
  must(
    "bad-behind-good",
    "9112 2.2",
    `${HELLO}GET /hello HTTP/1.1\r\nHost : a\r\n\r\n`,
    refuseExactly(400, HELLO_ANSWER),
    { splits: true },
  ),
  must(
    "bad-behind-async",
    "9112 2.2",
    `${get("/async")}GET /hello HTTP/1.1\r\nHost : a\r\n\r\n`,
    refuseExactly(400, okAnswer("async")),
  ),
  must("bad-behind-slow", "9112 2.2", [
    `${get("/slow?k=KEYKEY")}GET /hello HTTP/1.1\r\nHost : a\r\n\r\n`,
    { release: true },
  ], refuseExactly(400, okAnswer("slow"))),
  must(
    "bad-behind-stream",
    "9112 2.2",
    `${get("/stream-late")}\0\0\r\n\r\n`,
    refuse(400, STREAM_ANSWER),
  ),
  must(
    "nothing-behind-bad",
    "9112 2.2",
    `GET /hello HTTP/1.1\r\nHost : a\r\n\r\n${get("/hidden?k=KEYKEY")}`,
    noting(refuseExactly(), [], ["GET /hidden"]),
  ),
  must(
    "bad-chunk-behind-good",
    "9112 7.1",
    `${HELLO}${postChunks("x\r\n")}`,
    refuse(400, HELLO_ANSWER),
  ),
  must("half-body-behind-slow", "9112 9.3.2", [
    get("/slow?k=KEYKEY") + post("/echo", "Content-Length: 6"),
    "abc",
    { release: true },
    { answers: 1 },
    "def",
  ], answers(okAnswer("slow"), okAnswer("abcdef"))),
]);

const BEHIND = area("pipeline", [
  behind("head", request("HEAD /hello HTTP/1.1", "Host: a.test"), {
    status: 200,
    to: "HEAD",
    body: "",
  }),
  behind("head-of-stream", request("HEAD /stream HTTP/1.1", "Host: a.test"), {
    status: 200,
    to: "HEAD",
  }),
  behind("204", get("/status/204"), { status: 204 }),
  behind("304", get("/status/304"), { status: 304 }),
  behind("205", get("/status/205"), { status: 205 }),
  behind("404", get("/nowhere"), { status: 404 }),
  behind("empty", get("/empty"), okAnswer("")),
  behind("stream", get("/stream"), STREAM_ANSWER),
  behind("late-stream", get("/stream-late"), STREAM_ANSWER),
  behind("large", get("/large"), okAnswer(/^L+$/)),
  behind("async", get("/async"), okAnswer("async")),
  behind("options", request("OPTIONS * HTTP/1.1", "Host: a.test"), { status: null }),
  behind("post", postText("/echo", "abc"), okAnswer("abc")),
  behind("chunked-post", postChunks("3\r\nabc\r\n0\r\n\r\n"), okAnswer("abc")),
  behind("trailers", postChunks("3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n"), okAnswer("abc")),
  behind("get-with-content", `${get("/hello", "Content-Length: 3")}abc`, HELLO_ANSWER),
  behind("echo-by-stream", postText("/echo-stream", "abc"), okAnswer("abc")),
  must("behind-unread", "9112 9.3", postText("/unread", "abc") + HELLO, UNREAD_THEN_HELLO, {
    splits: true,
  }),
  must(
    "behind-unread-chunks",
    "9112 9.3",
    postChunks("3\r\nabc\r\n0\r\n\r\n", "/unread") + HELLO,
    UNREAD_THEN_HELLO,
  ),
  must(
    "behind-unread-late",
    "9112 9.3",
    postText("/unread-late", "abc") + HELLO,
    UNREAD_THEN_HELLO,
  ),
  must(
    "behind-unread-100-kib",
    "9112 9.3",
    postText("/unread", "x".repeat(100_000)) + HELLO,
    UNREAD_THEN_HELLO,
  ),
  must(
    "behind-unread-1-mib",
    "9112 9.3",
    postText("/unread", "x".repeat(1_048_576)) + HELLO,
    anyOf(...UNREAD_THEN_HELLO.outcomes),
    { once: true },
  ),
  must(
    "behind-unread-8-mib",
    "9112 9.3",
    postText("/unread", "x".repeat(8_388_608)),
    either(ok("unread")),
    { once: true },
  ),
  must(
    "behind-read-some",
    "9112 9.3",
    postText("/read-some", "x".repeat(2000)) + HELLO,
    anyOf(answers(okAnswer("some"), HELLO_ANSWER), closing(ok("some"))),
  ),
  must("unread-body-still-coming", "9112 9.3", [post("/unread", "Content-Length: 6"), "abc", {
    head: true,
  }, `def${HELLO}`], firstOf(...UNREAD_THEN_HELLO.outcomes)),
  must("unread-chunks-still-coming", "9112 9.3", [postChunks("3\r\nabc\r\n", "/unread"), {
    head: true,
  }, `0\r\n\r\n${HELLO}`], firstOf(...UNREAD_THEN_HELLO.outcomes)),
  must(
    "behind-throw",
    "9112 9.3.2",
    get("/throw") + HELLO,
    anyOf(answers({ status: 500 }, HELLO_ANSWER), {
      answers: [{ status: 500, fields: { connection: "close" } }],
      then: "close",
    }),
  ),
  must(
    "behind-throw-late",
    "9112 9.3.2",
    get("/throw-late") + HELLO,
    anyOf(answers({ status: 500 }, HELLO_ANSWER), {
      answers: [{ status: 500, fields: { connection: "close" } }],
      then: "close",
    }),
  ),
]);

/** All cases of this file. */
export const PIPELINING: readonly Case[] = [...PIPELINES, ...BEHIND];
