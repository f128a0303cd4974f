import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Fields } from "./_engine/fields.ts";
import type { RequestHead } from "./_engine/message.ts";
import { installResponse } from "./install.ts";
import { outgoingOf } from "./outgoing.ts";
import { makeRequest } from "./request.ts";
import { Response as Light } from "./response.ts";

Deno.test("installResponse() has the global Response be light until it is taken back", async () => {
  const platform = globalThis.Response;
  const sample = new platform("a");
  const restore = installResponse();
  try {
    assertStrictEquals(globalThis.Response, Light);
    assert(sample instanceof Response);
    const fetched = await fetch("data:,a");
    assert(fetched instanceof Response);
    await fetched.text();
    assert(new Response("a") instanceof Light);
    assertEquals(outgoingOf(Response.json({ a: 1 })).body, '{"a":1}');
    assertEquals(outgoingOf(new Response(new FormData())).body instanceof ReadableStream, true);
    assertEquals(Response.error().type, "error");
    class Page extends Response {}
    assert(new Page("a") instanceof Page && !(sample instanceof Page));
  } finally {
    restore();
  }
  assertStrictEquals(globalThis.Response, platform);
  assertEquals(outgoingOf(new Response("a")).status, 200);
});

Deno.test("installResponse() lets the global Request and fetch take light requests", async () => {
  const { Request: request, fetch: before } = globalThis;
  const head = { method: "GET", fields: Fields.of(["x-a", "1"]) } as unknown as RequestHead;
  const make = () => makeRequest({ head, url: () => "data:,yes", body: null, context: null });
  const restore = installResponse();
  try {
    assert(make() instanceof Request);
    assertEquals(new Request(make()).headers.get("x-a"), "1");
    assertEquals(new Request("data:,no", make()).headers.get("x-a"), "1");
    assertEquals(await (await fetch(make())).text(), "yes");
    class Mine extends Request {}
    assert(new Mine(make()) instanceof Mine);
    assert(new request("http://a.test/") instanceof Request);
  } finally {
    restore();
  }
  assertStrictEquals(globalThis.Request, request);
  assertStrictEquals(globalThis.fetch, before);
});
