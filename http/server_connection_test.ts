import { assert, assertEquals } from "@std/assert";
import { get, HttpRig, post } from "../_testing/http/rig.ts";
import { Response } from "./response.ts";

const KEEP = "connection: keep-alive\r\nkeep-alive: timeout=65\r\n";
const hello = () => new Response("hello");
const HELLO = "HTTP/1.1 200 OK\r\ncontent-type: text/plain;charset=UTF-8\r\n" +
  `${KEEP}content-length: 5\r\n\r\nhello`;

/** Time enough for a timeout, whose bucket rounds up. */
const after = (ms: number) => ms + ms / 8 + 8;

Deno.test("ServerConnection answers a request in one write when the handler answers at once", async () => {
  const rig = new HttpRig(hello);
  await rig.send(get());
  assertEquals(rig.answer, HELLO);
  assertEquals(rig.near.calls.filter((call) => call.startsWith("write")).length, 1);
  rig.connection.destroy();
});

Deno.test("ServerConnection answers pipelined requests in one write, in their order", async () => {
  let count = 0;
  const rig = new HttpRig(() => new Response(`${++count}`));
  await rig.send(get("/1") + get("/2") + get("/3"));
  assertEquals(rig.text.match(/\r\n\r\n\d/g)!.map((part) => part.at(-1)), ["1", "2", "3"]);
  assertEquals(rig.near.calls.filter((call) => call.startsWith("write")).length, 1);
  rig.connection.destroy();
});

Deno.test("ServerConnection closes an idle connection when its time is over", async () => {
  const rig = new HttpRig(hello, { timeouts: { keepAlive: 1_000 } });
  await rig.send(get());
  await rig.advance(900);
  assertEquals(rig.client.log.includes("end"), false);
  await rig.advance(after(1_000));
  assertEquals(rig.client.log.includes("end"), true);
  rig.far.end();
  await rig.turn();
  assertEquals([rig.occupant, rig.clock.pending, rig.clientErrors], [null, 0, []]);
});

Deno.test("ServerConnection closes without a word when a client connects and says nothing", async () => {
  const rig = new HttpRig(hello, { timeouts: { head: 1_000 } });
  await rig.advance(after(1_000));
  assertEquals([rig.text, rig.client.log], ["", ["end"]]);
  rig.far.end();
  await rig.turn();
  assertEquals(rig.occupant, null);
});

Deno.test("ServerConnection answers 408 when a head takes too long, however it trickles", async () => {
  const rig = new HttpRig(hello, { timeouts: { head: 1_000 } });
  await rig.send(get());
  for (const letter of "GET / HTTP") {
    await rig.send(letter);
    await rig.advance(100);
  }
  await rig.advance(after(200));
  assert(rig.text.includes("\r\n\r\nhelloHTTP/1.1 408 Request Timeout\r\n"));
  assertEquals(rig.clientErrors, ["ERR_HTTP_HEAD_TIMEOUT"]);
  assert(rig.client.log.includes("end"));
  rig.connection.destroy();
});

Deno.test("ServerConnection answers 408 when content that is read makes no progress", async () => {
  let failure: unknown;
  const rig = new HttpRig(async (request) => {
    await request.text().catch((error) => failure = error);
    return hello();
  }, { timeouts: { body: 1_000 } });
  await rig.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12");
  await rig.advance(900);
  await rig.send("3");
  await rig.advance(900);
  assertEquals(rig.text, "");
  await rig.advance(after(1_000));
  assert(rig.text.startsWith("HTTP/1.1 408 "));
  assertEquals((failure as { code?: string }).code, "ERR_HTTP_BODY_TIMEOUT");
  rig.connection.destroy();
});

Deno.test("ServerConnection waits without limit when a handler takes its time", async () => {
  let answer = (_: globalThis.Response) => {};
  const rig = new HttpRig(() => new Promise((resolve) => answer = resolve));
  await rig.send(post("/", "content"));
  await rig.advance(10_000_000);
  answer(hello());
  await rig.turn();
  assert(rig.text.endsWith("hello"));
  rig.connection.destroy();
});

Deno.test("ServerConnection cuts a client that takes nothing of a response", async () => {
  const rig = new HttpRig(() => new Response(new Uint8Array(1000)), {
    capacity: 100,
    timeouts: { response: 1_000 },
  });
  rig.far.pause();
  let gone: unknown;
  await rig.send(get("/", "Connection: close"));
  await rig.advance(after(1_000));
  await rig.advance(after(1_000));
  assertEquals(rig.clientErrors, ["ERR_HTTP_RESPONSE_STALLED"]);
  assertEquals([rig.occupant, gone], [null, undefined]);
});

