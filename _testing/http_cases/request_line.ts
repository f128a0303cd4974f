/** The request line: method, target, version (RFC 9112, sections 2.2, 2.3 and 3). @module */

import {
  anyOf,
  area,
  type Case,
  either,
  firstOf,
  get,
  must,
  noting,
  ok,
  okAnswer,
  refuse,
  refuseExactly,
  request,
  should,
} from "./case.ts";

const HOST = "Host: a.test";

/** A GET request with a line of its own. */
function line(text: string): string {
  return request(text, HOST);
}

const METHODS = area("method", [
  must("get", "9110 9.3.1", get("/hello"), ok("hello"), { splits: true }),
  must(
    "post-empty",
    "9110 9.3.3",
    request("POST /echo HTTP/1.1", HOST, "Content-Length: 0"),
    ok(""),
  ),
  must("post-without-length", "9112 6.3", request("POST /echo HTTP/1.1", HOST), ok("")),
  ...["PUT", "DELETE", "OPTIONS", "PATCH"].map((name) =>
    must(
      name.toLowerCase(),
      "9110 9.1",
      line(`${name} /request HTTP/1.1`),
      ok(new RegExp(`"method":"${name}"`)),
    )
  ),
  must(
    "unknown-reaches-handler",
    "9110 9.1",
    line("BREW /request HTTP/1.1"),
    ok(/"method":"BREW"/),
  ),
  must("propfind", "9110 9.1", line("PROPFIND /request HTTP/1.1"), ok(/"method":"PROPFIND"/)),
  must("report-own", "9110 9.1", line("X-REPORT /request HTTP/1.1"), ok(/"method":"X-REPORT"/)),
  should(
    "case-sensitive",
    "9110 9.1",
    line("brew /request HTTP/1.1"),
    firstOf(ok(/"method":"brew"/), either(refuse([400, 405, 501]))),
  ),
  must(
    "lower-case-get-is-not-get",
    "9110 9.1",
    line("get /request HTTP/1.1"),
    // The Fetch standard writes `get` in capitals, a server that offers its Request may have to.
    anyOf(
      ok(/"method":"get"/),
      ok(/"method":"GET"/),
      { answers: [{ status: [400, 405, 501] }], then: "auto" },
    ),
  ),
  must(
    "all-token-letters",
    "9110 5.6.2",
    line("!#$%&'*+-.^_`|~09AZaz /hello HTTP/1.1"),
    ok("hello"),
  ),
  ...["(", ")", "<", ">", "@", ",", ";", ":", "\\", '"', "/", "[", "]", "?", "=", "{", "}"].map(
    (letter) =>
      should(
        `delimiter-${letter.charCodeAt(0).toString(16)}`,
        "9112 3",
        line(`G${letter}T /hello HTTP/1.1`),
        refuse([400, 405, 501]),
      ),
  ),
  ...["\0", "\x01", "\x0b", "\x7f", "\x80", "\xe9"].map((letter) =>
    should(
      `letter-${letter.charCodeAt(0).toString(16)}`,
      "9112 3",
      line(`G${letter}T /hello HTTP/1.1`),
      refuse(),
    )
  ),
  should("empty", "9112 3", line(" /hello HTTP/1.1"), refuse()),
  must("trace", "9110 9.3.8", line("TRACE /hello HTTP/1.1"), {
    answers: [{ status: null }],
    then: "auto",
  }),
  must(
    "connect-not-supported",
    "9110 9.3.6",
    request("CONNECT a.test:443 HTTP/1.1", "Host: a.test:443"),
    { answers: [{ status: [400, 404, 405, 501], to: "CONNECT" }], then: "auto" },
  ),
  should(
    "connect-keeps-tunnel-data-out",
    "9110 9.3.6",
    request("CONNECT a.test:443 HTTP/1.1", "Host: a.test:443") + get("/hello?k=KEYKEY"),
    noting(
      { answers: [{ status: [400, 404, 405, 501], to: "CONNECT" }], then: "close" },
      [],
      ["GET /hello"],
    ),
    { own: true },
  ),
]);

