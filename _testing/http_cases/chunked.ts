/** Chunked content (RFC 9112, section 7.1). @module */

import {
  answers,
  anyOf,
  area,
  type Case,
  firstOf,
  get,
  must,
  noting,
  ok,
  okAnswer,
  postChunks,
  refuse,
  should,
} from "./case.ts";

const END = "0\r\n\r\n";
const HELLO = "5\r\nhello\r\n";

const SIZES = area("chunk-size", [
  must(
    "several",
    "9112 7.1",
    postChunks(`${HELLO}1\r\n \r\n5\r\nworld\r\n${END}`),
    ok("hello world"),
    { splits: true },
  ),
  must(
    "single-letters",
    "9112 7.1",
    postChunks(`${"1\r\nx\r\n".repeat(20)}${END}`),
    ok("x".repeat(20)),
  ),
  must("none", "9112 7.1", postChunks(END), ok("")),
  must(
    "lower-hex",
    "9112 7.1",
    postChunks(`1a\r\n${"x".repeat(26)}\r\n${END}`),
    ok("x".repeat(26)),
  ),
  must(
    "upper-hex",
    "9112 7.1",
    postChunks(`1A\r\n${"x".repeat(26)}\r\n${END}`),
    ok("x".repeat(26)),
  ),
  must("leading-zeros", "9112 7.1", postChunks(`0005\r\nhello\r\n${END}`), ok("hello")),
  must("several-zeros-last", "9112 7.1", postChunks(`${HELLO}000\r\n\r\n`), ok("hello")),
  should(
    "many-zeros",
    "9112 7.1",
    postChunks(`${"0".repeat(40)}5\r\nhello\r\n${END}`),
    anyOf(ok("hello"), refuse()),
  ),
  must(
    "unbounded-zeros",
    "9112 7.1",
    postChunks(`${"0".repeat(1_000_000)}5\r\nhello\r\n${END}`),
    refuse([400, 413, 431]),
  ),
  must("crlf-in-data", "9112 7.1", postChunks(`4\r\n\r\n\r\n\r\n${END}`), ok("\r\n\r\n")),
  must("end-in-data", "9112 7.1", postChunks(`5\r\n0\r\n\r\n\r\n${END}`), ok("0\r\n\r\n")),
  must(
    "64-kib",
    "9112 7.1",
    postChunks(`10000\r\n${"x".repeat(65_536)}\r\n${END}`),
    ok("x".repeat(65_536)),
  ),
  must(
    "1000-chunks",
    "9112 7.1",
    postChunks(`${HELLO.repeat(1000)}${END}`),
    ok("hello".repeat(1000)),
  ),
  must(
    "next-request",
    "9112 7.1",
    postChunks(HELLO + END) + get("/hello"),
    answers(okAnswer("hello"), okAnswer("hello")),
    { splits: true },
  ),
  ...[
    ["empty", ""],
    ["letter", "g"],
    ["minus", "-5"],
    ["plus", "+5"],
    ["0x", "0x5"],
    ["leading-space", " 5"],
    ["leading-tab", "\t5"],
    ["comma", "5,"],
    ["decimal", "5.0"],
    ["underscore", "0_5"],
    ["quoted", '"5"'],
    ["nul", "5\0"],
    ["nul-first", "\x005"],
    ["space-inside", "0 5"],
    ["vertical-tab", "5\x0b"],
    ["nbsp", "5\xa0"],
    ["superscript", "\xb5"],
    ["letters-behind", "5xyz"],
    ["h", "5h"],
    ["over-64-bits", "10000000000000005"],
    ["over-64-bits-more", "fffffffffffffffff"],
    ["way-over", `${"f".repeat(40)}`],
    ["minus-zero", "-0"],
  ].map(([name, size]) =>
    must(`bad-${name}`, "9112 7.1", postChunks(`${size}\r\nhello\r\n${END}`), refuse([400, 413]))
  ),
  must(
    "bad-over-63-bits",
    "9112 7.1",
    postChunks(`8000000000000000\r\nhello\r\n${END}`),
    refuse([400, 413]),
    { own: true },
  ),
  must("bad-second", "9112 7.1", postChunks(`${HELLO}x\r\nhello\r\n${END}`), refuse(), {
    splits: true,
  }),
  must(
    "bad-space-behind",
    "9112 7.1",
    postChunks(`5 \r\nhello\r\n${END}`),
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "bad-tab-behind",
    "9112 7.1",
    postChunks(`5\t\r\nhello\r\n${END}`),
    firstOf(refuse(), ok("hello")),
  ),
]);

