/** What HTTP clients make of their caller's words, and of redirects. @module */

import {
  type Call,
  client,
  type ClientCase,
  FAILS,
  gives,
  head,
  keep,
  text,
} from "./client_case.ts";
import type { Wanted } from "./client_case.ts";

const HELLO = text("hello");
const POST: Call = { method: "POST", body: "abc" };

/** A call that is sent as one request of a certain look. */
function sends(name: string, rfc: string, call: Call, look: RegExp, more = {}): ClientCase {
  const wanted = gives("hello", { requests: [look] });
  return client(`request/${name}`, rfc, HELLO, [wanted], { call, ...more });
}

/** A call that may be refused, but never goes out in a harmful form. */
function harmless(name: string, call: Call, look: RegExp, refused: boolean): ClientCase {
  const sent = gives("hello", { requests: [look] });
  const fails: Wanted = { fails: true, requests: [] };
  const wanted = refused ? [fails, sent] : [sent, fails];
  return client(`request/${name}`, "9112 11", HELLO, wanted, { call });
}

const REQUESTS: ClientCase[] = [
  sends("path-empty", "9112 3.2.1", { path: "" }, /^GET \/ HTTP\/1\.1\r\n/),
  sends("query-alone", "9112 3.2.1", { path: "?a=b" }, /^GET \/\?a=b HTTP/),
  sends("dot-segments", "3986 5.2.4", { path: "/a/../b/./c" }, /^GET \/b\/c HTTP/),
  sends("path-escaped", "3986 2.1", { path: '/a b"<>\u00e9' }, /^GET \/a%20b%22%3C%3E%C3%A9 HTTP/),
  sends("path-line-break", "9112 11.1", { path: "/a\r\nX-I: 1" }, /^GET \/aX-I:%201 HTTP/),
  sends("path-escaped-break", "9112 11.1", { path: "/a%0d%0aX:1" }, /^GET \/a%0d%0aX:1 HTTP/),
  sends("path-nul", "9112 11.1", { path: "/a\0b" }, /^GET \/a%00b HTTP/),
  sends("fragment-with-query", "9112 3.2.1", { path: "/a#b?c" }, /^GET \/a HTTP/),
  sends("host-own", "9110 7.2", { headers: { host: "own.test" } }, /\r\nhost: own\.test\r\n/i, {
    level: "SHOULD",
  }),
  sends("field-trimmed", "fetch 2.2.2", { headers: { "x-a": " \t v " } }, /\r\nx-a: v\r\n/i),
  sends("field-empty", "9110 5.5", { headers: { "x-a": "" } }, /\r\nx-a: ?\r\n/i),
  sends("field-latin1", "fetch 2.2.2", { headers: { "x-a": "\u00e9" } }, /\r\nx-a: \u00e9\r\n/i),
  sends(
    "te-is-named",
    "9110 10.1.4",
    { headers: { te: "trailers" } },
    /^(?=[^]*\r\nte: trailers\r\n)[^]*\r\nconnection: [^\r]*\bte\b/i,
    { level: "SHOULD" },
  ),
  sends(
    "close-is-said",
    "9112 9.6",
    { headers: { connection: "close" } },
    /\r\nconnection: [^\r]*close/i,
    { level: "SHOULD" },
  ),
  sends("put-empty-length", "9110 8.6", { method: "PUT" }, /\r\ncontent-length: 0\r\n/i, {
    level: "SHOULD",
  }),
  sends(
    "delete-without-content",
    "9110 9.3.5",
    { method: "DELETE" },
    /^(?![^]*\r\n(?:transfer-encoding:|content-length: [1-9]))DELETE/i,
  ),
  sends("delete-with-content", "9110 9.3.5", { method: "DELETE", body: "abc" }, /\r\n\r\nabc$/),
  sends("method-patch", "fetch 2.2.1", { method: "PATCH", body: "abc" }, /^PATCH /),
  sends("method-small", "fetch 2.2.1", { method: "patch", body: "abc" }, /^patch /),
  sends(
    "stream-in-chunks",
    "9112 7.1",
    { ...POST, streamed: true },
    /^(?![^]*\r\ncontent-length:)(?=[^]*\r\ntransfer-encoding: chunked\r\n)[^]*abc\r\n0\r\n\r\n$/i,
  ),
  sends("text-has-type", "fetch 5.1", POST, /\r\ncontent-type: text\/plain;charset=utf-8\r\n/i),
  sends(
    "type-own",
    "fetch 5.1",
    { ...POST, headers: { "content-type": "a/b" } },
    /^(?![^]*text\/plain)[^]*\r\ncontent-type: a\/b\r\n/i,
  ),
  sends("cookie-own", "6265 5.4", { headers: { cookie: "a=1; b=2" } }, /\r\ncookie: a=1; b=2\r\n/i),
  ...[
    ["range", { range: "bytes=0-4" }, /\r\nrange: bytes=0-4\r\n/i],
    ["codings-own", { "accept-encoding": "identity" }, /\r\naccept-encoding: identity\r\n/i],
    ["agent-own", { "user-agent": "me/1" }, /^(?!(?:[^]*\r\nuser-agent:){2})[^]*: me\/1\r\n/i],
    ["accept-own", { accept: "a/b" }, /^(?!(?:[^]*\r\naccept:){2})[^]*\r\naccept: a\/b\r\n/i],
  ].map(([name, headers, look]) =>
    sends(
      name as string,
      "9110 12",
      { headers: headers as Call["headers"] & object },
      look as RegExp,
    )
  ),
];

