import { assertEquals } from "@std/assert";
import { CHUNKED_REQUESTS } from "../../_testing/http_samples/chunked_requests.ts";
import { LIMITED_REQUESTS } from "../../_testing/http_samples/refused_requests.ts";
import {
  HOSTS,
  REFUSED_CHUNKS,
  REFUSED_FIELDS,
  REFUSED_HOSTS,
  REFUSED_START_LINES,
  START_LINES,
} from "../../_testing/http_samples/request_tables.ts";
import { REQUESTS } from "../../_testing/http_samples/requests.ts";
import {
  EventLog,
  LIMITS,
  type Limits,
  readInEverySplit,
  refused,
  rowsOf,
  type Sample,
  samplesOf,
  unescape,
} from "../../_testing/http_samples/sample.ts";
import { RequestReader } from "./request_reader.ts";

const makeReader = (log: EventLog, limits: Limits) => new RequestReader(log, limits);

function check(sample: Sample): void {
  // A long sample is long for its limit's sake: its splits are too many to try.
  for (const [split, events] of readInEverySplit(sample, makeReader, sample.input.length < 2000)) {
    assertEquals(events, sample.events, `${sample.name}, as ${split} bytes`);
  }
}

/** The one event of a sample that is refused before its head is complete; else the last. */
function checkRefusal(sample: Sample): void {
  for (const [split, events] of readInEverySplit(sample, makeReader)) {
    assertEquals(events.slice(-1), sample.events, `${sample.name}, as ${split} bytes`);
  }
}

for (const sample of samplesOf(REQUESTS + CHUNKED_REQUESTS + LIMITED_REQUESTS)) {
  Deno.test(`RequestReader tells ${sample.name} when read in every split`, () => check(sample));
}

for (const [code, line] of rowsOf(REFUSED_START_LINES)) {
  Deno.test(`RequestReader refuses the start line ${line} when read in every split`, () => {
    check(refused(line, `${unescape(line)}\r\nHost: a.test\r\n\r\n`, code));
  });
}

for (const [form, line] of rowsOf(START_LINES)) {
  Deno.test(`RequestReader takes the start line ${line} when read in every split`, () => {
    const [method, target] = line.split(" ");
    const sample = refused(line, `${line}\r\nHost: a.test\r\n\r\n`, "");
    const head = `head ${method} ${target} ${form} 1.1 none keep host:a.test`;
    check({ ...sample, events: [head, "end"] });
  });
}

for (const [code, ...rest] of rowsOf(REFUSED_FIELDS)) {
  const line = rest.join(" ");
  Deno.test(`RequestReader refuses the field ${line} when read in every split`, () => {
    check(refused(line, `POST / HTTP/1.1\r\nHost: a.test\r\n${unescape(line)}\r\n\r\n`, code));
  });
}

for (const host of REFUSED_HOSTS.split("\n").filter((line) => line !== "")) {
  Deno.test(`RequestReader refuses the host ${host} when read in every split`, () => {
    for (const version of ["1.0", "1.1"]) {
      const input = `GET / HTTP/${version}\r\nHost: ${unescape(host)}\r\n\r\n`;
      check(refused(host, input, "ERR_HTTP_INVALID_HOST"));
    }
  });
}

for (const host of ["", ...HOSTS.split("\n").filter((line) => line !== "")]) {
  Deno.test(`RequestReader takes the host ${host} when read in every split`, () => {
    const sample = refused(host, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, "");
    check({ ...sample, events: [`head GET / origin 1.1 none keep host:${host}`, "end"] });
  });
}

Deno.test("RequestReader refuses a request without Host when it is not HTTP/1.0", () => {
  check(refused("no host", "GET / HTTP/1.1\r\n\r\n", "ERR_HTTP_INVALID_HOST"));
  check(refused("one", "GET http://a.test/ HTTP/1.1\r\n\r\n", "ERR_HTTP_INVALID_HOST"));
});

Deno.test("RequestReader refuses a second Host when it is HTTP/1.0", () => {
  const input = "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n";
  check(refused("two hosts", input, "ERR_HTTP_INVALID_HOST"));
});

