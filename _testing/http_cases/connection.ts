/** How long a connection lasts (RFC 9112, section 9). @module */

import {
  answers,
  anyOf,
  area,
  type Case,
  closing,
  firstOf,
  get,
  must,
  noting,
  ok,
  okAnswer,
  postText,
  refuse,
  request,
  should,
} from "./case.ts";
import { STREAMED } from "./handler.ts";

const CLOSES = closing(ok("hello"));
const SAYS_CLOSE = closing(ok("hello", { fields: { connection: "close" } }));
const HIDDEN = get("/hidden?k=KEYKEY");

const CLOSE_OPTIONS = [
  ["plain", ["close"]],
  ["capital", ["Close"]],
  ["upper-case", ["CLOSE"]],
  ["first", ["close, x"]],
  ["last", ["x, close"]],
  ["after-keep-alive", ["keep-alive, close"]],
  ["before-keep-alive", ["close, keep-alive"]],
  ["no-spaces", ["a,close,b"]],
  ["tabs", ["a\t,\tclose\t,b"]],
  ["empty-elements", [",close,"]],
  ["second-line", ["x", "close"]],
  ["first-line", ["close", "keep-alive"]],
  ["with-upgrade", ["close, upgrade"]],
] as const;

const STAY_OPTIONS = [
  ["keep-alive", "keep-alive"],
  ["upper-case-keep-alive", "KEEP-ALIVE"],
  ["unknown", "x"],
  ["longer", "closed"],
  ["prefix", "clos"],
  ["dashed", "x-close"],
  ["empty", ""],
  ["te", "TE"],
] as const;

const PERSISTENCE = area("persistence", [
  must("1.1", "9112 9.3", get("/hello"), ok("hello")),
  must("three-one-by-one", "9112 9.3", [get("/hello"), { answers: 1 }, get("/async"), {
    answers: 2,
  }, get("/empty")], answers(okAnswer("hello"), okAnswer("async"), okAnswer(""))),
  must("posts-one-by-one", "9112 9.3", [
    postText("/echo", "one"),
    { answers: 1 },
    postText("/echo", "two"),
  ], answers(okAnswer("one"), okAnswer("two"))),
  ...CLOSE_OPTIONS.map(([name, values]) =>
    must(
      `close-${name}`,
      "9112 9.6",
      get("/hello", ...values.map((one) => `Connection: ${one}`)),
      CLOSES,
    )
  ),
  should("close-is-told", "9112 9.6", get("/hello", "Connection: close"), SAYS_CLOSE),
  must("close-other-case-of-name", "9112 9.6", get("/hello", "CONNECTION: close"), CLOSES),
  must(
    "close-after-post",
    "9112 9.6",
    postText("/echo", "abc", "Connection: close"),
    closing(ok("abc")),
  ),
  must(
    "close-after-unread",
    "9112 9.6",
    postText("/unread", "abc", "Connection: close"),
    closing(ok("unread")),
  ),
  must(
    "close-with-head",
    "9112 9.6",
    request("HEAD /hello HTTP/1.1", "Host: a.test", "Connection: close"),
    closing(ok("", { to: "HEAD" })),
  ),
  must("close-with-204", "9112 9.6", get("/status/204", "Connection: close"), {
    answers: [{ status: 204 }],
    then: "close",
  }),
  must(
    "close-with-stream",
    "9112 9.6",
    get("/stream", "Connection: close"),
    closing(ok(STREAMED.join(""))),
  ),
  must("close-with-async", "9112 9.6", get("/async", "Connection: close"), closing(ok("async"))),
  must("close-second", "9112 9.6", [
    get("/hello"),
    { answers: 1 },
    get("/hello", "Connection: close"),
  ], {
    answers: [okAnswer("hello"), okAnswer("hello")],
    then: "close",
  }),
  ...STAY_OPTIONS.map(([name, value]) =>
    must(`stay-${name}`, "9112 9.3", get("/hello", `Connection: ${value}`), ok("hello"))
  ),
  should(
    "stay-quoted",
    "9110 7.6.1",
    get("/hello", 'Connection: "close"'),
    anyOf(ok("hello"), CLOSES, refuse()),
  ),
  must(
    "handler-says-close",
    "9112 9.6",
    get("/close"),
    closing(ok("close", { fields: { connection: "close" } })),
  ),
  must(
    "handler-says-close-then-request",
    "9112 9.6",
    get("/close") + HIDDEN,
    noting(closing(ok("close")), [], ["GET /hidden"]),
    { own: true },
  ),
]);

