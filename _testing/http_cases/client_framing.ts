/** Where an answer ends, told in odd ways, and in ways that cannot be (RFC 9112, section 6). @module */

import {
  chunks,
  client,
  type ClientCase,
  end,
  FAILS,
  gives,
  head,
  reset,
  text,
} from "./client_case.ts";

const OK = "HTTP/1.1 200 OK";
const HELLO = "5\r\nhello\r\n";
const LAST = "0\r\n\r\n";
const CHUNKED = HELLO + LAST;
const REUSED = gives("hello", { next: "same" });
const NOT_REUSED = gives("hello", { next: "new" });
const EITHER = { ours: 2 } as const;

const LENGTHS: ClientCase[] = [
  client(
    "framing/length-leading-zeros",
    "9110 8.6",
    `${head(OK, "Content-Length: 00000000000000000005")}hello`,
    REUSED,
  ),
  client("framing/length-tabs", "9112 5", `${head(OK, "Content-Length:\t5\t")}hello`, REUSED),
  client("framing/length-any-case", "9110 5.1", `${head(OK, "cOnTeNt-LeNgTh: 5")}hello`, REUSED),
  client(
    "framing/length-thrice",
    "9112 6.3",
    head(OK, ...Array(3).fill("Content-Length: 5")) + "hello",
    [gives("hello"), FAILS],
    EITHER,
  ),
  ...[
    ["comma", "5,"],
    ["comma-first", ", 5"],
    ["quoted", '"5"'],
    ["exponent", "5e0"],
    ["underscore", "5_0"],
    ["semicolon", "5;a=b"],
    ["other-digits", "\u00b2"],
    ["two-to-the-64", "18446744073709551616"],
    ["two-to-the-64-and-5", "18446744073709551621"],
    ["minus-zero", "-0"],
  ].map(([name, value]) =>
    client(
      `framing/length-bad-${name}`,
      "9112 6.3",
      end(`${head(OK, `Content-Length: ${value}`)}hello`),
      FAILS,
    )
  ),
  client(
    "framing/length-bad-beside-good",
    "9112 6.3",
    end(`${head(OK, "Content-Length: 5", "Content-Length: x")}hello`),
    FAILS,
  ),
  client("framing/length-on-204-bad", "9112 6.3", head("HTTP/1.1 204 No", "Content-Length: x"), [
    FAILS,
    { status: 204, body: "" },
  ], EITHER),
  client(
    "framing/205-with-content",
    "9110 15.3.6",
    head("HTTP/1.1 205 Reset", "Content-Length: 5") + "hello",
    [{ status: 205, body: "" }, { status: 205, body: "hello" }, FAILS],
  ),
  client(
    "framing/205-with-chunks",
    "9110 15.3.6",
    head("HTTP/1.1 205 Reset", "Transfer-Encoding: chunked") + CHUNKED,
    [{ status: 205, body: "" }, { status: 205, body: "hello" }, FAILS],
  ),
  client("framing/304-with-content", "9112 6.3", head("HTTP/1.1 304 No") + "hello", {
    status: 304,
    body: "",
    next: "new",
  }, { once: true }),
  client(
    "framing/head-chunked-with-content",
    "9112 6.3",
    chunks(CHUNKED),
    gives("", { next: "new" }),
    { call: { method: "HEAD" }, once: true },
  ),
  client(
    "framing/head-to-the-close",
    "9112 6.3",
    end(head("HTTP/1.0 200 OK")),
    gives("", { next: "new" }),
    { call: { method: "HEAD" } },
  ),
];

function coded(name: string, value: string, content: string, wanted: ClientCase["wanted"]) {
  const answer = end(head(OK, `Transfer-Encoding: ${value}`) + content);
  return client(`framing/coding-${name}`, "9112 6.1", answer, wanted, { ours: wanted.length });
}

const CODINGS: ClientCase[] = [
  client(
    "framing/coding-empty-elements",
    "9110 5.6.1.2",
    head(OK, "Transfer-Encoding: , chunked") + CHUNKED,
    gives("hello"),
  ),
  client(
    "framing/coding-empty-line-first",
    "9110 5.6.1.2",
    head(OK, "Transfer-Encoding:", "Transfer-Encoding: chunked") + CHUNKED,
    gives("hello"),
  ),
  client(
    "framing/coding-comma-last",
    "9110 5.6.1.2",
    end(head(OK, "Transfer-Encoding: chunked,") + CHUNKED),
    [gives("hello"), FAILS],
  ),
  client(
    "framing/coding-tabs",
    "9112 5",
    head(OK, "Transfer-Encoding:\tchunked \t") + CHUNKED,
    REUSED,
  ),
  coded("chunked-first", "chunked, gzip", CHUNKED, [gives(/hello/, { next: "new" }), FAILS]),
  coded("identity", "identity", "hello", [NOT_REUSED, FAILS]),
  coded("unknown-first", "what, chunked", CHUNKED, [FAILS, gives("hello")]),
  coded("parameter", "chunked;a=b", CHUNKED, [FAILS, gives(/hello/, { next: "new" })]),
  coded("near-chunked", "xchunked", "hello", [NOT_REUSED, FAILS]),
  coded("quoted", '"chunked"', "hello", [NOT_REUSED, FAILS]),
  coded("chunked-thrice", "chunked, gzip, chunked", CHUNKED, [FAILS]),
  client(
    "framing/coding-vertical-tab",
    "9110 5.5",
    end(head(OK, "Transfer-Encoding: \x0bchunked") + CHUNKED),
    [FAILS],
  ),
  client(
    "framing/length-behind-coding",
    "9112 6.3",
    end(head(OK, "Transfer-Encoding: chunked", "Content-Length: 15") + CHUNKED),
    [NOT_REUSED, FAILS],
    EITHER,
  ),
  client(
    "framing/length-bad-and-coding",
    "9112 6.3",
    end(chunks(CHUNKED, "Content-Length: x")),
    [FAILS, NOT_REUSED],
    EITHER,
  ),
  client(
    "framing/lengths-differ-and-coding",
    "9112 6.3",
    end(chunks(CHUNKED, "Content-Length: 5", "Content-Length: 6")),
    [FAILS, NOT_REUSED],
    EITHER,
  ),
];

