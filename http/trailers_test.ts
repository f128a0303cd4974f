import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Fields } from "./_engine/fields.ts";
import type { RequestHead } from "./_engine/message.ts";
import { IncomingBody } from "./incoming_body.ts";
import { outgoingOf } from "./outgoing.ts";
import { makeRequest } from "./request.ts";
import { makeResponse, Response as Light } from "./response.ts";
import { trailers, trailersProvider, withTrailers } from "./trailers.ts";

function incoming() {
  return new IncomingBody({ pull() {}, pause() {}, cancel() {} }, null);
}

function requestOf(body: IncomingBody | null): Request {
  const head = { method: "POST", fields: Fields.NONE } as unknown as RequestHead;
  return makeRequest({ head, url: () => "http://a.test/", body, context: null });
}

function responseOf(body: IncomingBody | null): Response {
  const parts = { status: 200, statusText: "", fields: Fields.NONE, url: "", redirected: false };
  return makeResponse({ ...parts, body });
}

for (
  const [name, make] of [["a request", requestOf], ["a response", responseOf]] as [
    string,
    (body: IncomingBody | null) => Request | Response,
  ][]
) {
  Deno.test(`trailers() gives the fields of ${name} when the content is complete`, async () => {
    const body = incoming();
    const fields = trailers(make(body));
    body.end(Fields.of(["X-Sum", "1"]));
    assertEquals([...await fields], [["x-sum", "1"]]);
  });

  Deno.test(`trailers() gives none of ${name} when none came`, async () => {
    const body = incoming();
    body.end(null);
    assertEquals([...await trailers(make(body))], []);
    assertEquals([...await trailers(make(null))], []);
  });

  Deno.test(`trailers() rejects when the content of ${name} fails`, async () => {
    const body = incoming();
    const fields = trailers(make(body));
    const error = new Error("gone");
    body.fail(error);
    assertStrictEquals(await assertRejects(() => fields), error);
  });
}

Deno.test("trailers() rejects when the message is another's", async () => {
  for (const message of [new Request("http://a.test/"), new Response(), new Light()]) {
    const error = await assertRejects(() => trailers(message), TypeError);
    assertEquals((error as { code?: string }).code, "ERR_INVALID_ARG_VALUE");
  }
});

for (const [name, kind] of [["a light", Light], ["the platform's", Response]] as const) {
  Deno.test(`withTrailers() gives ${name} response trailers when it is sent`, async () => {
    const response = new kind("abc");
    assertStrictEquals(withTrailers(response, () => ({ "X-Sum": "1" })), response);
    const outgoing = outgoingOf(response);
    assertEquals(await outgoing.trailers?.(), ["X-Sum", "1"]);
    // Content in one piece has no end for them to follow.
    assertEquals(await new Response(outgoing.body as ReadableStream).text(), "abc");
    const later = withTrailers(new kind(), () => Promise.resolve([["a", "1"], ["a", "2"]]));
    assertEquals(await outgoingOf(later).trailers?.(), ["a", "1", "a", "2"]);
  });
}

Deno.test("withTrailers() rejects when a trailer field is malformed", async () => {
  const response = withTrailers(new Light("a"), () => ({ "a b": "1" }));
  const error = await assertRejects(async () => await outgoingOf(response).trailers?.(), TypeError);
  assertEquals((error as { code?: string }).code, "ERR_HTTP_INVALID_HEADER");
});

Deno.test("trailersProvider() gives nothing when a response has no trailers", () => {
  assertEquals(trailersProvider(new Light("a")), undefined);
  assertEquals(outgoingOf(new Light("a")).body, "a");
});
