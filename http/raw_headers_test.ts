import { assertEquals, assertThrows } from "@std/assert";
import { Fields } from "./_engine/fields.ts";
import type { RequestHead } from "./_engine/message.ts";
import { rawHeaders } from "./raw_headers.ts";
import { makeRequest } from "./request.ts";
import { makeResponse, Response as Light } from "./response.ts";

const fields = Fields.of(["X-B", "1", "Set-Cookie", "a=1", "SET-COOKIE", "b=2", "x-b", "2"]);
const LINES = [["X-B", "1"], ["Set-Cookie", "a=1"], ["SET-COOKIE", "b=2"], ["x-b", "2"]];

Deno.test("rawHeaders() gives a request's fields as they were sent", () => {
  const head = { method: "GET", fields } as unknown as RequestHead;
  const parts = { head, url: () => "http://a.test/", body: null, context: null };
  assertEquals(rawHeaders(makeRequest(parts)), LINES as [string, string][]);
});

Deno.test("rawHeaders() gives a response's fields as they were sent", () => {
  const parts = { status: 200, statusText: "", body: null, url: "", redirected: false };
  assertEquals(rawHeaders(makeResponse({ ...parts, fields })), LINES as [string, string][]);
});

Deno.test("rawHeaders() throws when the message is another's", () => {
  for (const message of [new Request("http://a.test/"), new Response(), new Light()]) {
    const error = assertThrows(() => rawHeaders(message), TypeError);
    assertEquals((error as { code?: string }).code, "ERR_INVALID_ARG_VALUE");
  }
});