Deno.test("ServerConnection never cuts a stream that makes progress", async () => {
  let push = (_: string) => {};
  const rig = new HttpRig(() =>
    new Response(
      new ReadableStream({
        start(controller) {
          push = (text) => controller.enqueue(new TextEncoder().encode(text));
        },
      }),
    )
  );
  await rig.send(get());
  for (let minute = 0; minute < 30; minute++) {
    push(`data: ${minute}\n\n`);
    await rig.advance(60_000);
  }
  assertEquals([rig.clientErrors, rig.text.includes("data: 29\n")], [[], true]);
  rig.connection.destroy();
});

Deno.test("ServerConnection lingers after its end, so that a refusal is not lost to a reset", async () => {
  const rig = new HttpRig(hello, { timeouts: { linger: 1_000 } });
  await rig.send("GET / HTTP/9.9\r\n\r\n");
  assert(rig.text.startsWith("HTTP/1.1 505 "));
  await rig.send("more of it, which goes nowhere");
  assertEquals(rig.near.calls.includes("close"), false);
  await rig.advance(after(1_000));
  assertEquals([rig.near.calls.includes("close"), rig.occupant], [true, null]);
});

Deno.test("ServerConnection answers no more when the client takes none of the answers", async () => {
  let asked = 0;
  const rig = new HttpRig(() => {
    asked += 1;
    return new Response(new Uint8Array(30_000));
  }, { capacity: 1_000 });
  rig.far.pause();
  await rig.send(get().repeat(20));
  assert(asked <= 4, `${asked}`);
  rig.far.end();
  await rig.turn();
  rig.far.resume();
  await rig.client.until(() => rig.client.received > 20 * 30_000);
  assertEquals(asked, 20);
  await rig.turn();
  assertEquals(rig.occupant, null);
});

Deno.test("ServerConnection stops reading when more is pipelined than it holds", async () => {
  let answer = (_: globalThis.Response) => {};
  const rig = new HttpRig(() => new Promise((resolve) => answer = resolve), {
    limits: { pipelined: 100 },
  });
  await rig.send(get() + get("/" + "x".repeat(200)));
  assertEquals(rig.near.calls.at(-1), "pause");
  answer(hello());
  await rig.turn();
  assert(rig.near.calls.includes("resume"));
  rig.connection.destroy();
});

Deno.test("ServerConnection stops reading content that nobody takes, and goes on when it is", async () => {
  let body: ReadableStream<Uint8Array> | null = null;
  let answer = (_: globalThis.Response) => {};
  const rig = new HttpRig((request) => {
    body = request.body;
    return new Promise((resolve) => answer = resolve);
  }, { capacity: 1024 * 1024 });
  await rig.send(post("/", "x".repeat(200_000)));
  assertEquals(rig.near.calls.at(-1), "pause");
  let size = 0;
  for await (const chunk of body!) size += chunk.length;
  assertEquals(size, 200_000);
  answer(hello());
  await rig.turn();
  assert(rig.text.endsWith("hello"));
  rig.connection.destroy();
});

Deno.test("ServerConnection shutdown() closes an idle one at once, and a busy one after its answer", async () => {
  const idle = new HttpRig(hello);
  await idle.send(get());
  idle.connection.shutdown();
  await idle.turn();
  assert(idle.client.log.includes("end"));
  idle.connection.destroy();

  let answer = (_: globalThis.Response) => {};
  const busy = new HttpRig(() => new Promise((resolve) => answer = resolve));
  await busy.send(get());
  busy.connection.shutdown();
  await busy.turn();
  assertEquals([busy.text, busy.client.log.includes("end")], ["", false]);
  answer(hello());
  await busy.turn();
  assert(busy.text.includes("connection: close\r\n"));
  assert(busy.client.log.includes("end"));
  busy.connection.destroy();
});

Deno.test("ServerConnection answers a client that has ended its side, unless told otherwise", async () => {
  for (const allowHalfOpen of [true, false]) {
    let answer = (_: globalThis.Response) => {};
    let signal: AbortSignal | undefined;
    const rig = new HttpRig((request) => {
      signal = request.signal;
      return new Promise((resolve) => answer = resolve);
    }, { allowHalfOpen });
    await rig.send(get());
    rig.far.end();
    await rig.turn();
    assertEquals(signal?.aborted, !allowHalfOpen);
    answer(hello());
    await rig.turn();
    assertEquals(rig.text.endsWith("hello"), allowHalfOpen);
    assertEquals(rig.occupant, null);
  }
});

Deno.test("ServerConnection hands out no pipelined request when its client is gone", async () => {
  const asked: string[] = [];
  const rig = new HttpRig((request) => {
    asked.push(request.url);
    return new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
  });
  await rig.send(get("/1") + get("/2"));
  rig.connection.destroy();
  await rig.turn();
  assertEquals(asked, ["http://a.test/1"]);
});
