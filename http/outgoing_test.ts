import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { IN_BUN } from "../_testing/in_bun.ts";
import { Fields } from "./_engine/fields.ts";
import { IncomingBody } from "./incoming_body.ts";
import { type Outgoing, outgoingOf } from "./outgoing.ts";
import type { BodyInput } from "./platform.ts";
import { ReadAhead } from "./read_ahead.ts";
import { makeResponse, Response as LightResponse } from "./response.ts";
import { withTrailers } from "./trailers.ts";

const Platform = globalThis.Response;
const bytes = (text: string) => new TextEncoder().encode(text);

function streamOf(...parts: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(bytes(part));
      controller.close();
    },
  });
}

function incoming(): IncomingBody {
  return new IncomingBody({ pull: () => {}, pause: () => {}, cancel: () => {} }, null);
}

/** What goes out, with field names in small letters and the content as text. */
async function seen({ status, statusText, headers, body }: Outgoing): Promise<unknown> {
  const lines: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    lines.push(`${headers[at]!.toLowerCase()}: ${headers[at + 1]}`);
  }
  return { status, statusText, lines: lines.sort(), text: await textOf(body) };
}

async function textOf(body: Outgoing["body"]): Promise<string | null> {
  if (body === null) return null;
  if (!(body instanceof ReadAhead)) {
    return await new Platform((body instanceof IncomingBody ? body.stream : body) as BodyInput)
      .text();
  }
  let text = "";
  for (;;) {
    const { done, value } = await body.read();
    if (done) return text;
    text += new TextDecoder().decode(value);
  }
}

/** The code of what a function throws. */
function codeOf(run: () => unknown): string | undefined {
  return (assertThrows(run, TypeError) as { code?: string }).code;
}

const TEXT = "content-type: text/plain;charset=UTF-8";
const JSON_TYPE = "content-type: application/json";

/** The type as the platform tells it: Bun does not say of a response that it was made of text. */
function asPlatform(line: string): string[] {
  if (!IN_BUN) return [line];
  if (line === TEXT) return [];
  return [line === JSON_TYPE ? `${line};charset=utf-8` : line];
}

type Kind = typeof Platform;
type Row = [
  name: string,
  make: (kind: Kind) => Response,
  expected: [lines: string[], text: string | null],
];

const ROWS: Row[] = [
  ["nothing", (kind) => new kind(), [[], null]],
  ["text", (kind) => new kind("h\u00e9"), [[TEXT], "h\u00e9"]],
  ["empty text", (kind) => new kind(""), [[TEXT], ""]],
  ["a type alone", (kind) => new kind("a", { headers: { "content-type": "a/b" } }), [
    ["content-type: a/b"],
    "a",
  ]],
  ["cookies", (kind) => {
    const response = new kind("a", { headers: [["Set-Cookie", "a=1"], ["x-a", "1"]] });
    response.headers.append("set-cookie", "b=2");
    return response;
  }, [[TEXT, "set-cookie: a=1", "set-cookie: b=2", "x-a: 1"], "a"]],
  ["bytes", (kind) => new kind(bytes("abc")), [[], "abc"]],
  ["a part of bytes", (kind) => new kind(bytes("abcd").subarray(1, 3)), [[], "bc"]],
  ["an ArrayBuffer", (kind) => new kind(bytes("abc").buffer), [[], "abc"]],
  ["a form", (kind) => new kind(new URLSearchParams({ a: "1 2" })), [
    ["content-type: application/x-www-form-urlencoded;charset=UTF-8"],
    "a=1+2",
  ]],
  ["a stream", (kind) => new kind(streamOf("ab", "c")), [[], "abc"]],
  ["JSON", (kind) => kind.json({ a: 1 }), [[JSON_TYPE], '{"a":1}']],
  ["a redirect", (kind) => kind.redirect("http://a.test/", 302), [
    ["location: http://a.test/"],
    null,
  ]],
  ["a clone", (kind) => new kind("a").clone(), [[TEXT], "a"]],
  ["another's body", (kind) => new kind(new kind("a").body), [[], "a"]],
];