const ONE_LENGTH =
  /^(?!(?:[^]*\r\ncontent-length:){2})(?![^]*\r\ntransfer-encoding:)[^]*\r\ncontent-length: 3\r\n(?:[^]*\r\n)?\r\nabc$/i;
const NO_FRAMING = /^GET (?![^]*\r\n(?:content-length: [1-9]|transfer-encoding:))/i;

const HARM: ClientCase[] = [
  ...["5", "1", "+3", "3, 3", "0x3", "", "x"].map((length) =>
    harmless(
      `length-said-${length || "empty"}`,
      { ...POST, headers: { "content-length": length } },
      ONE_LENGTH,
      true,
    )
  ),
  harmless("length-said-right", { ...POST, headers: { "content-length": "3" } }, ONE_LENGTH, false),
  harmless("length-said-of-get", { headers: { "content-length": "5" } }, NO_FRAMING, true),
  harmless("coding-said-of-get", { headers: { "transfer-encoding": "chunked" } }, NO_FRAMING, true),
  harmless(
    "coding-said-gzip",
    { ...POST, headers: { "transfer-encoding": "gzip" } },
    ONE_LENGTH,
    true,
  ),
  harmless(
    "coding-and-length-said",
    { ...POST, headers: { "transfer-encoding": "chunked", "content-length": "3" } },
    ONE_LENGTH,
    false,
  ),
  harmless("host-with-space", { headers: { host: "a b" } }, /\r\nhost: 127/i, true),
  harmless("host-with-break", { headers: { host: "a\r\nx-i: 1" } }, /\r\nhost: 127/i, true),
  harmless("expect-odd", { ...POST, headers: { expect: "what" } }, /^(?![^]*\r\nexpect:)/i, true),
  ...["x-a: 1\r\n\r\nGET /x HTTP/1.1", "a\rb", "a\nb", "a\0b"].map((value, at) =>
    harmless(`value-splits-${at}`, { headers: { "x-a": value } }, /^(?!)/, true)
  ),
  ...["a\tb", "a\u00e9", "a\0", "(a)", "a,b", "a/b", "a\x7f"].map((name, at) =>
    harmless(`name-odd-${at}`, { headers: { [name]: "1" } }, /^(?!)/, true)
  ),
  ...["G\tT", "G\u00c9T", "GET:", "G(T", "TRACE", "TRACK", "connect"].map((method) =>
    harmless(`method-odd-${escape(method)}`, { method }, /^(?!)/, true)
  ),
  harmless("value-beyond-a-byte", { headers: { "x-a": "\u20ac" } }, /^(?!)/, true),
  harmless("content-of-get", { method: "GET", body: "abc" }, /^(?!)/, true),
  harmless("content-of-head", { method: "HEAD", body: "abc" }, /^(?!)/, true),
];

function escape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function moved(code: number, location: string, ...fields: string[]): string {
  return head(`HTTP/1.1 ${code} Moved`, `Location: ${location}`, "Content-Length: 0", ...fields);
}

/** A redirect and where it leads. */
function leads(name: string, location: string, second: RegExp, call: Call = { path: "/a/b?c" }) {
  const wanted = gives("hello", { redirected: true, requests: [/^/, second] });
  const replies = [keep(moved(302, location)), keep(HELLO)];
  return client(`redirect/to-${name}`, "9110 10.2.2", replies, wanted, { call });
}

function refuses(name: string, location: string, code = 302, call: Call = {}): ClientCase {
  const wanted: Wanted = { fails: true, requests: [/^/] };
  return client(`redirect/refused-${name}`, "fetch 4.4", moved(code, location), wanted, { call });
}

const STREAMED: Call = { ...POST, streamed: true };

