import { assertEquals } from "@std/assert";
import { ODD_RESPONSES } from "../../_testing/http_samples/odd_responses.ts";
import {
  REFUSED_RESPONSE_FIELDS,
  REFUSED_STATUS_LINES,
} from "../../_testing/http_samples/response_tables.ts";
import { RESPONSES } from "../../_testing/http_samples/responses.ts";
import { REFUSED_CHUNKS } from "../../_testing/http_samples/request_tables.ts";
import {
  type EventLog,
  LIMITS,
  type Limits,
  readInEverySplit,
  refused,
  rowsOf,
  type Sample,
  samplesOf,
  unescape,
} from "../../_testing/http_samples/sample.ts";
import type { MessageSink, ResponseHead } from "./message.ts";
import { ResponseReader } from "./response_reader.ts";

/** Makes readers that are told of the next request when an answer is complete. */
function readerFor(sample: Sample): (log: EventLog, limits: Limits) => ResponseReader {
  return (log, limits) => {
    const methods = [...sample.expects];
    let final = false;
    const sink: MessageSink<ResponseHead> = {
      onHead(head) {
        final = head.status >= 200;
        log.onHead(head);
      },
      onBody: (chunk) => log.onBody(chunk),
      onEnd(trailers) {
        log.onEnd(trailers);
        if (final && methods.length > 0) reader.expect(methods.shift()!);
      },
      onViolation: (error) => log.onViolation(error),
    };
    const reader = new ResponseReader(sink, limits);
    if (methods.length > 0) reader.expect(methods.shift()!);
    return reader;
  };
}

function check(sample: Sample): void {
  for (const [split, events] of readInEverySplit(sample, readerFor(sample))) {
    const wanted = sample.events.filter((event) => event !== "field");
    // How much of too much content is told depends on how it comes.
    const told = wanted.at(-1) === "! ERR_HTTP_BODY_TOO_LARGE" ? events.slice(-1) : events;
    assertEquals(told, wanted, `${sample.name}, as ${split} bytes`);
  }
}

for (const sample of samplesOf(RESPONSES + ODD_RESPONSES)) {
  Deno.test(`ResponseReader tells ${sample.name} when read in every split`, () => check(sample));
}

for (const [code, line] of rowsOf(REFUSED_STATUS_LINES)) {
  Deno.test(`ResponseReader refuses the status line ${line} when read in every split`, () => {
    const input = `${unescape(line)}\r\nContent-Length: 0\r\n\r\n`;
    check({ ...refused(line, input, code), expects: ["GET"] });
  });
}

for (const [code, line] of rowsOf(REFUSED_RESPONSE_FIELDS)) {
  Deno.test(`ResponseReader refuses the field ${line} when read in every split`, () => {
    const input = `HTTP/1.1 200 OK\r\n${unescape(line)}\r\n\r\n`;
    check({ ...refused(line, input, code), expects: ["GET"] });
  });
}

/** Chunks that are refused in requests alone: a client replaces folds by spaces. */
const FOLDED = /\\r\\n c/;

for (const [code, chunks] of rowsOf(REFUSED_CHUNKS).filter(([, chunks]) => !FOLDED.test(chunks))) {
  Deno.test(`ResponseReader refuses the chunks ${chunks} when read in every split`, () => {
    const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const sample = { ...refused(chunks, head + unescape(chunks), code), expects: ["GET"] };
    for (const [split, events] of readInEverySplit(sample, readerFor(sample))) {
      assertEquals(events.slice(-1), sample.events, `${chunks}, as ${split} bytes`);
    }
  });
}

Deno.test("receive() gives the offset behind the head when stop() was called in a tunnel", () => {
  const text = "HTTP/1.1 200 OK\r\n\r\n\x16\x03\x01";
  const events: string[] = [];
  const reader = new ResponseReader({
    onHead: ({ status }) => void events.push(`head ${status}`),
    onBody: () => void events.push("body"),
    onEnd() {
      events.push("end");
      reader.stop();
    },
    onViolation: ({ code }) => void events.push(code),
  }, LIMITS);
  reader.expect("CONNECT");
  assertEquals(reader.receive(new TextEncoder().encode(text)), text.length - 3);
  assertEquals(events, ["head 200", "end"]);
});