for (
  const [kind, name] of [[LightResponse as Kind, "light"], [Platform, "the platform's"]] as const
) {
  for (const [what, make, [lines, text]] of ROWS) {
    Deno.test(`outgoingOf() gives all there is when ${name} response has ${what}`, async () => {
      const response = make(kind);
      const { status, statusText } = response;
      const expected = kind === Platform ? lines.flatMap(asPlatform) : lines;
      const all = { status, statusText, lines: expected, text };
      assertEquals(await seen(outgoingOf(response)), all);
    });
  }

  Deno.test(`outgoingOf() gives status and reason when the response is ${name}`, async () => {
    const response = new kind(null, { status: 404, statusText: "Gone" });
    const expected = { status: 404, statusText: "Gone", lines: [], text: null };
    assertEquals(await seen(outgoingOf(response)), expected);
    assertEquals(outgoingOf(new kind(null, { status: 204 })).status, 204);
  });

  Deno.test(`outgoingOf() gives the bytes themselves, or a copy, when the response is ${name}`, async () => {
    const content = bytes("abc");
    const { body } = outgoingOf(new kind(content));
    assertEquals(await textOf(body), "abc");
    assertEquals([...content], [97, 98, 99]);
  });

  Deno.test(`outgoingOf() gives a Blob's length or none when the response is ${name}`, async () => {
    const outgoing = outgoingOf(new kind(new Blob(["abc"], { type: "a/b" })));
    const { lines, text } = await seen(outgoing) as { lines: string[]; text: string };
    assertEquals(lines.filter((line) => !line.startsWith("content-length")), ["content-type: a/b"]);
    assertEquals(
      lines.filter((line) => line.startsWith("content-length: ")).every((line) =>
        line.endsWith(" 3")
      ),
      true,
    );
    assertEquals(text, "abc");
  });

  Deno.test(`outgoingOf() throws ERR_HTTP_BODY_USED when ${name} response was used`, async () => {
    for (const make of [() => "a", () => bytes("a"), () => streamOf("a")]) {
      const sent = new kind(make());
      const { body } = outgoingOf(sent);
      // Of the platform's, a stream is used once its sender reads it.
      const stream = body instanceof ReadAhead ? body.stream : body;
      if (stream instanceof ReadableStream) stream.getReader();
      assertEquals(codeOf(() => outgoingOf(sent)), "ERR_HTTP_BODY_USED");
      const read = new kind(make());
      await read.text();
      assertEquals(codeOf(() => outgoingOf(read)), "ERR_HTTP_BODY_USED");
      const locked = new kind(make());
      locked.body!.getReader();
      assertEquals(codeOf(() => outgoingOf(locked)), "ERR_HTTP_BODY_USED");
    }
  });

  Deno.test(`outgoingOf() leads past the stream of what came in when the response is ${name}`, async () => {
    const body = incoming();
    const { body: content } = outgoingOf(new kind(body.stream));
    if (kind === LightResponse) assertStrictEquals(content, body);
    body.push(bytes("abc"));
    body.end(null);
    const stream = content instanceof IncomingBody ? content.stream : content;
    assertEquals(await new Platform(stream as BodyInput).text(), "abc");
  });

  Deno.test(`outgoingOf() gives trailers with a body that has an end when the response is ${name}`, async () => {
    for (const make of [() => "abc", () => bytes("abc"), () => streamOf("abc")]) {
      const response = withTrailers(new kind(make()), () => ({ "X-Sum": "6" }));
      const { trailers, body } = outgoingOf(response);
      assertEquals(await trailers?.(), ["X-Sum", "6"]);
      assertEquals(body instanceof ReadableStream, true);
      assertEquals(await new Platform(body as ReadableStream).text(), "abc");
    }
    assertEquals(outgoingOf(new kind(streamOf("a"))).trailers, undefined);
  });
}

Deno.test("outgoingOf() reads ahead of a stream of one's own in Bun alone, and never with a length", () => {
  const { body } = outgoingOf(new Platform(streamOf("abc")));
  assertEquals(body instanceof ReadAhead, IN_BUN);
  const headers = { "content-length": "4" };
  assertEquals(
    outgoingOf(new Platform(streamOf("abc"), { headers })).body instanceof ReadAhead,
    false,
  );
});

Deno.test("outgoingOf() gives text and bytes as they were put in when the response is light", () => {
  const content = bytes("abc");
  assertStrictEquals(outgoingOf(new LightResponse(content)).body, content);
  assertEquals(outgoingOf(new LightResponse("abc")).body, "abc");
});

Deno.test("outgoingOf() passes on a response that came in", () => {
  const body = incoming();
  const outgoing = outgoingOf(makeResponse({
    status: 299,
    statusText: "Fine",
    fields: Fields.of(["X-A", "1"]),
    body,
    url: "",
    redirected: false,
  }));
  assertEquals([outgoing.status, outgoing.statusText], [299, "Fine"]);
  assertEquals(outgoing.headers, ["X-A", "1"]);
  assertStrictEquals(outgoing.body, body);
});

Deno.test("outgoingOf() throws ERR_INVALID_ARG_TYPE when it is no response", () => {
  for (const value of [undefined, null, "a", 5, {}, [], new Request("http://a.test"), Platform]) {
    assertEquals(codeOf(() => outgoingOf(value as Response)), "ERR_INVALID_ARG_TYPE");
  }
});

Deno.test("outgoingOf() gives trailers that reject when their headers are none", async () => {
  const response = withTrailers(new LightResponse(streamOf("a")), () => ({ "a b": "c" }));
  const { trailers } = outgoingOf(response);
  const error = await assertRejects(async () => await trailers!(), TypeError);
  assertEquals((error as { code?: string }).code, "ERR_HTTP_INVALID_HEADER");
});
