import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import { IN_BUN } from "../_testing/in_bun.ts";
import { lightStream, originOf } from "./light_stream.ts";

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

const ORIGIN = { name: "origin" };

function setup() {
  let made = 0;
  const cancelled: unknown[] = [];
  const stream = lightStream(ORIGIN, () => {
    made++;
    const chunks = ["a", "b"];
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk === undefined) {
          controller.close();
          controller.byobRequest?.respond(0);
        } else controller.enqueue(new TextEncoder().encode(chunk));
      },
      cancel: (reason) => void cancelled.push(reason),
    }, { highWaterMark: 0 }) as Stream;
  });
  return { stream, cancelled, made: () => made };
}

async function collect(stream: ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += new TextDecoder().decode(chunk);
  return text;
}

/** Whether this runtime takes light streams. */
const light = (() => {
  const { stream, made } = setup();
  return made() === 0 && stream instanceof ReadableStream;
})();

Deno.test("lightStream() makes nothing when the stream is only passed on", () => {
  const { stream, made } = setup();
  assert(stream instanceof ReadableStream);
  assertStrictEquals(stream.constructor, ReadableStream);
  assertStrictEquals(originOf(stream), ORIGIN);
  assertEquals(made(), light ? 0 : 1);
  // Bun keeps the inside of its streams to itself.
  assertEquals(light, !IN_BUN);
});

const uses: [string, (stream: Stream) => Promise<string>][] = [
  ["is iterated", collect],
  ["has a reader", async (stream) => {
    const reader = stream.getReader();
    assertThrows(() => stream.getReader(), TypeError);
    assertEquals(stream.locked, true);
    let text = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text += new TextDecoder().decode(read.value);
    }
    await reader.closed;
    reader.releaseLock();
    assertEquals(stream.locked, false);
    return text;
  }],
  ["has a reader with a buffer", async (stream) => {
    const reader = stream.getReader({ mode: "byob" });
    let text = "";
    let read = await reader.read(new Uint8Array(4));
    while (!read.done) {
      text += new TextDecoder().decode(read.value);
      read = await reader.read(new Uint8Array(4));
    }
    return text;
  }],
  ["is piped through", (stream) => collect(stream.pipeThrough(new TransformStream()))],
  ["is piped", async (stream) => {
    let text = "";
    await stream.pipeTo(
      new WritableStream({
        write(chunk) {
          text += new TextDecoder().decode(chunk);
        },
      }),
    );
    return text;
  }],
  ["is teed", async (stream) => {
    const [one, two] = stream.tee();
    assertEquals(await collect(one), "ab");
    return await collect(two);
  }],
  ["is the body of the platform's response", (stream) => new Response(stream).text()],
  ["is the body of a cloned response", async (stream) => {
    const response = new Response(stream);
    const copy = response.clone();
    assertEquals(await response.text(), "ab");
    return await copy.text();
  }],
  ["is the body of a response of a response", (stream) => {
    return new Response(new Response(stream).body).text();
  }],
  ["is the body of the platform's request", (stream) => {
    const init = { method: "POST", body: stream, duplex: "half" as const };
    return new Request(new Request("http://a.test/", init)).text();
  }],
  ["becomes a stream of Node", async (stream) => {
    let text = "";
    const readable = Readable.fromWeb(stream as unknown as Parameters<typeof Readable.fromWeb>[0]);
    for await (const chunk of readable) text += new TextDecoder().decode(chunk);
    return text;
  }],
];

for (const [name, use] of uses) {
  Deno.test(`lightStream() gives what it is made for when it ${name}`, async () => {
    const { stream, made } = setup();
    assertEquals(await use(stream), "ab");
    assertEquals(made(), 1);
    assertEquals(originOf(stream), undefined);
  });
}

Deno.test("lightStream() cancels what it is made for when it is cancelled", async () => {
  const { stream, cancelled } = setup();
  await stream.cancel("enough");
  assertEquals(cancelled, ["enough"]);
  const late = setup();
  const reader = late.stream.getReader();
  await reader.read();
  await reader.cancel("over");
  assertEquals(late.cancelled, ["over"]);
  await assertRejects(() => late.stream.cancel(), TypeError);
});

Deno.test("originOf() finds the origin while nobody reads, and of no other stream", async () => {
  const { stream } = setup();
  const reader = stream.getReader();
  assertEquals(originOf(stream), undefined);
  reader.releaseLock();
  assertStrictEquals(originOf(stream), ORIGIN);
  await stream.cancel();
  assertEquals(originOf(stream), undefined);
  assertEquals(originOf(new ReadableStream()), undefined);
});

Deno.test("lightStream() can be looked at when it is printed", () => {
  assert(inspect(setup().stream).includes("ReadableStream"));
});
