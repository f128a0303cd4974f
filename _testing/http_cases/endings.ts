/** Clients that end, break off, or speak something else (RFC 9112, sections 8 and 9.5). @module */

import {
  anyOf,
  area,
  type Case,
  closing,
  get,
  justClose,
  must,
  noting,
  ok,
  okAnswer,
  type Outcome,
  post,
  postChunks,
  postText,
  refuse,
  request,
  should,
} from "./case.ts";
import { STREAMED } from "./handler.ts";

const END = { end: true } as const;
const HELLO = get("/hello");

/** A message that ends before it is complete: refused, or dropped without a word. */
const INCOMPLETE = anyOf(refuse(), justClose());

function broken(name: string, text: string): Case {
  const seen = noting(refuse(), [], ["read 3", "read 5"]);
  return must(`in-${name}`, "9112 8", [text, END], anyOf(seen, { ...seen, answers: [] }));
}

const HALVES = area("half-close", [
  must("after-request", "9112 9.6", [HELLO, END], closing(ok("hello")), { splits: true }),
  must("after-three", "9112 9.6", [HELLO.repeat(3), END], {
    answers: [1, 2, 3].map(() => okAnswer("hello")),
    then: "close",
  }),
  must("after-post", "9112 9.6", [postText("/echo", "abc"), END], closing(ok("abc"))),
  must("after-chunks", "9112 9.6", [postChunks("3\r\nabc\r\n0\r\n\r\n"), END], closing(ok("abc"))),
  must("after-1.0", "9112 9.6", [request("GET /hello HTTP/1.0"), END], closing(ok("hello"))),
  must("after-close", "9112 9.6", [get("/hello", "Connection: close"), END], closing(ok("hello"))),
  must("before-async", "9112 9.6", [get("/async"), END], closing(ok("async"))),
  must(
    "before-slow",
    "9112 9.6",
    [get("/slow?k=KEYKEY"), { note: "gate" }, END, { release: true }],
    closing(ok("slow")),
  ),
  must("before-large", "9112 9.6", [get("/large"), END], closing(ok(/^L+$/))),
  must("before-stream", "9112 9.6", [get("/stream-late"), END], closing(ok(STREAMED.join("")))),
  must("before-unread", "9112 9.6", [postText("/unread", "abc"), END], closing(ok("unread"))),
  must(
    "before-throw",
    "9112 9.6",
    [get("/throw"), END],
    closing({ answers: [{ status: 500 }], then: "close" }),
  ),
  must("before-pipelined-slow", "9112 9.6", [HELLO + get("/slow?k=KEYKEY") + HELLO, END, {
    release: true,
  }], { answers: [okAnswer("hello"), okAnswer("slow"), okAnswer("hello")], then: "close" }),
  must("before-slow-and-more", "9112 9.6", [get("/slow?k=KEYKEY") + HELLO.repeat(3), END, {
    release: true,
  }], { answers: [okAnswer("slow"), ...[1, 2, 3].map(() => okAnswer("hello"))], then: "close" }),
  must("when-idle", "9112 9.6", [HELLO, { answers: 1 }, END], closing(ok("hello"))),
  must("at-once", "9112 9.6", [END], justClose()),
  must("after-crlf", "9112 2.2", ["\r\n", END], INCOMPLETE),
  must("after-bad", "9112 2.2", ["GET /hello HTTP/1.1\r\nHost : a\r\n\r\n", END], refuse()),
  broken("method", "GE"),
  broken("target", "GET /hel"),
  broken("line", "GET /hello HTTP/1.1\r\n"),
  broken("fields", "GET /hello HTTP/1.1\r\nHost: a.test\r\n"),
  broken("head-end", "GET /hello HTTP/1.1\r\nHost: a.test\r\n\r"),
  broken("content", `${post("/echo?k=KEYKEY", "Content-Length: 5")}hel`),
  broken("content-before-first", post("/echo?k=KEYKEY", "Content-Length: 5")),
  broken("chunk", postChunks("5\r\nhel", "/echo?k=KEYKEY")),
  broken("chunk-size", postChunks("3\r\nabc\r\n5", "/echo?k=KEYKEY")),
  broken("chunk-end", postChunks("3\r\nabc\r", "/echo?k=KEYKEY")),
  broken("before-last-chunk", postChunks("3\r\nabc\r\n", "/echo?k=KEYKEY")),
  broken("last-chunk", postChunks("3\r\nabc\r\n0\r\n", "/echo?k=KEYKEY")),
  broken("trailers", postChunks("3\r\nabc\r\n0\r\nX-T: 1\r\n", "/echo?k=KEYKEY")),
  must(
    "in-second-head",
    "9112 8",
    [`${HELLO}GET /hel`, END],
    anyOf(refuse(400, okAnswer("hello")), justClose(okAnswer("hello"))),
  ),
  must(
    "in-second-content",
    "9112 8",
    [`${HELLO}${post("/echo", "Content-Length: 5")}hel`, END],
    anyOf(refuse(400, okAnswer("hello")), justClose(okAnswer("hello"))),
  ),
]);

