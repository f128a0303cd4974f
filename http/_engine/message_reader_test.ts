import { assertEquals } from "@std/assert";
import { EventLog, LIMITS } from "../../_testing/http_samples/sample.ts";
import { ResponseReader } from "./response_reader.ts";
import { RequestReader } from "./request_reader.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const HOST = "Host: a\r\n";

/** A reader of requests that keeps nothing of the content. */
function readerFor(log: EventLog): RequestReader {
  return new RequestReader({
    onHead: (head) => log.onHead(head),
    onBody: () => {},
    onEnd: (trailers) => log.onEnd(trailers),
    onViolation: (error) => log.onViolation(error),
  }, { ...LIMITS, maxBody: Infinity });
}

Deno.test("receive() reads on from an offset when a part of the chunk is another's", () => {
  const log = new EventLog(false);
  const chunk = bytes(`\0\0\0GET / HTTP/1.1\r\n${HOST}\r\n`);
  const reader = readerFor(log);
  assertEquals(reader.receive(chunk, 3), chunk.length);
  assertEquals(log.events, ["head GET / origin 1.1 none keep host:a", "end"]);
});

Deno.test("receive() reads on from an offset when the head is cut", () => {
  const log = new EventLog(true);
  const reader = readerFor(log);
  reader.receive(bytes(`\0\0\0GET / HTTP/1.1\r\n${HOST}A: b`), 3);
  reader.receive(bytes(`\0c\r\n\r\n`), 1);
  assertEquals(log.events, [
    "head GET / origin 1.1 none keep host:a",
    "field Host: a",
    "field A: bc",
    "end",
  ]);
});

Deno.test("receive() tells nothing and uses everything when a violation was told", () => {
  const log = new EventLog(false);
  const reader = readerFor(log);
  reader.receive(bytes("\0"));
  assertEquals(reader.receive(bytes(`GET / HTTP/1.1\r\n${HOST}\r\n`)), 27);
  reader.receiveEnd();
  assertEquals(log.events, ["! ERR_HTTP_INVALID_START_LINE"]);
  assertEquals([reader.idle, reader.inHead], [false, false]);
});

for (const head of ["X", "\0", "GET  ", "GET /\xe9", "GET / HTTP/3", "GET / HTTP/1.1\r\n "]) {
  const certain = head !== "X";
  const name = JSON.stringify(head);
  Deno.test(`receive() judges at once ${certain} when ${name} has come without a line's end`, () => {
    const log = new EventLog(false);
    const reader = readerFor(log);
    for (const letter of head) reader.receive(Uint8Array.of(letter.charCodeAt(0)));
    const wanted = certain && head !== "GET / HTTP/3" ? 1 : 0;
    assertEquals(log.events.length, wanted);
  });
}

Deno.test("receive() finds a bare CR at once when a long line has it", () => {
  const log = new EventLog(false);
  const reader = readerFor(log);
  reader.receive(bytes(`GET /${"a".repeat(200)}`));
  reader.receive(bytes("\r"));
  assertEquals(log.events, []);
  reader.receive(bytes("a"));
  assertEquals(log.events, ["! ERR_HTTP_INVALID_TARGET"]);
});

Deno.test("receive() takes content beyond any number when the limit is infinite", () => {
  const log = new EventLog(false);
  const reader = readerFor(log);
  reader.receive(bytes(`PUT / HTTP/1.1\r\n${HOST}Content-Length: 9007199254740991\r\n\r\n`));
  const chunk = new Uint8Array(1 << 16);
  for (let count = 0; count < 100; count++) assertEquals(reader.receive(chunk), chunk.length);
  assertEquals(log.events.length, 1);
  assertEquals(reader.idle, false);
});

Deno.test("receive() gives chunks' content apart when two readers share a chunk", () => {
  const [first, second] = [new EventLog(false), new EventLog(false)];
  const [one, two] = [new RequestReader(first, LIMITS), new RequestReader(second, LIMITS)];
  const head = `PUT / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;
  for (const part of [head, "3\r\na", "bc\r\n0", "\r\n\r\n"]) {
    const chunk = bytes(part);
    one.receive(chunk);
    two.receive(chunk);
  }
  assertEquals(first.events, ["head PUT / origin 1.1 chunked keep host:a", "body abc", "end"]);
  assertEquals(second.events, first.events);
});

Deno.test("receiveEnd() ends the message when its content goes to the end", () => {
  const log = new EventLog(false);
  const reader = new ResponseReader(log, LIMITS);
  reader.expect("GET");
  reader.receive(bytes("HTTP/1.1 200 OK\r\n\r\nabc"));
  reader.receiveEnd();
  reader.receiveEnd();
  assertEquals(log.events, ["head 200 OK 1.1 close drop", "body abc", "end"]);
  assertEquals(reader.idle, true);
});

Deno.test("a head's fields stay as they are when the next head is read", () => {
  const heads: string[] = [];
  const kept: Iterable<[string, string]>[] = [];
  const reader = new RequestReader({
    onHead: ({ fields }) => void kept.push(fields),
    onBody: () => {},
    onEnd: () => {},
    onViolation: ({ code }) => void heads.push(code),
  }, LIMITS);
  const texts = ["A: 1\r\n", "B: 2\r\nC: 3\r\n", ""];
  reader.receive(bytes(texts.map((text) => `GET / HTTP/1.1\r\n${HOST}${text}\r\n`).join("")));
  for (const fields of kept) heads.push([...fields].flat().join(" "));
  assertEquals(heads, ["Host a A 1", "Host a B 2 C 3", "Host a"]);
});