const ENDS = area("chunk-end", [
  must("missing-crlf", "9112 7.1", postChunks(`5\r\nhello${END}`), refuse(), { splits: true }),
  must(
    "missing-crlf-next-size",
    "9112 7.1",
    postChunks(`5\r\nhello5\r\nworld\r\n${END}`),
    refuse(),
  ),
  must("longer-data", "9112 7.1", postChunks(`5\r\nhello!\r\n${END}`), refuse()),
  must("shorter-data", "9112 7.1", postChunks(`6\r\nhello\r\n${END}`), refuse()),
  must(
    "lf-after-size",
    "9112 7.1",
    postChunks(`5\nhello\r\n${END}`),
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "lf-after-data",
    "9112 7.1",
    postChunks(`5\r\nhello\n${END}`),
    firstOf(refuse(), ok("hello")),
  ),
  must("cr-after-size", "9112 7.1", postChunks(`5\rhello\r\n${END}`), refuse()),
  must("cr-after-data", "9112 7.1", postChunks(`5\r\nhello\r${END}`), refuse()),
  must("cr-and-letter-after-size", "9112 7.1", postChunks(`5\rXhello\r\n${END}`), refuse()),
  must("cr-and-letter-after-data", "9112 7.1", postChunks(`5\r\nhello\rX${END}`), refuse()),
  must("two-letters-after-data", "9112 7.1", postChunks(`5\r\nhelloXX${END}`), refuse()),
  must("cr-cr-lf-after-size", "9112 7.1", postChunks(`5\r\r\nhello\r\n${END}`), refuse()),
  must("lf-lf-at-end", "9112 7.1", postChunks(`${HELLO}0\n\n`), firstOf(refuse(), ok("hello"))),
  must("lf-after-last", "9112 7.1", postChunks(`${HELLO}0\r\n\n`), firstOf(refuse(), ok("hello"))),
  must("empty-line-before-size", "9112 7.1", postChunks(`\r\n5\r\nhello\r\n${END}`), refuse()),
  must("empty-line-between", "9112 7.1", postChunks(`${HELLO}\r\n${HELLO}${END}`), refuse()),
  must(
    "last-line-missing",
    "9112 7.1",
    postChunks(`${HELLO}0\r\n`) + get("/hello"),
    // The request line that follows is no trailer field.
    refuse(),
  ),
  must("cr-letter-at-end", "9112 7.1", postChunks(`${HELLO}0\r\n\rX`), refuse()),
]);

/** Valid: `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`. */
const GOOD_EXTENSIONS = [
  ["name", ";a"],
  ["value", ";a=b"],
  ["two", ";a=b;c=d"],
  ["two-names", ";a;b"],
  ["quoted", ';a="b c"'],
  ["quoted-empty", ';a=""'],
  ["quoted-semicolon", ';a="b;c=d"'],
  ["quoted-pair", ';a="b\\"c\\\\"'],
  ["quoted-tab", ';a="b\tc"'],
  ["quoted-obs-text", ';a="\xe9"'],
  ["quoted-crlf-escaped-letters", ';a="\\r\\n"'],
  ["space-before", " ;a"],
  ["tab-before", "\t;a"],
  ["space-behind", "; a"],
  ["space-around", " ; a"],
  ["space-before-equals", ";a =b"],
  ["space-behind-equals", ";a= b"],
  ["spaces-everywhere", " \t ; a \t = \t b ; c = d"],
  ["all-token-letters", ";!#$%&'*+-.^_`|~09AZaz=!#$%&'*+-.^_`|~09AZaz"],
] as const;

const BAD_EXTENSIONS = [
  ["empty", ";"],
  ["two-semicolons", ";;a"],
  ["no-name", ";=b"],
  ["no-value", ";a="],
  ["only-space", "; "],
  ["name-space-name", ";a b"],
  ["value-space-value", ";a=b c"],
  ["quoted-open", ';a="b'],
  ["quoted-rest", ';a="b"c'],
  ["quoted-pair-open", ';a="b\\'],
  ["name-quoted", ';"a"'],
  ["comma", ";a,b"],
  ["slash", ";a=b/c"],
  ["obs-text", ";\xe9"],
  ["space-at-end", ";a "],
] as const;