const VERSION_10 = area("http-1.0", [
  must("closes", "9112 9.3", request("GET /hello HTTP/1.0"), CLOSES, { splits: true }),
  must("closes-with-host", "9112 9.3", request("GET /hello HTTP/1.0", "Host: a.test"), CLOSES),
  must(
    "closes-after-post",
    "9112 9.3",
    `${request("POST /echo HTTP/1.0", "Content-Length: 3")}abc`,
    closing(ok("abc")),
  ),
  must("post-without-length", "9112 6.3", request("POST /echo HTTP/1.0"), closing(ok(""))),
  should(
    "keep-alive",
    "9112 9.3",
    request("GET /hello HTTP/1.0", "Connection: keep-alive"),
    firstOf(ok("hello", { fields: { connection: "keep-alive" } }), CLOSES),
  ),
  must(
    "keep-alive-is-told",
    "9112 9.3",
    request("GET /hello HTTP/1.0", "Connection: keep-alive"),
    anyOf(ok("hello", { fields: { connection: "keep-alive" } }), CLOSES),
  ),
  must(
    "keep-alive-any-case",
    "9112 9.3",
    request("GET /hello HTTP/1.0", "Connection: Keep-Alive"),
    anyOf(ok("hello", { fields: { connection: "keep-alive" } }), CLOSES),
  ),
  must(
    "keep-alive-and-close",
    "9112 9.3",
    request("GET /hello HTTP/1.0", "Connection: keep-alive, close"),
    CLOSES,
  ),
  must(
    "keep-alive-and-stream",
    "9112 6.1",
    request("GET /stream HTTP/1.0", "Connection: keep-alive"),
    closing(ok(STREAMED.join(""), { fields: { "transfer-encoding": null } })),
  ),
  must(
    "keep-alive-head",
    "9112 9.3",
    request("HEAD /hello HTTP/1.0", "Connection: keep-alive"),
    anyOf(ok("", { to: "HEAD" }), closing(ok("", { to: "HEAD" }))),
  ),
  must("other-option", "9112 9.3", request("GET /hello HTTP/1.0", "Connection: x"), CLOSES),
  must(
    "nothing-behind",
    "9112 9.3",
    request("GET /hello HTTP/1.0") + HIDDEN,
    noting(CLOSES, [], ["GET /hidden"]),
    { own: true },
  ),
  must(
    "stream-not-chunked",
    "9112 6.1",
    request("GET /stream HTTP/1.0"),
    closing(ok(STREAMED.join(""), { fields: { "transfer-encoding": null } })),
  ),
  must(
    "late-stream-not-chunked",
    "9112 6.1",
    request("GET /stream-late HTTP/1.0"),
    closing(ok(STREAMED.join(""), { fields: { "transfer-encoding": null } })),
  ),
  must(
    "empty-stream-not-chunked",
    "9112 6.1",
    request("GET /stream-empty HTTP/1.0"),
    closing(ok("", { fields: { "transfer-encoding": null } })),
  ),
  must(
    "handler-coding-not-chunked",
    "9112 6.1",
    request("GET /coding HTTP/1.0"),
    anyOf(closing(ok("coding", { fields: { "transfer-encoding": null } })), {
      answers: [{ status: 500 }],
      then: "close",
    }),
  ),
  must(
    "stream-head",
    "9112 6.1",
    request("HEAD /stream HTTP/1.0"),
    closing(ok("", { to: "HEAD", fields: { "transfer-encoding": null } })),
  ),
  must(
    "stream-with-length",
    "9112 6.2",
    request("GET /stream-length HTTP/1.0", "Connection: keep-alive"),
    anyOf(ok("abcdef"), closing(ok("abcdef"))),
  ),
  must(
    "upgrade-ignored",
    "9110 7.8",
    request("GET /hello HTTP/1.0", "Connection: upgrade", "Upgrade: websocket"),
    CLOSES,
  ),
  must("no-interim", "9110 15.2", request("GET /hints HTTP/1.0"), closing(ok("hints")), {
    own: true,
  }),
  must(
    "bad-version-behind",
    "9112 2.3",
    request("GET /hello HTTP/1.0 "),
    firstOf(refuse(), CLOSES),
  ),
]);

/** What comes behind the last request must neither be answered nor spoil the answer. */
const BEHIND_CLOSE = area("behind-close", [
  ...[
    ["request", HIDDEN],
    ["two-requests", HIDDEN + HIDDEN],
    ["garbage", "\x00\x01\x02 garbage\r\n\r\n"],
    ["crlf", "\r\n\r\n"],
    ["half-request", "GET /hidden?k=KEYKEY HT"],
    ["bad-request", "GET /hidden?k=KEYKEY HTTP/1.1\r\nHost : a\r\n\r\n"],
    ["tls", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"],
  ].map(([name, text]) =>
    must(
      name!,
      "9112 9.6",
      get("/hello", "Connection: close") + text,
      noting(CLOSES, [], ["GET /hidden"]),
    )
  ),
  must(
    "post-then-request",
    "9112 9.6",
    postText("/echo", "abc", "Connection: close") + HIDDEN,
    noting(closing(ok("abc")), [], ["GET /hidden"]),
  ),
  must(
    "async-then-request",
    "9112 9.6",
    get("/async", "Connection: close") + HIDDEN,
    noting(closing(ok("async")), [], ["GET /hidden"]),
  ),
  must(
    "async-then-garbage",
    "9112 9.6",
    `${get("/async", "Connection: close")}\0garbage\r\n\r\n`,
    closing(ok("async")),
  ),
  must(
    "stream-then-request",
    "9112 9.6",
    get("/stream-late", "Connection: close") + HIDDEN,
    noting(closing(ok(STREAMED.join(""))), [], ["GET /hidden"]),
  ),
  must(
    "large-then-garbage",
    "9112 9.6",
    get("/large", "Connection: close") + "x".repeat(1000),
    closing(ok(/^L{300000}$/)),
  ),
  must("many-bytes", "9112 9.6", get("/hello", "Connection: close") + "x".repeat(300_000), CLOSES, {
    once: true,
  }),
  must(
    "a-megabyte",
    "9112 9.6",
    get("/async", "Connection: close") + "x".repeat(1_000_000),
    closing(ok("async")),
    { once: true },
  ),
  must("bytes-later", "9112 9.6", [get("/slow?k=KEYKEY", "Connection: close"), "x".repeat(50_000), {
    release: true,
  }, "x".repeat(50_000)], closing(ok("slow"))),
  must(
    "1.0-then-garbage",
    "9112 9.6",
    `${request("GET /hello HTTP/1.0")}\0garbage\r\n\r\n`,
    CLOSES,
  ),
]);

/** All cases of this file. */
export const CONNECTION: readonly Case[] = [...PERSISTENCE, ...VERSION_10, ...BEHIND_CLOSE];
