import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { IncomingBody } from "./incoming_body.ts";
import type { BodyInput } from "./platform.ts";
import { readBody, TEXT_TYPE } from "./response_body.ts";
import { streamOf } from "./static_body.ts";

type Given = Exclude<BodyInput, string>;

Deno.test("readBody() gives bytes when it gets them in any form", () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  assertStrictEquals(readBody(bytes).content, bytes);
  assertEquals(readBody(bytes.buffer), { content: bytes, type: null });
  const view = new DataView(bytes.buffer, 1, 2);
  assertEquals(readBody(view), { content: new Uint8Array([2, 3]), type: null });
});

Deno.test("readBody() knows the type when the body has one", () => {
  const form = "application/x-www-form-urlencoded;charset=UTF-8";
  assertEquals(readBody(new URLSearchParams({ a: "1" })), { content: "a=1", type: form });
  const blob = new Blob(["a"], { type: "a/b" });
  assertEquals(readBody(blob).type, "a/b");
  assertStrictEquals(readBody(blob).content, blob);
  assertEquals(readBody(new Blob(["a"])).type, null);
  const data = new FormData();
  data.append("a", "1");
  const { content, type } = readBody(data);
  assert(content instanceof ReadableStream);
  assert(type?.startsWith("multipart/form-data; boundary="));
});

Deno.test("readBody() makes text when it gets something else", () => {
  assertEquals(readBody(12 as unknown as Given), { content: "12", type: TEXT_TYPE });
  const link = new URL("http://a.test/");
  assertEquals(readBody(link as unknown as Given).content, "http://a.test/");
});

Deno.test("readBody() goes past a stream when it is of ours and untouched", async () => {
  const body = new IncomingBody({ pull() {}, pause() {}, cancel() {} }, null);
  assertStrictEquals(readBody(body.stream).content, body);
  assertEquals(readBody(streamOf("text")).content, "text");
  const other = new ReadableStream<Uint8Array<ArrayBuffer>>();
  assertStrictEquals(readBody(other).content, other);
  await other.cancel();
});

Deno.test("readBody() throws ERR_HTTP_BODY_USED when a stream is locked or was read", async () => {
  const locked = new ReadableStream<Uint8Array<ArrayBuffer>>();
  locked.getReader();
  const read = streamOf("text");
  await read.cancel();
  for (const stream of [locked, read]) {
    const error = assertThrows(() => readBody(stream), TypeError);
    assertEquals((error as { code?: string }).code, "ERR_HTTP_BODY_USED");
  }
});

Deno.test("readBody() makes a stream when it gets an async iterable", async () => {
  async function* chunks() {
    yield new TextEncoder().encode("a");
    await Promise.resolve();
    yield new TextEncoder().encode("b");
  }
  const { content } = readBody(chunks() as unknown as Given);
  assert(content instanceof ReadableStream);
  let text = "";
  for await (const chunk of content) text += new TextDecoder().decode(chunk);
  assertEquals(text, "ab");
});
