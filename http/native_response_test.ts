import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { IncomingBody } from "./incoming_body.ts";
import { findPeek } from "./native_response.ts";
import { slotOf } from "./native_slots.ts";
import type { ResponseContent } from "./response.ts";

const peek = findPeek(Response);
/** Where the runtime hides the inside of its responses (Node 22 and later), there is no peeking. */
const peeks = slotOf(new Response(), "state") !== undefined ||
  slotOf(new Response(), "response") !== undefined;

function seen(response: Response): Record<string, unknown> | null {
  const content: ResponseContent | null = peek(response);
  if (content === null) return null;
  const headers = new Headers();
  for (let at = 0; at < content.headers.length; at += 2) {
    headers.append(content.headers[at]!, content.headers[at + 1]!);
  }
  const { status, statusText, body } = content;
  return { status, statusText, headers: [...headers], body };
}

const type = ["content-type", "text/plain;charset=UTF-8"];

Deno.test("findPeek() finds how responses look inside when their slots can be seen", () => {
  assertEquals(peek(new Response("sample")) !== null, peeks);
});

for (
  const [name, make, expected] of [
    ["is text", () => new Response("ä"), { headers: [type], body: "ä" }],
    ["has a status", () => new Response("a", { status: 404, statusText: "Gone" }), {
      status: 404,
      statusText: "Gone",
      headers: [type],
      body: "a",
    }],
    ["has a type alone", () => new Response("a", { headers: { "content-type": "a/b" } }), {
      headers: [["content-type", "a/b"]],
      body: "a",
    }],
    ["has fields", () => new Response("a", { headers: { "X-A": "1" } }), {
      headers: [type, ["x-a", "1"]],
      body: "a",
    }],
    ["has cookies", () => {
      return new Response("a", { headers: [["set-cookie", "a=1"], ["Set-Cookie", "b=2"]] });
    }, { headers: [type, ["set-cookie", "a=1"], ["set-cookie", "b=2"]], body: "a" }],
    ["was changed", () => {
      const response = new Response("a");
      response.headers.set("content-type", "a/b");
      response.headers.append("set-cookie", "a=1");
      return response;
    }, { headers: [["content-type", "a/b"], ["set-cookie", "a=1"]], body: "a" }],
    ["has no body", () => new Response(null, { status: 204 }), { status: 204, body: null }],
    ["has an empty body", () => new Response(""), { headers: [type], body: "" }],
    ["has bytes", () => new Response(new Uint8Array([1, 2])), { body: new Uint8Array([1, 2]) }],
  ] as [string, () => Response, Record<string, unknown>][]
) {
  Deno.test(`findPeek() sees everything when the response ${name}`, () => {
    if (!peeks) return;
    assertEquals(seen(make()), { status: 200, statusText: "", headers: [], ...expected });
  });
}

Deno.test("findPeek() gives a body that is JSON when a response of the platform has one", () => {
  const content = seen(Response.json({ a: 1 }));
  if (content === null) return;
  assertEquals(content.headers, [["content-type", "application/json"]]);
  const { body } = content;
  assertEquals(body instanceof Uint8Array ? new TextDecoder().decode(body) : body, '{"a":1}');
});

Deno.test("findPeek() throws ERR_HTTP_BODY_USED when the response was read or sent", async () => {
  if (!peeks) return;
  const read = new Response("a");
  await read.text();
  const sent = new Response("a");
  peek(sent);
  for (const response of [read, sent]) {
    const error = assertThrows(() => peek(response), TypeError);
    assertEquals((error as { code?: string }).code, "ERR_HTTP_BODY_USED");
  }
  // Without a body there is nothing to use up.
  const empty = new Response();
  assertEquals(peek(empty)?.body, null);
  assertEquals(peek(empty)?.body, null);
});

Deno.test("findPeek() leaves a body to the public interface when it is not plain", () => {
  if (!peeks) return;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>();
  const content = peek(new Response(stream));
  if (content !== null) assertStrictEquals(content.body, stream);
  assertEquals(peek(new Response(new FormData())), null);
  const body = new IncomingBody({ pull() {}, pause() {}, cancel() {} }, null);
  const echo = peek(new Response(body.stream));
  if (echo !== null) assertStrictEquals(echo.body, body);
});

Deno.test("findPeek() peeks nowhere when the inside is not as expected", () => {
  const odd = (inside: () => Record<string, unknown>) => {
    const platform = function (...[body, init]: ConstructorParameters<typeof Response>) {
      const { status, statusText, headers } = new Response(body, init);
      const response = { status, statusText, headers };
      for (const [name, value] of Object.entries(inside())) {
        Object.assign(response, { [Symbol(name)]: value });
      }
      return response;
    };
    return findPeek(platform as unknown as typeof Response);
  };
  for (
    const inside of [
      {},
      { state: null },
      { state: { headersList: {} } },
      { state: { status: 200, headersList: { [Symbol("headers map")]: new Map() } } },
      { response: {}, "lazy static body": "a", "lazy static content type": 7 },
    ]
  ) {
    assertEquals(odd(() => inside)(new Response("a")), null);
  }
});
