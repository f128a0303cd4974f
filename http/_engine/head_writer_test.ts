import { assertEquals, assertThrows } from "@std/assert";
import {
  chunkHead,
  fieldLine,
  fieldLines,
  isAscii,
  lastChunk,
  requestLine,
  statusLine,
} from "./head_writer.ts";

/** The code of what a function throws. */
function codeOf(run: () => unknown): string | undefined {
  return (assertThrows(run, Error) as { code?: string }).code;
}

Deno.test("statusLine() takes the usual phrase when none is given", () => {
  assertEquals(statusLine(200, ""), "HTTP/1.1 200 OK\r\n");
  assertEquals(statusLine(404, ""), "HTTP/1.1 404 Not Found\r\n");
  assertEquals(statusLine(200, ""), "HTTP/1.1 200 OK\r\n");
});

Deno.test("statusLine() keeps the space when the status has no phrase (RFC 9112, 4)", () => {
  assertEquals(statusLine(299, ""), "HTTP/1.1 299 \r\n");
  assertEquals(statusLine(999, ""), "HTTP/1.1 999 \r\n");
  assertEquals(statusLine(100, "").slice(0, 13), "HTTP/1.1 100 ");
});

Deno.test("statusLine() sends the phrase that is given, and keeps it for that call", () => {
  assertEquals(statusLine(200, "Fine \t caf\xe9"), "HTTP/1.1 200 Fine \t caf\xe9\r\n");
  assertEquals(statusLine(200, ""), "HTTP/1.1 200 OK\r\n");
});

Deno.test("statusLine() throws ERR_HTTP_INVALID_STATUS when the status is none", () => {
  for (const status of [0, 99, 1000, -200, 200.5, NaN, Infinity, "200 OK\r\nA: b" as never]) {
    assertEquals(codeOf(() => statusLine(status, "")), "ERR_HTTP_INVALID_STATUS");
    assertEquals(codeOf(() => statusLine(status, "x")), "ERR_HTTP_INVALID_STATUS");
  }
});

const INJECTIONS = [
  "\r",
  "\n",
  "\r\n",
  "a\r\nSet-Cookie: b",
  "\0",
  "\x01",
  "\x0b",
  "\x7f",
  "\u0100",
  "\u010d\u010a",
  "\u{1f600}",
];

for (const text of INJECTIONS) {
  Deno.test(`nothing gets ${JSON.stringify(text)} into a head`, () => {
    for (const place of [text, `a${text}`, `${text}a`, `a${text}b`]) {
      assertEquals(codeOf(() => statusLine(200, place)), "ERR_HTTP_INVALID_STATUS");
      assertEquals(codeOf(() => fieldLine("a", place)), "ERR_HTTP_INVALID_HEADER");
      assertEquals(codeOf(() => fieldLine(place, "a")), "ERR_HTTP_INVALID_HEADER");
      assertEquals(codeOf(() => fieldLines(["a", "b", "c", place])), "ERR_HTTP_INVALID_HEADER");
      assertEquals(codeOf(() => requestLine(place, "/")), "ERR_HTTP_INVALID_METHOD");
      assertEquals(codeOf(() => requestLine("GET", place)), "ERR_INVALID_ARG_VALUE");
    }
  });
}

Deno.test("requestLine() writes method and target as they are", () => {
  assertEquals(requestLine("GET", "/a?b=%20"), "GET /a?b=%20 HTTP/1.1\r\n");
  assertEquals(requestLine("brew", "http://a.test/"), "brew http://a.test/ HTTP/1.1\r\n");
  assertEquals(requestLine("OPTIONS", "*"), "OPTIONS * HTTP/1.1\r\n");
});

Deno.test("requestLine() throws when method or target is empty or holds a space", () => {
  for (const method of ["", " ", "GET ", "G ET", "GET/", "G\xc9T"]) {
    assertEquals(codeOf(() => requestLine(method, "/")), "ERR_HTTP_INVALID_METHOD");
  }
  for (const target of ["", " ", "/ ", "/ HTTP/1.1", "/caf\xe9", "/\t"]) {
    assertEquals(codeOf(() => requestLine("GET", target)), "ERR_INVALID_ARG_VALUE");
  }
});

Deno.test("fieldLine() writes name and value as they are", () => {
  assertEquals(fieldLine("X-Id", "7"), "X-Id: 7\r\n");
  assertEquals(fieldLine("X-Id", "7"), "X-Id: 7\r\n");
  assertEquals(fieldLine("a", ""), "a: \r\n");
  assertEquals(fieldLine("a", "b: \t c\x80\xff"), "a: b: \t c\x80\xff\r\n");
});

Deno.test("fieldLine() throws ERR_HTTP_INVALID_HEADER when the name is no token", () => {
  for (const name of ["", " ", "a ", " a", "a b", "a:", ":", "a,b", "(a)", "caf\xe9"]) {
    assertEquals(codeOf(() => fieldLine(name, "b")), "ERR_HTTP_INVALID_HEADER");
    assertEquals(codeOf(() => fieldLine(name, "b")), "ERR_HTTP_INVALID_HEADER");
  }
});

Deno.test("fieldLine() checks names on when it has seen more than it notes", () => {
  for (let at = 0; at < 1000; at++) assertEquals(fieldLine(`x-${at}`, ""), `x-${at}: \r\n`);
  assertEquals(codeOf(() => fieldLine("x 1000", "")), "ERR_HTTP_INVALID_HEADER");
});

Deno.test("fieldLine() shows at most a hundred letters when it refuses a long value", () => {
  const error = assertThrows(() => fieldLine("a", `${"b".repeat(5000)}\n`), TypeError);
  assertEquals(error.message, `Cannot send a: "${"b".repeat(100)}..."`);
});

Deno.test("fieldLines() writes a flat list in its order", () => {
  assertEquals(fieldLines(["b", "1", "A", "2", "b", "3"]), "b: 1\r\nA: 2\r\nb: 3\r\n");
  assertEquals(fieldLines([]), "");
});

Deno.test("chunkHead() writes the length in hexadecimal digits", () => {
  const lengths = [1, 10, 255, 65_536, Number.MAX_SAFE_INTEGER];
  assertEquals(lengths.map(chunkHead), [
    "1\r\n",
    "a\r\n",
    "ff\r\n",
    "10000\r\n",
    "1fffffffffffff\r\n",
  ]);
});

Deno.test("lastChunk() writes trailer fields, and throws when one would come too late", () => {
  assertEquals(lastChunk([]), "0\r\n\r\n");
  assertEquals(lastChunk(["a", "1", "B", "2"]), "0\r\na: 1\r\nB: 2\r\n\r\n");
  for (const name of ["Content-Length", "transfer-encoding", "Host", "trailer", "a b"]) {
    assertEquals(codeOf(() => lastChunk(["a", "1", name, "2"])), "ERR_HTTP_INVALID_HEADER");
  }
});

Deno.test("isAscii() gives false when a letter is beyond ASCII", () => {
  assertEquals([isAscii(""), isAscii("a\x00\x7f\r\n"), isAscii("a\x80"), isAscii("\u20ac")], [
    true,
    true,
    false,
    false,
  ]);
});
