import { assert, assertEquals, assertThrows } from "@std/assert";
import { IN_BUN } from "../_testing/in_bun.ts";
import { Fields, MARKS_PER_FIELD } from "./_engine/fields.ts";
import type { RequestHead } from "./_engine/message.ts";
import { IncomingBody } from "./incoming_body.ts";
import { hasMethod, initOf, makeNative, type NativeParts } from "./native_request.ts";

/** Fields as a reader makes them, of lines such as `name: value`. */
function fieldsOf(...lines: string[]): Fields {
  const marks: number[] = [];
  let start = 0;
  for (const line of lines) {
    const colon = start + line.indexOf(": ");
    marks.push(start, colon, colon + 2, start + line.length);
    start += line.length + 2;
  }
  return Fields.parsed(lines.join("\r\n"), marks, marks.length / MARKS_PER_FIELD);
}

function parts(method: string, url: string, fields: Fields, text?: string): NativeParts {
  const head = { method, fields } as unknown as RequestHead;
  if (text === undefined) return { head, url: () => url, body: null };
  const body = new IncomingBody({ pull() {}, pause() {}, cancel() {} }, text.length);
  body.push(new TextEncoder().encode(text));
  body.end(null);
  return { head, url: () => url, body };
}

const seen = (request: Request) => [request.method, request.url, [...request.headers]];

Deno.test("makeNative() makes each request as it is when some are like the one before", async () => {
  const a = "http://a.test/1";
  const cases: [method: string, url: string, lines: string[], text?: string][] = [
    ["GET", a, ["x-a: 1"]],
    ["GET", a, ["x-a: 1"]],
    ["GET", a, ["x-a: 1"]],
    ["HEAD", a, ["x-a: 1"]],
    ["GET", "http://a.test/2", ["x-a: 1"]],
    ["GET", "http://a.test/2", ["x-a: 2"]],
    ["GET", "http://a.test/2", ["x-a: 2", "x-b: 3"]],
    ["PUT", a, [], "content"],
    ["PUT", a, [], "another"],
    ["PUT", a, ["x-a: 1"]],
    ["PUT", a, ["x-a: 1"]],
  ];
  const made = cases.map(([method, url, lines, text]) =>
    makeNative(Request, parts(method, url, fieldsOf(...lines), text))
  );
  for (const [at, [method, url, lines, text]] of cases.entries()) {
    const headers = lines.map((line) => line.split(": "));
    assertEquals(seen(made[at]!), [method, url, headers]);
    assertEquals(await made[at]!.text(), text ?? "");
  }
  assertEquals(new Set(made).size, made.length);
});

Deno.test("makeNative() makes requests that know nothing of each other when they are alike", () => {
  const make = () => makeNative(Request, parts("GET", "http://b.test/", fieldsOf("x-a: 1")));
  const requests = [make(), make(), make()];
  requests[1]!.headers.set("x-a", "2");
  requests[0]!.headers.set("x-a", "3");
  assertEquals(requests.map(({ headers }) => headers.get("x-a")), ["3", "2", "1"]);
  assertEquals(make().headers.get("x-a"), "1");
  assertEquals(new Set(requests.map(({ signal }) => signal)).size, 3);
});

Deno.test("initOf() has the signal, and content only where the platform takes it", () => {
  const { signal } = new AbortController();
  const put = initOf(parts("PUT", "http://a.test/", Fields.NONE, "content"), signal);
  assert(put.body instanceof ReadableStream);
  assertEquals([put.method, put.signal], ["PUT", signal]);
  assertEquals(
    initOf(parts("GET", "http://a.test/", Fields.NONE, "content"), null).body,
    undefined,
  );
  assertEquals(initOf(parts("TRACE", "http://a.test/", Fields.NONE), null).method, "POST");
});

Deno.test("hasMethod() is false when the platform refuses the method", () => {
  for (const method of ["GET", "PROPFIND", "get", "CONNECT", "TRACE", "track"]) {
    if (hasMethod(method)) {
      assertEquals(new Request("http://a.test/", { method }).url, "http://a.test/");
    } else if (!IN_BUN) {
      // Bun has requests of every method.
      assertThrows(() => new Request("http://a.test/", { method }), TypeError);
    }
  }
});
