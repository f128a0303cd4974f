/** Heads of answers, odd and broken, and what comes on idle connections. @module */

import {
  client,
  type ClientCase,
  end,
  FAILS,
  gives,
  head,
  keep,
  late,
  text,
} from "./client_case.ts";

const OK = "HTTP/1.1 200 OK";
const HELLO = text("hello");
const REUSED = gives("hello", { next: "same" });
const NOT_REUSED = gives("hello", { next: "new" });

function answer(line: string): string {
  return `${line}\r\nContent-Length: 5\r\n\r\nhello`;
}

const LINES: ClientCase[] = [
  client("head/reason", "9112 4", answer("HTTP/1.1 200 Fine by me"), {
    ...REUSED,
    reason: "Fine by me",
  }),
  client("head/reason-empty", "9112 4", answer("HTTP/1.1 200 "), { ...REUSED, reason: "" }),
  client("head/reason-4-kib", "9112 4", answer(`HTTP/1.1 200 ${"r".repeat(4096)}`), [
    REUSED,
    FAILS,
  ]),
  ...[600, 799, 999].map((code) =>
    client(`head/status-${code}`, "9110 15", answer(`HTTP/1.1 ${code} Odd`), [
      { status: code, body: "hello" },
      FAILS,
    ], { level: "SHOULD" })
  ),
  ...[
    ["status-1000", "HTTP/1.1 1000 OK"],
    ["status-plus", "HTTP/1.1 +20 OK"],
    ["status-space", "HTTP/1.1 2 0 OK"],
    ["status-then-letter", "HTTP/1.1 200OK"],
    ["version-comma", "HTTP/1,1 200 OK"],
    ["version-space", "HTTP /1.1 200 OK"],
    ["version-3", "HTTP/3 200 OK"],
    ["version-none", "200 OK"],
    ["del-in-reason", "HTTP/1.1 200 O\x7fK"],
    ["h2-preface", "PRI * HTTP/2.0"],
    ["h2-settings", "\0\0\x12\x04\0\0\0\0\0"],
    ["byte-order-mark", "\xef\xbb\xbfHTTP/1.1 200 OK"],
    ["json", '{"a":1}'],
  ].map(([name, line]) =>
    client(`head/bad-${name}`, "9112 4", keep(`${line}\r\nContent-Length: 5\r\n\r\nhello`), FAILS)
  ),
];

const FIELDS: ClientCase[] = [
  client("field/cookies", "9110 5.3", text("hello", "Set-Cookie: a=1; b, c", "set-cookie: d=2"), {
    ...REUSED,
    cookies: ["a=1; b, c", "d=2"],
  }),
  client("field/8-kib", "9110 5.4", text("hello", `X-A: ${"a".repeat(8192)}`), REUSED),
  client("field/60-others", "9110 5.4", text("hello", ...numbered(60)), REUSED),
  client(
    "field/odd-names",
    "9110 5.6.2",
    text("hello", "!#$%&'*+-.^_`|~09az: 1"),
    gives("hello", { fields: { "!#$%&'*+-.^_`|~09az": "1" } }),
  ),
  client(
    "field/colons",
    "9110 5.5",
    text("hello", "x-a: :a:b: c"),
    gives("hello", { fields: { "x-a": ":a:b: c" } }),
  ),
  client(
    "field/tab-within",
    "9110 5.5",
    text("hello", "x-a: a\tb"),
    gives("hello", { fields: { "x-a": "a\tb" } }),
  ),
  client(
    "field/prototype-names",
    "9110 5.1",
    text("hello", "__proto__: 1", "constructor: 2", "toString: 3"),
    gives("hello", { fields: { __proto__: "1", constructor: "2", tostring: "3" } }),
  ),
  client("field/fold-several", "9112 5.2", text("hello", "x-a: 1\r\n\t2\r\n   3"), [
    gives("hello", { fields: { "x-a": "1 2 3" } }),
    gives(/hello/),
    FAILS,
  ], { ours: 2 }),
  client("field/fold-of-length", "9112 5.2", head(OK, "Content-Length:\r\n 5") + "hello", [
    gives("hello"),
    FAILS,
  ]),
  ...[
    ["cr-cr-lf", text("hello", "x-a: 1\r")],
    ["lf-cr", `${OK}\n\rContent-Length: 5\n\r\n\rhello`],
    ["nul-name", text("hello", "x\0a: 1")],
    ["escape", text("hello", "x-a: \x1b[31m")],
    ["del", text("hello", "x-a: \x7f")],
    ["tab-before-colon", text("hello", "x-a\t: 1")],
    ["fold-first", head(OK, " x-a: 1", "Content-Length: 5") + "hello"],
  ].map(([name, sent]) =>
    client(`field/odd-${name}`, "9112 2.2", end(sent!), [
      FAILS,
      ...(/escape|del|tab|fold/.test(name!) ? [gives("hello")] : []),
    ])
  ),
];

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `X-${at}: ${at}`);
}

