import { assert, assertEquals, assertRejects } from "@std/assert";
import { IN_BUN } from "../_testing/in_bun.ts";
import { IN_DENO } from "../_testing/in_deno.ts";
import { isByteStream, takeQueued } from "./queued_stream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (chunk: Uint8Array | null) =>
  chunk === null ? null : new TextDecoder().decode(chunk);

/** Whether this runtime lets its streams be looked into. */
const looks = !IN_DENO && !IN_BUN;

function closedStream(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytes(chunk));
      controller.close();
    },
  });
}

Deno.test("takeQueued() takes the content when one chunk is all of it", async () => {
  const stream = closedStream("hello");
  assertEquals(textOf(takeQueued(stream)), looks ? "hello" : null);
  if (looks) {
    assertEquals(takeQueued(stream), null);
    await assertRejects(async () => await new Response(stream).text());
  } else {
    assertEquals(await new Response(stream).text(), "hello");
  }
  assertEquals(textOf(takeQueued(closedStream())), looks ? "" : null);
});

Deno.test("takeQueued() takes what a response of the platform is made of, one turn later", async () => {
  if (!looks) return;
  for (const body of ["hello", bytes("hello"), new URLSearchParams("hello")]) {
    const response = new Response(body);
    await null;
    const expected = body instanceof URLSearchParams ? "hello=" : "hello";
    const queued = textOf(takeQueued(response.body!));
    assertEquals(response.bodyUsed, queued !== null);
    // Node 20 fills the stream only when somebody reads.
    assertEquals(queued ?? await response.text(), expected);
  }
});

Deno.test("takeQueued() takes nothing when more may come, or somebody reads", async () => {
  const open = new ReadableStream({
    type: "bytes",
    start: (controller) => controller.enqueue(bytes("a")),
  });
  assertEquals(takeQueued(open), null);
  assertEquals(takeQueued(closedStream("a", "b")), null);
  assertEquals(takeQueued(new ReadableStream()), null);
  const read = closedStream("a");
  const reader = read.getReader();
  assertEquals(takeQueued(read), null);
  assertEquals(textOf((await reader.read()).value!), "a");
  reader.releaseLock();
  assertEquals(takeQueued(read), null);
});

Deno.test("isByteStream() tells byte streams from others and leaves them free", () => {
  const stream = closedStream("a");
  assert(isByteStream(stream));
  assertEquals(stream.locked, false);
  assertEquals(isByteStream(new ReadableStream()), false);
});