Deno.test("RequestReader refuses Transfer-Encoding when it is HTTP/1.0", () => {
  const input = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  check(refused("coding", input, "ERR_HTTP_INVALID_FRAMING"));
});

for (const [code, chunks] of rowsOf(REFUSED_CHUNKS)) {
  Deno.test(`RequestReader refuses the chunks ${chunks} when read in every split`, () => {
    const head = "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n";
    checkRefusal(refused(chunks, head + unescape(chunks), code));
  });
}

const TWO = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab" +
  "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";

/** A reader that stops at each message's end, and its log. */
function stopping(): { log: EventLog; reader: RequestReader } {
  class Stopping extends EventLog {
    override onEnd(trailers: Parameters<EventLog["onEnd"]>[0]): void {
      super.onEnd(trailers);
      reader.stop();
    }
  }
  const log = new Stopping(false);
  const reader: RequestReader = new RequestReader(log, LIMITS);
  return { log, reader };
}

Deno.test("receive() gives the offset behind the message when stop() was called", () => {
  const bytes = new TextEncoder().encode(TWO);
  const { log, reader } = stopping();
  const first = reader.receive(bytes);
  assertEquals(first, TWO.indexOf("GET /2"));
  assertEquals(log.events.length, 3);
  assertEquals(reader.idle, true);
  assertEquals(reader.receive(bytes, first), bytes.length);
  assertEquals(log.events.length, 5);
});

Deno.test("receive() gives the offset behind the message when its head was cut", () => {
  const bytes = new TextEncoder().encode(TWO);
  for (let cut = 1; cut < TWO.indexOf("GET /2"); cut++) {
    const { log, reader } = stopping();
    assertEquals(reader.receive(bytes.subarray(0, cut)), cut);
    assertEquals(reader.receive(bytes.subarray(cut)), TWO.indexOf("GET /2") - cut);
    assertEquals(log.events.length, 3);
  }
});

Deno.test("idle and inHead tell what has come when a request comes byte by byte", () => {
  const states: string[] = [];
  const reader = new RequestReader(new EventLog(false), LIMITS);
  for (const byte of new TextEncoder().encode(`\r\n${TWO}`)) {
    reader.receive(new Uint8Array([byte]));
    states.push(reader.idle ? "i" : reader.inHead ? "h" : "c");
  }
  const head = TWO.indexOf("ab");
  assertEquals(
    states.join("").replace(/^./, "-").replace(/(.)\1*/g, "$1"),
    "-ihcihi",
  );
  assertEquals(states.lastIndexOf("c"), 2 + head);
});

Deno.test("a field's text stays valid when the chunk is used again", () => {
  let value = () => "";
  const log = new EventLog(false);
  const reader = new RequestReader({
    onHead: ({ fields }) => value = () => `${fields.name(1)}=${fields.value(1)}`,
    onBody: (chunk) => log.onBody(chunk),
    onEnd: () => {},
    onViolation: (error) => log.onViolation(error),
  }, LIMITS);
  const bytes = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n");
  reader.receive(bytes);
  bytes.fill(0);
  reader.receive(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\nCCC: ddd\r\n\r\n"), 0);
  assertEquals(value(), "CCC=ddd");
  assertEquals(log.events, []);
});

Deno.test("content is passed on without a copy when it lies in the chunk", () => {
  const parts: Uint8Array[] = [];
  const reader = new RequestReader({
    onHead: () => {},
    onBody: (chunk) => void parts.push(chunk),
    onEnd: () => {},
    onViolation: () => {},
  }, LIMITS);
  const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
  const first = new TextEncoder().encode(`${head}he`);
  const second = new TextEncoder().encode("llo");
  reader.receive(first);
  reader.receive(second);
  assertEquals(parts.map(({ length }) => length), [2, 3]);
  assertEquals(parts.map(({ buffer }) => buffer === first.buffer), [true, false]);
  assertEquals(parts[1] === second, true);
});