/** Only the handler can tell: the client is gone. */
function gone(notes: string[], ...seen: Outcome["answers"]): Outcome {
  return noting(justClose(...seen), notes);
}

const DISCONNECTS = area(
  "disconnect",
  [
    must("in-content", "9112 8", [`${post("/echo?k=KEYKEY", "Content-Length: 5")}hel`, {
      note: "POST /echo",
    }, { drop: "reset" }], gone(["read failed"])),
    must("in-chunks", "9112 8", [postChunks("5\r\nhel", "/echo?k=KEYKEY"), { note: "POST /echo" }, {
      drop: "reset",
    }], gone(["read failed"])),
    must("in-content-by-end", "9112 8", [`${post("/echo?k=KEYKEY", "Content-Length: 5")}hel`, {
      note: "POST /echo",
    }, { drop: "close" }], gone(["read failed"])),
    must("while-handled", "9112 9.5", [get("/aborted?k=KEYKEY"), { note: "waiting" }, {
      drop: "reset",
    }], gone(["aborted"])),
    must(
      "while-handled-by-end",
      "9112 9.5",
      [get("/aborted?k=KEYKEY"), { note: "waiting" }, { drop: "close" }],
      gone(["aborted"]),
      { own: true },
    ),
    must("while-streamed", "9112 9.5", [get("/stream-endless?k=KEYKEY"), { head: true }, {
      drop: "reset",
    }], gone(["cancelled"], okAnswer(undefined, { cut: true }))),
    must("while-streamed-by-end", "9112 9.5", [get("/stream-endless?k=KEYKEY"), { head: true }, {
      drop: "close",
    }], gone(["cancelled"], okAnswer(undefined, { cut: true }))),
    must(
      "before-slow",
      "9112 9.5",
      [get("/slow?k=KEYKEY"), { note: "gate" }, { drop: "reset" }],
      gone(["gate"]),
    ),
    must("in-head", "9112 9.5", ["GET /hello HT", { drop: "reset" }], gone([])),
    must("at-once", "9112 9.5", [{ drop: "reset" }], gone([])),
  ].map((one) => ({ ...one, once: true as const })),
);

const CLIENT_HELLO = "\x16\x03\x01\x00\xf1\x01\x00\x00\xed\x03\x03" +
  "\x5a\x0a\x0d\x20\x00\xff".repeat(38) +
  "\x00\x02\x00\x00";

const FOREIGN = area("foreign", [
  must("tls-client-hello", "9112 3", CLIENT_HELLO, refuse()),
  must("tls-first-byte", "9112 3", "\x16", refuse()),
  must("sslv2-hello", "9112 3", "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10", refuse()),
  must("http2-preface", "9112 3", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", refuse([400, 505]), {
    splits: true,
  }),
  must(
    "http2-preface-and-settings",
    "9112 3",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    refuse([400, 505]),
  ),
  must("response", "9112 3", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", refuse([400, 505])),
  must("ssh", "9112 3", "SSH-2.0-OpenSSH_9.6\r\n", refuse()),
  must("smtp", "9112 3", "EHLO a.test\r\n", refuse()),
  must("redis", "9112 3", "*1\r\n$4\r\nPING\r\n", refuse()),
  must("socks5", "9112 3", "\x05\x01\x00", refuse()),
  must("proxy-protocol", "9112 3", `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${HELLO}`, refuse()),
  must("proxy-protocol-2", "9112 3", "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", refuse()),
  must("nuls", "9112 3", "\0".repeat(64), refuse()),
  must("websocket-frame", "9112 3", "\x81\x85\x01\x02\x03\x04abcde", refuse()),
  must("sip", "9112 2.3", "OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n", refuse([400, 505])),
  must("text", "9112 3", "hello there\r\n\r\n", refuse()),
  must("utf16", "9112 3", "\xff\xfeG\0E\0T\0 \0/\0", refuse()),
  should("only-lf", "9112 3", "\n\n\n\n", anyOf(refuse(), justClose()), {
    own: true,
    setup: "hasty",
  }),
]);

/** All cases of this file. */
export const ENDINGS: readonly Case[] = [...HALVES, ...DISCONNECTS, ...FOREIGN];
