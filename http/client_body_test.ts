import { assert, assertEquals, assertThrows } from "@std/assert";
import { chunkBytes, type OutgoingContent, readContent, type RequestBody } from "./client_body.ts";

async function read(content: OutgoingContent): Promise<{ text: string; chunks: number }> {
  const source = content.open();
  let text = "";
  let chunks = 0;
  for (let step = await source.next(); !step.done; step = await source.next()) {
    text += new TextDecoder().decode(chunkBytes(step.value));
    chunks += 1;
  }
  return { text, chunks };
}

const form = new FormData();
form.append("a", "b");

const WHOLE: [string, RequestBody, string | null, string | null][] = [
  ["a string", "text", "text/plain;charset=UTF-8", "text"],
  ["bytes", new TextEncoder().encode("text"), null, "text"],
  ["a buffer", new TextEncoder().encode("text").buffer, null, "text"],
  ["a view", new DataView(new TextEncoder().encode("xtext").buffer, 1), null, "text"],
  ["a Blob", new Blob(["text"]), null, "text"],
  [
    "URLSearchParams",
    new URLSearchParams("a=b"),
    "application/x-www-form-urlencoded;charset=UTF-8",
    "a=b",
  ],
  ["a form", form, null, null],
];

for (const [name, body, type, text] of WHOLE) {
  Deno.test(`readContent() knows the length, and can give it twice, when it is ${name}`, async () => {
    const content = readContent(body);
    const first = await read(content);
    assertEquals(content.length, new TextEncoder().encode(first.text).length);
    assertEquals(await read(content), first);
    assert(content.replayable);
    if (text === null) assert(content.type!.startsWith("multipart/form-data; boundary="));
    else assertEquals([content.type, first.text], [type, text]);
  });
}

async function* asynchronous(): AsyncGenerator<string> {
  yield "te";
  yield await Promise.resolve("xt");
}

const ONCE: [string, () => RequestBody][] = [
  ["a stream", () => new Response("text").body!],
  ["an async iterable", asynchronous],
  ["an iterable", () => ["te", "xt"]],
];

for (const [name, make] of ONCE) {
  Deno.test(`readContent() gives the content once when it is ${name}`, async () => {
    const content = readContent(make());
    assertEquals([content.length, content.replayable], [null, true]);
    assertEquals((await read(content)).text, "text");
    assertEquals(content.replayable, false);
    assertThrows(() => content.open(), TypeError);
  });
}

Deno.test("readContent() cuts large data in pieces", async () => {
  for (const body of ["x".repeat(300_000), new Uint8Array(300_000)]) {
    const content = readContent(body);
    assertEquals([content.data, content.length], [null, 300_000]);
    assertEquals((await read(content)).chunks, 5);
  }
});

Deno.test("readContent() throws when it is nothing to send, or read by somebody else", () => {
  for (const body of [5, true, () => {}, {}]) {
    assertThrows(() => readContent(body as never), TypeError);
  }
  const stream = new Response("x").body!;
  stream.getReader();
  assertThrows(() => readContent(stream), TypeError);
});

Deno.test("readContent() ends its source when that is cancelled", () => {
  let ended = false;
  const source = readContent({
    [Symbol.iterator]: () => ({
      next: () => ({ done: false, value: "x" }),
      return: () => {
        ended = true;
        return { done: true, value: "" };
      },
    }),
  }).open();
  source.cancel(null);
  assert(ended);
});

Deno.test("readContent() lets its source go when it is discarded, once, and not when it was opened", async () => {
  let ended = 0;
  const make = () =>
    readContent({
      [Symbol.iterator]: () => ({
        next: () => ({ done: true as const, value: "" }),
        return: () => {
          ended += 1;
          throw new Error("Nobody hears of it");
        },
      }),
    });
  const content = make();
  content.discard?.(null);
  content.discard?.(null);
  assertEquals([ended, content.replayable], [1, false]);
  const opened = make();
  await read(opened);
  opened.discard?.(null);
  assertEquals(ended, 1);
  const stream = new Response("x").body!;
  const taken = readContent(stream);
  stream.getReader();
  taken.discard?.(null);
});