const EXTENSIONS = area("chunk-extension", [
  ...GOOD_EXTENSIONS.map(([name, text]) =>
    must(`good-${name}`, "9112 7.1.1", postChunks(`5${text}\r\nhello\r\n${END}`), ok("hello"), {
      ...(name === "spaces-everywhere" || name === "quoted-pair" ? { splits: true as const } : {}),
    })
  ),
  must("on-last-chunk", "9112 7.1.1", postChunks(`${HELLO}0;a=b\r\n\r\n`), ok("hello")),
  must(
    "on-last-chunk-spaced",
    "9112 7.1.1",
    postChunks(`${HELLO}0 ; a = "b"\r\n\r\n`),
    ok("hello"),
  ),
  must(
    "on-each-chunk",
    "9112 7.1.1",
    postChunks(`5;a\r\nhello\r\n5;b="x"\r\nworld\r\n0;c\r\n\r\n`),
    ok("helloworld"),
  ),
  ...BAD_EXTENSIONS.map(([name, text]) =>
    should(
      `bad-${name}`,
      "9112 7.1.1",
      postChunks(`5${text}\r\nhello\r\n${END}`),
      firstOf(refuse(), ok("hello")),
    )
  ),
  must("lf", "9112 7.1.1", postChunks(`5;a\nhello\r\n${END}`), firstOf(refuse(), ok("hello"))),
  must("lf-inside", "9112 7.1.1", postChunks(`5;a=\nb\r\nhello\r\n${END}`), refuse()),
  must("bare-cr", "9112 7.1.1", postChunks(`5;a=b\rc\r\nhello\r\n${END}`), refuse()),
  must("nul", "9112 7.1.1", postChunks(`5;a=b\0c\r\nhello\r\n${END}`), refuse()),
  must("nul-quoted", "9112 7.1.1", postChunks(`5;a="b\0c"\r\nhello\r\n${END}`), refuse()),
  must("lf-quoted", "9112 7.1.1", postChunks(`5;a="b\nc"\r\nhello\r\n${END}`), refuse()),
  must("crlf-quoted", "9112 7.1.1", postChunks(`5;a="b\r\nc"\r\nhello\r\n${END}`), refuse()),
  must(
    "control",
    "9112 7.1.1",
    postChunks(`5;a=\x01\r\nhello\r\n${END}`),
    firstOf(refuse(), ok("hello")),
  ),
  must(
    "lf-hides-request",
    "9112 11.2",
    `POST /echo?k=KEYKEY HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\n4c\r\n0\r\n\r\nGET /hidden?k=KEYKEY HTTP/1.1\r\nHost: a.test\r\n\r\n`,
    noting(refuse(), [], ["GET /hidden"]),
  ),
  must(
    "unbounded-one",
    "9112 7.1.1",
    postChunks(`5;${"a".repeat(1_000_000)}\r\nhello\r\n${END}`),
    refuse([400, 413, 431]),
  ),
  must(
    "unbounded-quoted",
    "9112 7.1.1",
    postChunks(`5;a="${"a".repeat(1_000_000)}"\r\nhello\r\n${END}`),
    refuse([400, 413, 431]),
  ),
  must(
    "unbounded-many",
    "9112 7.1.1",
    postChunks(`1;${"a".repeat(1000)}\r\nx\r\n`.repeat(500) + END),
    refuse([400, 413, 431]),
  ),
  must(
    "unbounded-spaces",
    "9112 7.1.1",
    postChunks(`5${" ".repeat(1_000_000)};a\r\nhello\r\n${END}`),
    refuse([400, 413, 431]),
  ),
  must(
    "unbounded-when-unread",
    "9112 7.1.1",
    postChunks(`1;${"a".repeat(1000)}\r\nx\r\n`.repeat(500) + END, "/unread"),
    {
      answers: [{ status: [200, 400, 413, 431] }],
      then: "close",
    },
  ),
]);

/** All cases of this file. */
export const CHUNKED: readonly Case[] = [...SIZES, ...ENDS, ...EXTENSIONS];