const TARGETS = area("target", [
  must("query", "9112 3.2.1", get("/request?a=b&c=%20"), ok(/\/request\?a=b&c=%20"/)),
  must("empty-query", "9112 3.2.1", get("/hello?"), ok("hello")),
  must("percent", "9110 4.1", get("/request?%41%2f"), ok(/%41%2f/)),
  must("all-path-letters", "3986 3.3", get("/request?-._~!$&'()*+,;=:@/?"), ok(/request/)),
  must("two-slashes", "9112 3.2.1", get("//hello"), {
    answers: [{ status: 404 }],
    then: "open",
  }),
  must("absolute", "9112 3.2.2", line("GET http://a.test/hello HTTP/1.1"), ok("hello")),
  must("absolute-without-path", "9112 3.2.2", line("GET http://a.test HTTP/1.1"), {
    answers: [{ status: 404 }],
    then: "open",
  }),
  must(
    "absolute-upper-case-scheme",
    "3986 3.1",
    line("GET HTTP://a.test/hello HTTP/1.1"),
    ok("hello"),
  ),
  must(
    "absolute-wins-over-host",
    "9112 3.2.2",
    request("GET http://b.test/request HTTP/1.1", HOST),
    ok(/"url":"http:\/\/b\.test\/request"/),
  ),
  must(
    "absolute-with-port",
    "9112 3.2.2",
    request("GET http://b.test:8080/request HTTP/1.1", HOST),
    ok(/"url":"http:\/\/b\.test:8080\/request"/),
  ),
  must(
    "absolute-with-query",
    "9112 3.2.2",
    line("GET http://a.test?x=1 HTTP/1.1"),
    { answers: [{ status: 404 }], then: "open" },
  ),
  should(
    "absolute-with-userinfo",
    "9110 4.2.4",
    line("GET http://user@a.test/hello HTTP/1.1"),
    firstOf(refuse(), ok("hello")),
  ),
  should("absolute-without-host", "9110 4.2.1", line("GET http:///hello HTTP/1.1"), refuse()),
  must(
    "https-without-tls",
    "9110 7.4",
    line("GET https://a.test/hello HTTP/1.1"),
    either({ answers: [{ status: [400, 421] }], then: "auto" }),
  ),
  should(
    "other-scheme",
    "9110 15.5.20",
    line("GET ftp://a.test/hello HTTP/1.1"),
    firstOf(either({ answers: [{ status: [400, 421] }], then: "auto" }), ok("hello")),
  ),
  must("asterisk-options", "9112 3.2.4", line("OPTIONS * HTTP/1.1"), {
    answers: [{ status: [200, 204, 404] }],
    then: "open",
  }),
  should("asterisk-get", "9112 3.2.4", line("GET * HTTP/1.1"), refuse()),
  should("asterisk-more", "9112 3.2.4", line("OPTIONS *x HTTP/1.1"), refuse()),
  should("authority-get", "9112 3.2.3", line("GET a.test:80 HTTP/1.1"), refuse()),
  should("connect-origin-form", "9112 3.2.3", line("CONNECT /hello HTTP/1.1"), refuse([400, 405])),
  should("connect-without-port", "9112 3.2.3", line("CONNECT a.test HTTP/1.1"), refuse([400, 405])),
  should("connect-empty-port", "9112 3.2.3", line("CONNECT a.test: HTTP/1.1"), refuse([400, 405])),
  should("relative", "9112 3.2", line("GET hello HTTP/1.1"), refuse()),
  should("dot", "9112 3.2", line("GET ./hello HTTP/1.1"), refuse()),
  should("query-only", "9112 3.2", line("GET ?hello HTTP/1.1"), refuse()),
  should("fragment", "9112 3.2", line("GET /hello#x HTTP/1.1"), firstOf(refuse(), ok("hello"))),
  ...["\0", "\x01", "\x1f", "\x7f"].map((letter) =>
    should(
      `control-${letter.charCodeAt(0).toString(16)}`,
      "9112 3",
      line(`GET /hello?${letter} HTTP/1.1`),
      refuse(),
    )
  ),
  ...["\x80", "\xc3\xa9", "\xff"].map((letters) =>
    should(
      `obs-text-${letters.charCodeAt(0).toString(16)}`,
      "9112 3.2",
      line(`GET /hello?${letters} HTTP/1.1`),
      firstOf(refuse(), ok("hello")),
    )
  ),
  // Not in the grammar of RFC 3986, but browsers send some of them.
  ...['"', "<", ">", "\\", "^", "`", "{", "|", "}", "[", "]"].map((letter) =>
    should(
      `excluded-${letter.charCodeAt(0).toString(16)}`,
      "9112 3.2",
      line(`GET /hello?${letter} HTTP/1.1`),
      anyOf(refuse(), ok("hello")),
    )
  ),
  // In a path they do not send these.
  ...['"', "<", ">", "\\", "`", "{", "}"].map((letter) =>
    should(
      `excluded-in-path-${letter.charCodeAt(0).toString(16)}`,
      "9112 3.2",
      line(`GET /${letter} HTTP/1.1`),
      firstOf(refuse(), { answers: [{ status: 404 }], then: "open" }),
    )
  ),
  // These they do (the URL standard, "path percent-encode set"; `^` since 2023 no longer).
  ...["^", "|"].map((letter) =>
    should(
      `sent-in-path-${letter.charCodeAt(0).toString(16)}`,
      "9112 3.2",
      line(`GET /${letter} HTTP/1.1`),
      { answers: [{ status: 404 }], then: "open" },
    )
  ),
  must("2-kib", "9112 3", get(`/hello?${"x".repeat(2000)}`), ok("hello")),
  should("8000-octets", "9112 3", get(`/hello?${"x".repeat(7900)}`), ok("hello")),
  must(
    "unreasonable",
    "9112 3",
    get(`/hello?${"x".repeat(1_000_000)}`),
    firstOf(refuseExactly(414), refuse(431)),
  ),
  should(
    "long-method",
    "9112 3",
    line(`${"X".repeat(200)} /hello HTTP/1.1`),
    firstOf(refuse(501), refuse([400, 405, 414, 431]), ok("hello")),
  ),
  must(
    "unreasonable-method",
    "9112 3",
    line(`${"X".repeat(1_000_000)} / HTTP/1.1`),
    refuse([400, 414, 431, 501]),
  ),
]);

const VERSIONS = area("version", [
  must("1.0", "9110 2.5", request("GET /hello HTTP/1.0", HOST), {
    answers: [okAnswer("hello")],
    then: "close",
  }, { splits: true }),
  must("higher-minor", "9110 2.5", line("GET /hello HTTP/1.2"), firstOf(ok("hello"), refuse(505))),
  must("highest-minor", "9110 2.5", line("GET /hello HTTP/1.9"), firstOf(ok("hello"), refuse(505))),
  ...["2.0", "0.9", "3.0", "9.9", "0.0"].map((version) =>
    should(`major-${version}`, "9110 15.6.6", line(`GET /hello HTTP/${version}`), refuse(505))
  ),
  ...[
    ["lower-case", "http/1.1"],
    ["mixed-case", "HtTP/1.1"],
    ["other-name", "HTTQ/1.1"],
    ["icy", "ICY/1.1"],
    ["rtsp", "RTSP/1.0"],
    ["no-minor", "HTTP/1"],
    ["no-minor-digit", "HTTP/1."],
    ["no-major-digit", "HTTP/.1"],
    ["no-digits", "HTTP/."],
    ["no-slash", "HTTP1.1"],
    ["two-slashes", "HTTP//1.1"],
    ["two-minor-digits", "HTTP/1.10"],
    ["leading-zero", "HTTP/01.1"],
    ["comma", "HTTP/1,1"],
    ["letters", "HTTP/a.b"],
    ["minus", "HTTP/-1.1"],
    ["space-inside", "HTTP/ 1.1"],
    ["rest", "HTTP/1.1x"],
    ["name-only", "HTTP"],
    ["third-part", "HTTP/1.1.1"],
    ["full-width-digit", "HTTP/1.\xb9"],
  ].map(([name, version]) =>
    must(`bad-${name}`, "9112 2.3", line(`GET /hello ${version}`), refuse([400, 505]))
  ),
]);

const LINES = area("line", [
  should("no-version", "9112 3", line("GET /hello"), refuse()),
  should("http-0.9", "9112 3", "GET /hello\r\n", refuse()),
  should("trailing-space-no-version", "9112 3", line("GET /hello "), refuse()),
  should("method-only", "9112 3", line("GET"), refuse()),
  should("no-target", "9112 3", line("GET HTTP/1.1"), refuse()),
  should("two-spaces-no-target", "9112 3", line("GET  HTTP/1.1"), refuse()),
  ...[
    ["leading-space", " GET /hello HTTP/1.1"],
    ["leading-tab", "\tGET /hello HTTP/1.1"],
    ["two-spaces-first", "GET  /hello HTTP/1.1"],
    ["two-spaces-second", "GET /hello  HTTP/1.1"],
    ["tab-first", "GET\t/hello HTTP/1.1"],
    ["tab-second", "GET /hello\tHTTP/1.1"],
    ["vertical-tab", "GET\x0b/hello HTTP/1.1"],
    ["form-feed", "GET /hello\x0cHTTP/1.1"],
    ["trailing-space", "GET /hello HTTP/1.1 "],
    ["trailing-tab", "GET /hello HTTP/1.1\t"],
  ].map(([name, text]) =>
    // Section 3 allows to be lenient here; strict is to refuse.
    should(`${name}`, "9112 3", line(text!), firstOf(refuse(), ok("hello")))
  ),
  should("space-in-target", "9112 3.2", line("GET /hello x HTTP/1.1"), refuse()),
  must(
    "bare-cr-in-target",
    "9112 2.2",
    line("GET /hello?\rx HTTP/1.1"),
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "bare-cr-for-space",
    "9112 2.2",
    line("GET\r/hello HTTP/1.1"),
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "bare-cr-at-end",
    "9112 2.2",
    `GET /hello HTTP/1.1\r${HOST}\r\n\r\n`,
    refuse(),
  ),
  must(
    "cr-cr-lf",
    "9112 2.2",
    `GET /hello HTTP/1.1\r\r\n${HOST}\r\n\r\n`,
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "bare-lf-at-end",
    "9112 2.2",
    `GET /hello HTTP/1.1\n${HOST}\r\n\r\n`,
    firstOf(refuse(), ok("hello")),
    { splits: true },
  ),
  should("leading-crlf", "9112 2.2", `\r\n${get("/hello")}`, ok("hello"), { splits: true }),
  should("leading-crlfs", "9112 2.2", `\r\n\r\n${get("/hello")}`, anyOf(ok("hello"), refuse())),
  should("leading-lf", "9112 2.2", `\n${get("/hello")}`, anyOf(ok("hello"), refuse())),
  must("leading-cr", "9112 2.2", `\r${get("/hello")}`, refuse()),
  must("leading-nul", "9112 2.2", `\0${get("/hello")}`, refuse()),
  must("leading-bom", "9112 2.2", `\xef\xbb\xbf${get("/hello")}`, refuse()),
  must("leading-crlfs-bounded", "9112 2.2", "\r\n".repeat(500_000), refuse([400, 431, 408]), {
    once: true,
    own: true,
  }),
  should(
    "crlf-after-content",
    "9112 2.2",
    `POST /echo HTTP/1.1\r\n${HOST}\r\nContent-Length: 3\r\n\r\nabc\r\n${get("/hello")}`,
    { answers: [okAnswer("abc"), okAnswer("hello")], then: "open" },
    { splits: true },
  ),
]);

/** All cases of this file. */
export const REQUEST_LINE: readonly Case[] = [...METHODS, ...TARGETS, ...VERSIONS, ...LINES];