const INTERIM: ClientCase[] = [
  client(
    "interim/thirty",
    "9110 15.2",
    head("HTTP/1.1 103 Hints", "Link: </a>").repeat(30) + HELLO,
    REUSED,
  ),
  client("interim/without-end", "9110 15.2", head("HTTP/1.1 100 Go").repeat(5000), [FAILS], {
    level: "SHOULD",
  }),
  client("interim/large", "9110 5.4", end(head("HTTP/1.1 103 H", "X: " + "x".repeat(2e6))), FAILS),
  client(
    "interim/close",
    "9110 15.2",
    head("HTTP/1.1 103 Hints", "Connection: close") + HELLO,
    gives("hello"),
  ),
  client(
    "interim/before-head",
    "9110 15.2",
    head("HTTP/1.1 103 Hints") + head(OK, "Content-Length: 5"),
    gives("", { next: "same" }),
    { call: { method: "HEAD" } },
  ),
  client("interim/bad-field", "9112 5", end(head("HTTP/1.1 103 Hints", "a b") + HELLO), [
    FAILS,
    gives("hello"),
  ]),
  client("interim/101-bare", "9110 15.2.2", end(head("HTTP/1.1 101 Switching") + HELLO), FAILS),
];

const IDLE: ClientCase[] = [
  client("idle/408", "9112 9.5", late(HELLO, text("late", "Connection: close")), NOT_REUSED),
  client("idle/answer", "9112 9.2", late(HELLO, text("evil")), NOT_REUSED),
  client("idle/line-break", "9112 9.2", late(HELLO, "\r\n"), gives("hello")),
  client("idle/end", "9112 9.5", late(HELLO, ""), NOT_REUSED),
  client("idle/end-then-post", "9112 9.5", late(HELLO, ""), NOT_REUSED, {
    call: { method: "POST", body: "abc" },
  }),
  client("idle/keep-alive-0", "9112 9.3", text("hello", "Keep-Alive: timeout=0"), NOT_REUSED, {
    level: "SHOULD",
  }),
  client("idle/keep-alive-max-0", "9112 9.3", text("hello", "Keep-Alive: max=0"), NOT_REUSED, {
    level: "SHOULD",
  }),
  client(
    "idle/1.0-close-wins",
    "9112 9.3",
    head("HTTP/1.0 200 OK", "Connection: keep-alive, close", "Content-Length: 5") + "hello",
    NOT_REUSED,
  ),
  client(
    "idle/1.0-keep-alive-to-the-close",
    "9112 6.3",
    end(`${head("HTTP/1.0 200 OK", "Connection: keep-alive")}hello`),
    NOT_REUSED,
  ),
  client("idle/proxy-connection", "9112 C.2.2", text("hello", "Proxy-Connection: close"), [
    gives("hello"),
  ]),
  client(
    "idle/close-among-empty",
    "9110 5.6.1.2",
    text("hello", "Connection: , close"),
    NOT_REUSED,
  ),
];

const BODIES: ClientCase[] = [
  ...[204, 304].map((code) =>
    client(`body/null-${code}`, "fetch 2.2.6", head(`HTTP/1.1 ${code} No`), {
      status: code,
      bodyless: true,
      next: "same",
    })
  ),
  client(
    "body/null-205",
    "fetch 2.2.6",
    head("HTTP/1.1 205 No", "Content-Length: 0"),
    { status: 205, bodyless: true },
  ),
  client("body/null-head", "fetch 4.5", head(OK, "Content-Length: 5"), { bodyless: true }, {
    call: { method: "HEAD" },
  }),
  client("body/empty", "fetch 4.5", text(""), { body: "", bodyless: false }, { level: "SHOULD" }),
  client("body/url", "fetch 6.4", HELLO, {
    ...REUSED,
    url: /^http:\/\/127\.0\.0\.1:\d+\/a\?b$/,
    redirected: false,
  }, { call: { path: "/a?b#c" } }),
  client("body/early-answer-streamed", "9112 9.5", keep(text("no", "Connection: close")), {
    body: "no",
    next: "new",
  }, { call: { method: "POST", body: "x".repeat(300_000), streamed: true } }),
];

/** All cases of this file. */
export const HEADS: readonly ClientCase[] = [...LINES, ...FIELDS, ...INTERIM, ...IDLE, ...BODIES];
