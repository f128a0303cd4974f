import { assertEquals, assertRejects } from "@std/assert";
import { streamOf, takeStatic } from "./static_body.ts";

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += new TextDecoder().decode(chunk);
  return text;
}

Deno.test("streamOf() gives the content as bytes when it is read", async () => {
  assertEquals(await textOf(streamOf("aä")), "aä");
  const bytes = new Uint8Array([97, 98]);
  assertEquals(await textOf(streamOf(bytes)), "ab");
  assertEquals(bytes.length, 2);
  assertEquals(await textOf(streamOf("")), "");
  const reader = streamOf("abc").getReader({ mode: "byob" });
  assertEquals((await reader.read(new Uint8Array(2))).value, new Uint8Array([97, 98]));
  assertEquals((await reader.read(new Uint8Array(2))).value, new Uint8Array([99]));
  assertEquals((await reader.read(new Uint8Array(2))).done, true);
});

Deno.test("takeStatic() gives the content when nobody has begun to read", async () => {
  const stream = streamOf("abc");
  assertEquals(takeStatic(stream), "abc");
  assertEquals(takeStatic(stream), undefined);
  const error = await assertRejects(() => textOf(stream), TypeError);
  assertEquals((error as { code?: string }).code, "ERR_HTTP_BODY_USED");
});

Deno.test("takeStatic() gives nothing when the stream is read, locked or another", async () => {
  const read = streamOf("abc");
  const reader = read.getReader();
  assertEquals(takeStatic(read), undefined);
  await reader.read();
  reader.releaseLock();
  assertEquals(takeStatic(read), undefined);
  const cancelled = streamOf("abc");
  await cancelled.cancel();
  assertEquals(takeStatic(cancelled), undefined);
  assertEquals(takeStatic(new ReadableStream()), undefined);
});
