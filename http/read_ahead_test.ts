import { assertEquals, assertRejects } from "@std/assert";
import { ReadAhead } from "./read_ahead.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A byte stream of such chunks, which ends when they are through. */
function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      controller.enqueue(bytes(chunks.shift()!));
      if (chunks.length === 0) queueMicrotask(() => controller.close());
    },
  });
}

async function restOf(reader: ReadAhead): Promise<string[]> {
  const chunks: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    chunks.push(new TextDecoder().decode(value));
  }
}

Deno.test("ReadAhead whole() gives the content when a response of the platform has it all", async () => {
  for (const body of ["hello", "", bytes("hello"), new URLSearchParams("a=b")]) {
    const length = body.toString() === "" ? 0 : body instanceof URLSearchParams ? 3 : 5;
    const whole = await new ReadAhead(new Response(body).body!).whole();
    assertEquals(whole?.length, length);
  }
});

Deno.test("ReadAhead read() gives everything when the content was not there as a whole", async () => {
  const several = new ReadAhead(streamOf("a", "b", "c"));
  assertEquals(await several.whole(), null);
  assertEquals(await restOf(several), ["a", "b", "c"]);
  let send: (() => void) | null = null;
  const late = new ReadAhead(
    new ReadableStream({
      type: "bytes",
      pull: (controller) =>
        new Promise((resolve) => {
          send = () => {
            controller.enqueue(bytes("late"));
            controller.close();
            resolve();
          };
        }),
    }),
  );
  assertEquals(await late.whole(), null);
  send!();
  assertEquals(await restOf(late), ["late"]);
});

Deno.test("ReadAhead read() rejects when the stream fails, and whole() does not", async () => {
  const failure = new Error("failed");
  const reader = new ReadAhead(
    new ReadableStream({ type: "bytes", pull: (controller) => controller.error(failure) }),
  );
  assertEquals(await reader.whole(), null);
  assertEquals(await assertRejects(() => reader.read()), failure);
});

Deno.test("ReadAhead cancel() tells the stream", async () => {
  let cancelled: unknown;
  const reader = new ReadAhead(
    new ReadableStream({ type: "bytes", cancel: (reason) => void (cancelled = reason) }),
  );
  assertEquals(await reader.whole(), null);
  await reader.cancel("no more");
  assertEquals(cancelled, "no more");
});