const CHUNKS: ClientCase[] = [
  client(
    "framing/chunk-many-zeros",
    "9112 7.1",
    chunks(`${"0".repeat(30)}5\r\nhello\r\n${LAST}`),
    [REUSED, FAILS],
  ),
  client("framing/last-chunk-zeros", "9112 7.1", chunks(`${HELLO}00000\r\n\r\n`), REUSED),
  client("framing/last-chunk-extension", "9112 7.1.1", chunks(`${HELLO}0;a=b\r\n\r\n`), REUSED),
  client(
    "framing/trailers-that-frame",
    "9110 6.5.1",
    chunks(`${HELLO}0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\nSet-Cookie: a=1\r\n\r\n`),
    [gives("hello", { fields: { "content-length": null }, cookies: [] }), FAILS],
  ),
  client(
    "framing/trailer-close",
    "9110 6.5.1",
    chunks(`${HELLO}0\r\nConnection: close\r\n\r\n`),
    [gives("hello"), FAILS],
  ),
  client("framing/trailer-fold", "9112 5.2", chunks(`${HELLO}0\r\nX-T: 1\r\n 2\r\n\r\n`), [
    gives("hello"),
    FAILS,
  ], EITHER),
  ...[
    ["size-tab", `5\t\r\nhello\r\n${LAST}`],
    ["size-quoted", `"5"\r\nhello\r\n${LAST}`],
    ["size-comma", `5,5\r\nhello\r\n${LAST}`],
    ["size-two-to-the-64", `10000000000000005\r\nhello\r\n${LAST}`],
    ["size-two-to-the-53", `20000000000005\r\nhello\r\n${LAST}`],
    ["size-lf-cr", `5\n\rhello\r\n${LAST}`],
    ["extension-nul", `5;a=\0b\r\nhello\r\n${LAST}`],
    ["end-missing", `5\r\nhello${LAST}`],
    ["end-lf", `5\r\nhello\n${LAST}`],
    ["empty-line-first", `\r\n5\r\nhello\r\n${LAST}`],
    ["trailer-nul", `${HELLO}0\r\nX-T: \0\r\n\r\n`],
    ["plain-text", "hello"],
  ].map(([name, content]) =>
    client(`framing/chunk-bad-${name}`, "9112 7.1", end(chunks(content!)), [
      FAILS,
      ...(name === "size-tab" || name === "end-lf" ? [gives("hello")] : []),
    ])
  ),
];

/** Each place where an answer may be cut, by an end or a reset. */
function cuts(name: string, answer: string): ClientCase[] {
  const places = Array.from({ length: answer.length }, (_, at) => at).filter((at) => at % 7 === 3);
  return places.flatMap((at) => [
    client(`framing/${name}-ends-at-${at}`, "9112 8", end(answer.slice(0, at)), FAILS),
    client(`framing/${name}-resets-at-${at}`, "9112 8", reset(answer.slice(0, at)), FAILS),
  ]).map((one) => ({ ...one, once: true }));
}

const CUTS: ClientCase[] = [
  ...cuts("length", text("hello", "X-A: 1")),
  ...cuts("chunked", chunks(`${HELLO}0\r\nX-T: 1\r\n\r\n`)),
  ...cuts("interim", `${head("HTTP/1.1 103 Hints", "Link: </a>")}${text("hello")}`),
  client("framing/reset-behind-answer", "9112 9.6", reset(text("hello")), [
    NOT_REUSED,
    FAILS,
  ], { once: true }),
  client(
    "framing/reset-behind-close",
    "9112 9.6",
    reset(text("hello", "Connection: close")),
    [NOT_REUSED, FAILS],
    { once: true },
  ),
];

/** All cases of this file. */
export const FRAMING: readonly ClientCase[] = [...LENGTHS, ...CODINGS, ...CHUNKS, ...CUTS];
