import { assert, assertEquals } from "@std/assert";
import { get, HttpRig, post } from "../_testing/http/rig.ts";
import { Response } from "./response.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function streamOf(...parts: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(bytes(part));
      controller.close();
    },
  });
}

Deno.test("sendBody() sends a stream in chunks that leave in one write when they are there", async () => {
  const rig = new HttpRig(() => new Response(streamOf("one", "two", "")));
  await rig.send(get());
  assert(rig.text.endsWith("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
  assertEquals(rig.near.calls.filter((call) => call.startsWith("write")).length, 1);
  rig.connection.destroy();
});

Deno.test("sendBody() pulls no more than may wait when the client is slow", async () => {
  let pulled = 0;
  const rig = new HttpRig(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Uint8Array(10_000));
          if (pulled === 100) controller.close();
        },
      }, { highWaterMark: 0 }),
    ), { capacity: 1_000 });
  rig.far.pause();
  await rig.send(get());
  assert(pulled < 20, `${pulled}`);
  rig.far.resume();
  await rig.client.until(() => rig.client.received > 1_000_000);
  assertEquals(pulled, 100);
  rig.connection.destroy();
});

Deno.test("sendBody() passes a request's content straight on", async () => {
  const rig = new HttpRig((request) => new Response(request.body));
  await rig.send(post("/", "x".repeat(1000)) + post("/", "yy"));
  assert(rig.text.includes(`\r\n${(1000).toString(16)}\r\n${"x".repeat(1000)}\r\n`));
  assert(rig.text.endsWith("2\r\nyy\r\n0\r\n\r\n"));
  rig.connection.destroy();
});

Deno.test("sendBody() cuts the connection when the content is not as long as announced", async () => {
  for (const length of ["3", "5"]) {
    const headers = { "content-length": length };
    const rig = new HttpRig(() => new Response(streamOf("four"), { headers }));
    await rig.send(get());
    assertEquals(rig.occupant, null);
    assertEquals((rig.reports[0] as { code?: string }).code, "ERR_HTTP_BODY_LENGTH");
  }
});

Deno.test("sendBody() cuts the connection when a stream gives no bytes", async () => {
  const stream = new ReadableStream({ start: (controller) => controller.enqueue("text") });
  const rig = new HttpRig(() => new Response(stream));
  await rig.send(get());
  assertEquals(rig.occupant, null);
  assertEquals((rig.reports[0] as { code?: string }).code, "ERR_INVALID_ARG_TYPE");
});

Deno.test("sendBody() ends by the connection's end for a client of HTTP/1.0", async () => {
  const rig = new HttpRig(() => new Response(streamOf("one", "two")));
  await rig.send("GET / HTTP/1.0\r\n\r\n");
  assert(rig.text.endsWith("connection: close\r\n\r\nonetwo"));
  assert(rig.client.log.includes("end"));
  rig.connection.destroy();
});
