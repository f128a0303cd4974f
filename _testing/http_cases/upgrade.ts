/** Upgrade that nobody takes (RFC 9110, section 7.8). @module */

import {
  answers,
  area,
  type Case,
  closing,
  firstOf,
  get,
  must,
  ok,
  okAnswer,
  postChunks,
  postText,
  request,
} from "./case.ts";

const HELLO = get("/hello");
const HELLO_ANSWER = okAnswer("hello");

function times<T>(count: number, one: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => one(at));
}

/** Closing after it is permitted, but if the connection stays open, the next one is answered. */
const UNREAD_THEN_HELLO = firstOf(
  answers(okAnswer("unread"), HELLO_ANSWER),
  closing(ok("unread", { fields: { connection: "close" } })),
);

function upgrade(path: string, protocol: string, ...fields: string[]): string {
  return get(path, "Connection: Upgrade", `Upgrade: ${protocol}`, ...fields);
}

const WEBSOCKET = ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];

const UPGRADES = area("upgrade", [
  must("unknown", "9110 7.8", upgrade("/hello", "foo/1"), ok("hello"), { splits: true }),
  must(
    "unknown-then-request",
    "9110 7.8",
    upgrade("/hello", "foo/1") + HELLO,
    answers(HELLO_ANSWER, HELLO_ANSWER),
  ),
  must("unknown-then-later-request", "9110 7.8", [
    upgrade("/hello", "foo/1"),
    { answers: 1 },
    HELLO,
  ], answers(HELLO_ANSWER, HELLO_ANSWER)),
  must(
    "unknown-then-post",
    "9110 7.8",
    upgrade("/hello", "foo/1") + postText("/echo", "abc"),
    answers(HELLO_ANSWER, okAnswer("abc")),
  ),
  must(
    "unknown-async-then-request",
    "9110 7.8",
    upgrade("/async", "foo/1") + HELLO,
    answers(okAnswer("async"), HELLO_ANSWER),
  ),
  must("unknown-slow-then-request", "9110 7.8", [upgrade("/slow?k=KEYKEY", "foo/1") + HELLO, {
    release: true,
  }], answers(okAnswer("slow"), HELLO_ANSWER)),
  must(
    "unknown-16-times",
    "9110 7.8",
    upgrade("/hello", "foo/1").repeat(16),
    answers(...times(16, () => HELLO_ANSWER)),
  ),
  must(
    "in-post",
    "9110 7.8",
    postText("/echo", "abc", "Connection: Upgrade", "Upgrade: foo/1"),
    ok("abc"),
  ),
  must(
    "in-post-then-request",
    "9110 7.8",
    postText("/echo", "abc", "Connection: Upgrade", "Upgrade: foo/1") + HELLO,
    answers(okAnswer("abc"), HELLO_ANSWER),
  ),
  must(
    "in-chunked-post",
    "9110 7.8",
    postChunks("3\r\nabc\r\n0\r\n\r\n", "/echo", "Connection: Upgrade", "Upgrade: foo/1") + HELLO,
    answers(okAnswer("abc"), HELLO_ANSWER),
  ),
  must(
    "in-head",
    "9110 7.8",
    request("HEAD /hello HTTP/1.1", "Host: a.test", "Connection: Upgrade", "Upgrade: foo/1"),
    ok("", { to: "HEAD" }),
  ),
  must(
    "h2c",
    "9110 7.8",
    get(
      "/hello",
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
    ),
    ok("hello"),
  ),
  must(
    "h2c-then-request",
    "9110 7.8",
    get(
      "/hello",
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
    ) + HELLO,
    answers(HELLO_ANSWER, HELLO_ANSWER),
  ),
  must("tls", "9110 7.8", upgrade("/hello", "TLS/1.2"), ok("hello")),
  must(
    "websocket-not-taken",
    "9110 7.8",
    upgrade("/hello", "websocket", ...WEBSOCKET),
    ok("hello"),
  ),
  must(
    "websocket-not-taken-then-request",
    "9110 7.8",
    upgrade("/hello", "websocket", ...WEBSOCKET) + HELLO,
    answers(HELLO_ANSWER, HELLO_ANSWER),
  ),
  must(
    "websocket-bad-version",
    "9110 7.8",
    upgrade("/hello", "websocket", "Sec-WebSocket-Version: 7"),
    ok("hello"),
  ),
  must("list", "9110 7.8", upgrade("/hello", "foo/1, bar"), ok("hello")),
  must(
    "without-connection",
    "9110 7.8",
    get("/hello", "Upgrade: websocket") + HELLO,
    answers(HELLO_ANSWER, HELLO_ANSWER),
  ),
  must(
    "connection-without-upgrade",
    "9110 7.8",
    get("/hello", "Connection: upgrade") + HELLO,
    answers(HELLO_ANSWER, HELLO_ANSWER),
  ),
  must(
    "with-close",
    "9110 7.8",
    get("/hello", "Connection: upgrade, close", "Upgrade: foo"),
    closing(ok("hello")),
  ),
  must(
    "with-unread-content",
    "9110 7.8",
    postText("/unread", "abc", "Connection: Upgrade", "Upgrade: foo/1") + HELLO,
    UNREAD_THEN_HELLO,
  ),
]);

/** All cases of this file. */
export const UPGRADE: readonly Case[] = UPGRADES;
