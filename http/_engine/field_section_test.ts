import { assertEquals } from "@std/assert";
import { EventLog, LIMITS } from "../../_testing/http_samples/sample.ts";
import { everySplit } from "../../_testing/splits.ts";
import { INCOMPLETE } from "./field_line.ts";
import { FieldSection } from "./field_section.ts";
import { RequestReader } from "./request_reader.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("FieldSection read() gives what was read and the fields when lines come one by one", () => {
  const section = new FieldSection(true, LIMITS);
  const wire = bytes("GET\r\nHost: a\r\nX: b\r\n c\r\n\r\n");
  section.begin();
  assertEquals(section.read(wire, 5, 12, 0, 5), INCOMPLETE);
  assertEquals(section.read(wire, 5, 15, 0, 5), 14);
  assertEquals([section.fields, section.read(wire, 14, wire.length, 0, 5)], [null, wire.length]);
  assertEquals([...section.fields!], [["Host", "a"], ["X", "b   c"]]);
  assertEquals(section.facts.value("host", section.fields!), "a");
  section.begin();
  assertEquals(section.read(wire, 5, wire.length, 0, 5), wire.length);
  assertEquals([...section.fields!].length, 2);
});

/** Requests that repeat, change and repeat their fields, targets, methods and versions. */
const REQUESTS = [
  ["GET /one HTTP/1.1", "Host: a", "Connection: keep-alive"],
  ["GET /one HTTP/1.1", "Host: a", "Connection: keep-alive"],
  ["GET /other HTTP/1.1", "Host: a", "Connection: keep-alive"],
  ["HEAD http://b/ HTTP/1.1", "Host: a", "Connection: keep-alive"],
  ["POST /one HTTP/1.1", "Host: a", "Content-Length: 0"],
  ["PUT /one HTTP/1.1", "Host: a", "Content-Length: 0"],
  ["GET /one HTTP/1.1", "Host: a", "Connection: keep-alive"],
  ["GET /one HTTP/1.0", "Host: a", "Connection: keep-alive"],
  ["GET /one HTTP/1.1", "Host: a", "Connection: close"],
];

/** What a reader of its own tells of each request. */
function apart(): string[] {
  return REQUESTS.flatMap((lines) => {
    const log = new EventLog(true);
    new RequestReader(log, LIMITS).receive(bytes(`${lines.join("\r\n")}\r\n\r\n`));
    return log.events;
  });
}

Deno.test("receive() tells the same when fields are those of the request before, in every split", () => {
  const wanted = apart();
  const wire = bytes(REQUESTS.map((lines) => `${lines.join("\r\n")}\r\n\r\n`).join(""));
  for (const parts of everySplit(wire)) {
    const log = new EventLog(true);
    const reader = new RequestReader(log, LIMITS);
    for (const part of parts) reader.receive(part);
    assertEquals(log.events, wanted);
  }
});

Deno.test("receive() refuses a target and a head's size when the fields were fine before", () => {
  const fields = `Host: a\r\nX: ${"x".repeat(40)}\r\n\r\n`;
  const wanted = {
    "GET * HTTP/1.1": "ERR_HTTP_INVALID_TARGET",
    [`GET /${"y".repeat(40)} HTTP/1.1`]: "ERR_HTTP_HEAD_TOO_LARGE",
  };
  for (const [line, code] of Object.entries(wanted)) {
    const log = new EventLog(false);
    const reader = new RequestReader(log, { ...LIMITS, maxHead: 100 });
    reader.receive(bytes(`GET / HTTP/1.1\r\n${fields}`));
    reader.receive(bytes(`${line}\r\n${fields}`));
    assertEquals(log.events.at(-1), `! ${code}`);
  }
});
