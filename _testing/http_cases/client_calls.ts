/** Connections, requests and redirects of HTTP clients. @module */

import {
  type Call,
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

const HELLO = text("hello");
const POST: Call = { method: "POST", body: "abc" };
const WARM = { warm: true } as const;

const REUSE: ClientCase[] = [
  client("reuse/1.1", "9112 9.3", HELLO, gives("hello", { next: "same" }), { level: "SHOULD" }),
  client(
    "reuse/close",
    "9112 9.6",
    text("hello", "Connection: close"),
    gives("hello", { next: "new" }),
  ),
  client(
    "reuse/close-any-case",
    "9112 9.6",
    text("hello", "connection: Close"),
    gives("hello", { next: "new" }),
  ),
  client(
    "reuse/close-in-list",
    "9112 9.6",
    text("hello", "Connection: x, close"),
    gives("hello", { next: "new" }),
  ),
  client(
    "reuse/close-second-line",
    "9112 9.6",
    text("hello", "Connection: x", "Connection: close"),
    gives("hello", { next: "new" }),
  ),
  client(
    "reuse/close-chunked",
    "9112 9.6",
    chunks("5\r\nhello\r\n0\r\n\r\n", "Connection: close"),
    gives("hello", { next: "new" }),
  ),
  client("reuse/close-204", "9112 9.6", head("HTTP/1.1 204 No", "Connection: close"), {
    status: 204,
    next: "new",
  }),
  client("reuse/ends-behind", "9112 9.6", end(HELLO), gives("hello", { next: "new" })),
  client(
    "reuse/resets-behind-close",
    "9112 9.6",
    end(text("hello", "Connection: close")),
    gives("hello", { next: "new" }),
  ),
  client("reuse/after-post", "9112 9.3", HELLO, gives("hello", { next: "same" }), {
    call: POST,
    level: "SHOULD",
  }),
  client("reuse/after-404", "9112 9.3", head("HTTP/1.1 404 No", "Content-Length: 0"), {
    status: 404,
    next: "same",
  }, { level: "SHOULD" }),
  client("reuse/warm", "9112 9.3", HELLO, gives("hello", { next: "same" }), {
    ...WARM,
    level: "SHOULD",
  }),
  client(
    "stale/get-retried-after-end",
    "9110 9.2.2",
    [end(), keep(HELLO)],
    gives("hello", { requests: [/^GET/, /^GET/] }),
    { ...WARM, level: "SHOULD" },
  ),
  client(
    "stale/get-retried-after-reset",
    "9110 9.2.2",
    [reset(), keep(HELLO)],
    gives("hello", { requests: [/^GET/, /^GET/] }),
    { ...WARM, level: "SHOULD" },
  ),
  client("stale/put-retried", "9110 9.2.2", [end(), keep(HELLO)], [gives("hello"), FAILS], {
    ...WARM,
    call: { method: "PUT", body: "abc" },
    ours: 2,
  }),
  client("stale/post-not-retried", "9110 9.2.2", [end(), keep(HELLO)], {
    fails: true,
    requests: [/^POST/],
  }, { ...WARM, call: POST }),
  client("stale/post-not-retried-after-reset", "9110 9.2.2", [reset(), keep(HELLO)], {
    fails: true,
    requests: [/^POST/],
  }, { ...WARM, call: POST }),
  client("stale/begun-not-retried", "9112 9.3.1", [end("HTTP/1.1 200 OK\r\nConte"), keep(HELLO)], {
    fails: true,
    requests: [/^GET/],
  }, { ...WARM }),
  client("stale/fresh-not-retried-for-ever", "9112 9.3.1", [
    end(),
    end(),
    end(),
    end(),
    end(),
    end(),
    end(),
    keep(HELLO),
  ], FAILS),
];

/** Each field line once, and the lines as a sender has to write them. */
const GET_HEAD =
  /^GET \/a\?b=c HTTP\/1\.1\r\n(?=[^]*\r\nhost: 127\.0\.0\.1:\d+\r\n|host: )(?:[!-9;-~]+: [ -~]*\r\n)+\r\n$/i;

const REQUESTS: ClientCase[] = [
  client("request/get", "9112 3", HELLO, gives("hello", { requests: [GET_HEAD] }), {
    call: { path: "/a?b=c" },
  }),
  client(
    "request/host-once",
    "9112 3.2",
    HELLO,
    gives("hello", { requests: [/^(?!(?:[^]*\r\nhost:){2})[^]*\r\nhost: 127\.0\.0\.1:\d+\r\n/i] }),
  ),
  client(
    "request/fragment-not-sent",
    "9112 3.2.1",
    HELLO,
    gives("hello", { requests: [/^GET \/a HTTP/] }),
    { call: { path: "/a#b" } },
  ),
  client(
    "request/get-without-content",
    "9110 8.6",
    HELLO,
    gives("hello", { requests: [/^(?![^]*\r\n(?:content-length|transfer-encoding):)/i] }),
  ),
  client(
    "request/post-length",
    "9110 8.6",
    HELLO,
    gives("hello", { requests: [/^POST (?=[^]*\r\ncontent-length: 3\r\n)[^]*\r\n\r\nabc$/i] }),
    { call: POST },
  ),
  client(
    "request/post-empty-length",
    "9110 8.6",
    HELLO,
    gives("hello", { requests: [/\r\ncontent-length: 0\r\n/i] }),
    { call: { method: "POST" }, level: "SHOULD" },
  ),
  client(
    "request/method-written-large",
    "fetch 2.2.1",
    HELLO,
    gives("hello", { requests: [/^DELETE /] }),
    { call: { method: "delete" } },
  ),
  client("request/method-own", "9110 9.1", HELLO, gives("hello", { requests: [/^X-Y /] }), {
    call: { method: "X-Y" },
  }),
  client(
    "request/no-expect",
    "9110 10.1.1",
    HELLO,
    gives("hello", { requests: [/^(?![^]*\r\nexpect:)/i] }),
    { call: POST },
  ),
  ...[
    ["method-space", { method: "GET /x" }],
    ["method-crlf", { method: "GET\r\nX-A: 1" }],
    ["method-empty", { method: "" }],
    ["method-connect", { method: "CONNECT" }],
    ["header-crlf", { headers: { "x-a": "1\r\nx-b: 2" } }],
    ["header-lf", { headers: { "x-a": "1\nx-b: 2" } }],
    ["header-nul", { headers: { "x-a": "1\x002" } }],
    ["header-name-space", { headers: { "x a": "1" } }],
    ["header-name-colon", { headers: { "x:a": "1" } }],
    ["header-name-empty", { headers: { "": "1" } }],
    ["header-name-crlf", { headers: { "x-a\r\nx-b": "1" } }],
  ].map(([name, call]) =>
    client(`request/refused-${name as string}`, "9112 11.1", HELLO, { fails: true, requests: [] }, {
      call: call as Call,
    })
  ),
  client("request/early-answer", "9112 9.5", keep(HELLO), gives("hello"), {
    call: { method: "POST", body: "x".repeat(100_000) },
  }),
];

function moved(code: number, location: string, ...fields: string[]): string {
  return head(`HTTP/1.1 ${code} Moved`, `Location: ${location}`, "Content-Length: 0", ...fields);
}

function follows(name: string, code: number, call: Call, second: RegExp): ClientCase {
  const wanted: Wanted = gives("hello", { redirected: true, requests: [/^/, second] });
  return client(`redirect/${name}`, "9110 15.4", [keep(moved(code, "/b")), keep(HELLO)], wanted, {
    call,
  });
}

const NO_CONTENT = "(?![^]*\\r\\ncontent-type:)(?![^]*abc$)";
const AUTHORIZED: Call = { headers: { authorization: "secret", cookie: "a=1", "x-a": "1" } };

const REDIRECTS: ClientCase[] = [
  ...[301, 302, 303, 307, 308].map((code) => follows(`${code}-get`, code, {}, /^GET \/b HTTP/)),
  ...[301, 302, 303].map((code) =>
    follows(`${code}-post`, code, POST, new RegExp(`^${NO_CONTENT}GET \\/b HTTP`, "i"))
  ),
  ...[307, 308].map((code) => follows(`${code}-post`, code, POST, /^POST \/b HTTP[^]*abc$/)),
  ...[301, 302, 303, 307].map((code) =>
    follows(`${code}-head`, code, { method: "HEAD" }, /^HEAD \/b HTTP/)
  ).map((one) => ({
    ...one,
    wanted: one.wanted.map((wanted) => ({ ...wanted, body: "" })),
    replies: [one.replies[0]!, keep(head("HTTP/1.1 200 OK", "Content-Length: 5"))],
  })),
  ...[301, 302].map((code) =>
    follows(`${code}-put`, code, { method: "PUT", body: "abc" }, /^PUT \/b HTTP[^]*abc$/)
  ),
  follows(
    "303-put",
    303,
    { method: "PUT", body: "abc" },
    new RegExp(`^${NO_CONTENT}GET \\/b`, "i"),
  ),
  client(
    "redirect/relative",
    "9110 10.2.2",
    [keep(moved(302, "c?d")), keep(HELLO)],
    gives("hello", { requests: [/^/, /^GET \/a\/c\?d HTTP/] }),
    { call: { path: "/a/b" } },
  ),
  client("redirect/absolute", "9110 10.2.2", [
    keep(moved(302, "http://127.0.0.1:PORT/c")),
    keep(HELLO),
  ], gives("hello", { requests: [/^/, /^GET \/c HTTP/] })),
  client("redirect/not-fetched-304", "9110 15.4", head("HTTP/1.1 304 No", "Location: /b"), {
    status: 304,
    redirected: false,
    requests: [/^/],
  }),
  client(
    "redirect/300-not-followed",
    "9110 15.4",
    head("HTTP/1.1 300 Many", "Location: /b", "Content-Length: 0"),
    { status: 300, requests: [/^/] },
  ),
  client(
    "redirect/201-not-followed",
    "9110 10.2.2",
    head("HTTP/1.1 201 Made", "Location: /b", "Content-Length: 0"),
    { status: 201, requests: [/^/] },
  ),
  client(
    "redirect/no-location",
    "fetch 4.4",
    head("HTTP/1.1 302 Moved", "Content-Length: 5") + "hello",
    { status: 302, body: "hello", requests: [/^/] },
  ),
  client("redirect/bad-location", "fetch 4.4", moved(302, "http://["), FAILS),
  client("redirect/other-scheme", "fetch 4.4", moved(302, "ftp://a.test/"), FAILS),
  client("redirect/file-scheme", "fetch 4.4", moved(302, "file:///etc/passwd"), FAILS),
  client(
    "redirect/for-ever",
    "fetch 4.4",
    Array.from({ length: 40 }, () => keep(moved(302, "/b"))),
    FAILS,
  ),
  client("redirect/manual", "fetch 4.4", moved(302, "/b"), { redirected: false, requests: [/^/] }, {
    call: { redirect: "manual" },
  }),
  client("redirect/error", "fetch 4.4", moved(302, "/b"), { fails: true, requests: [/^/] }, {
    call: { redirect: "error" },
  }),
  client("redirect/with-content", "9112 9.3", [
    keep(head("HTTP/1.1 302 Moved", "Location: /b", "Content-Length: 5") + "moved"),
    keep(HELLO),
  ], gives("hello")),
  client("redirect/with-chunks", "9112 9.3", [
    keep(
      head("HTTP/1.1 302 Moved", "Location: /b", "Transfer-Encoding: chunked") +
        "5\r\nmoved\r\n0\r\n\r\n",
    ),
    keep(HELLO),
  ], gives("hello")),
  client("redirect/with-close", "9112 9.6", [
    end(moved(302, "/b", "Connection: close")),
    keep(HELLO),
  ], gives("hello")),
  client(
    "redirect/keeps-authorization-at-home",
    "9110 15.4",
    [keep(moved(302, "/b")), keep(HELLO)],
    gives("hello", {
      requests: [/^/, /authorization: secret[^]*x-a: 1|x-a: 1[^]*authorization: secret/i],
    }),
    { call: AUTHORIZED },
  ),
  client(
    "redirect/drops-authorization-elsewhere",
    "9110 15.4",
    [keep(moved(302, "http://127.0.0.2:PORT/b")), keep(HELLO)],
    gives("hello", { requests: [/^/, /^(?![^]*authorization:)[^]*x-a: 1/i] }),
    { call: AUTHORIZED },
  ),
  client("redirect/new-host-elsewhere", "9112 3.2", [
    keep(moved(302, "http://127.0.0.2:PORT/b")),
    keep(HELLO),
  ], gives("hello", { requests: [/^/, /\r\nhost: 127\.0\.0\.2:/i] })),
];

/** All cases of this file. */
export const CALLS: readonly ClientCase[] = [...REUSE, ...REQUESTS, ...REDIRECTS];