const REDIRECTS: ClientCase[] = [
  leads("dots", "../x", /^GET \/x HTTP/),
  leads("query", "?y=1", /^GET \/a\/b\?y=1 HTTP/),
  leads("fragment", "/d#e", /^GET \/d HTTP/),
  leads("fragment-alone", "#e", /^GET \/a\/b\?c HTTP/),
  leads("network-path", "//127.0.0.1:PORT/n", /^GET \/n HTTP/),
  leads("large-scheme", "HTTP://127.0.0.1:PORT/n", /^GET \/n HTTP/),
  leads("spaces-around", "  /d  ", /^GET \/d HTTP/),
  leads("space-within", "/d e", /^GET \/d%20e HTTP/),
  leads("escaped-break", "/d%0d%0aX:1", /^GET \/d%0d%0aX:1 HTTP/),
  leads("backslash", "\\d", /^GET \/d HTTP/),
  refuses("data", "data:text/plain,hello"),
  refuses("javascript", "javascript:1"),
  refuses("web-socket", "ws://127.0.0.1:PORT/"),
  refuses("no-host", "http:///"),
  refuses("port-too-large", "http://127.0.0.1:99999/"),
  ...[301, 302, 307, 308].map((code) => refuses(`stream-${code}`, "/b", code, STREAMED)),
  client("redirect/stream-303", "fetch 4.4", [keep(moved(303, "/b")), keep(HELLO)], {
    ...gives("hello"),
    requests: [/^POST/, /^(?![^]*\r\ncontent-type:)GET \/b/i],
  }, { call: STREAMED }),
  client(
    "redirect/twenty",
    "fetch 4.4",
    [...Array.from({ length: 20 }, (_, at) => keep(moved(302, `/${at}`))), keep(HELLO)],
    gives("hello", { redirected: true, url: /\/19$/ }),
  ),
  client(
    "redirect/twenty-one",
    "fetch 4.4",
    [...Array.from({ length: 21 }, (_, at) => keep(moved(302, `/${at}`))), keep(HELLO)],
    FAILS,
    { level: "SHOULD" },
  ),
  client("redirect/url-without-fragment", "fetch 6.4", [keep(moved(302, "/b#c")), keep(HELLO)], {
    ...gives("hello"),
    url: /\/b$/,
  }, { level: "SHOULD" }),
  ...[303, 301].map((code) =>
    client(
      `redirect/${code}-leaves-fields-of-content`,
      "9110 15.4",
      [keep(moved(code, "/b")), keep(HELLO)],
      gives("hello", {
        requests: [/^POST/, /^(?![^]*\r\ncontent-(?:type|length|language|encoding|location):)GET/i],
      }),
      {
        call: {
          ...POST,
          headers: { "content-type": "a/b", "content-language": "de", "content-location": "/c" },
        },
      },
    )
  ),
  client("redirect/gzip-that-is-none", "9110 15.4", [
    keep(
      head("HTTP/1.1 302 M", "Location: /b", "Content-Encoding: gzip", "Content-Length: 3") + "abc",
    ),
    keep(HELLO),
  ], gives("hello")),
  client(
    "redirect/303-options",
    "fetch 4.4",
    [keep(moved(303, "/b")), keep(HELLO)],
    gives("hello", { requests: [/^OPTIONS/, /^GET \/b/] }),
    { call: { method: "OPTIONS" } },
  ),
  client(
    "redirect/302-delete",
    "fetch 4.4",
    [keep(moved(302, "/b")), keep(HELLO)],
    gives("hello", { requests: [/^DELETE/, /^DELETE \/b/] }),
    { call: { method: "DELETE" } },
  ),
  ...["cookie", "proxy-authorization"].map((name) =>
    client(
      `redirect/drops-${name}-elsewhere`,
      "fetch 4.4",
      [keep(moved(302, "http://127.0.0.2:PORT/b")), keep(HELLO)],
      gives("hello", { requests: [/^/, new RegExp(`^(?![^]*${name}: s)[^]*x-a: 1`, "i")] }),
      { call: { headers: { [name]: "s", "x-a": "1" } }, level: "SHOULD" },
    )
  ),
  ...[305, 306].map((code) =>
    client(`redirect/${code}-not-followed`, "9110 15.4.6", moved(code, "/b"), {
      status: code,
      requests: [/^/],
    })
  ),
  client("redirect/kept-behind-close", "9112 9.6", [
    keep(moved(302, "/b", "Connection: close")),
    keep(HELLO),
  ], gives("hello", { next: "same" })),
];

/** All cases of this file. */
export const SAID: readonly ClientCase[] = [...REQUESTS, ...HARM, ...REDIRECTS];
