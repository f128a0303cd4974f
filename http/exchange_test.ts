import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { get, HttpRig, post } from "../_testing/http/rig.ts";
import { Fields } from "./_engine/fields.ts";
import { makeResponse, Response } from "./response.ts";

const codeOf = (error: unknown) => (error as { code?: string }).code;

Deno.test("Exchange lets onError answer when the handler throws, rejects, or gives no response", async () => {
  const bad = [
    () => {
      throw new Error("secret");
    },
    () => Promise.reject(new Error("secret")),
    () => undefined as never,
    () => "text" as never,
    () => new Response("x", { headers: { "x-bad": "a\u0100" } }),
  ];
  for (const handler of bad) {
    const rig = new HttpRig(handler);
    await rig.send(get());
    assert(rig.text.startsWith("HTTP/1.1 500 Internal Server Error\r\n"), rig.text);
    assert(rig.text.endsWith("failed"));
    // The connection stays in step.
    await rig.send(get());
    assertEquals(rig.text.match(/failed/g)!.length, 2);
    rig.connection.destroy();
  }
});

Deno.test("Exchange answers an empty 500 when onError fails too", async () => {
  const failing = [
    () => {
      throw new Error("again");
    },
    () => Promise.reject(new Error("again")),
    () => new Response("x", { headers: { "x-bad": "\u0100" } }),
  ];
  for (const onError of failing) {
    const rig = new HttpRig(() => Promise.reject(new Error("first")), { onError });
    await rig.send(get());
    assert(rig.text.startsWith("HTTP/1.1 500 "));
    assert(rig.text.includes("content-length: 0\r\n"));
    assertEquals(rig.reports.length, 1);
    rig.connection.destroy();
  }
});

Deno.test("Exchange respondWith() throws ERR_HTTP_RESPONDED when it comes twice", async () => {
  let thrown: unknown;
  const rig = new HttpRig((_request, _info, exchange) => {
    exchange.respondWith(new Response("first"));
    thrown = assertThrows(() => exchange.respondWith(new Response("second")));
    return new Response("third");
  });
  await rig.send(get());
  assert(rig.text.endsWith("first"));
  assertEquals(codeOf(thrown), "ERR_HTTP_RESPONDED");
  rig.connection.destroy();
});

Deno.test("Exchange completed resolves once the response has gone out, and not before", async () => {
  const log: string[] = [];
  const rig = new HttpRig((_request, info) => {
    info.completed.then(() => log.push("completed"));
    return new Response("x".repeat(500));
  }, { capacity: 100 });
  rig.far.pause();
  await rig.send(get());
  assertEquals(log, []);
  rig.far.resume();
  await rig.turn();
  assertEquals(log, ["completed"]);
  rig.connection.destroy();
});

Deno.test("Exchange aborts the signal, and completed rejects, when the client is gone before", async () => {
  let signal: AbortSignal | undefined;
  let completed: Promise<void> | undefined;
  const rig = new HttpRig((request, info) => {
    signal = request.signal;
    completed = info.completed;
    return new Promise(() => {});
  });
  await rig.send(get());
  rig.far.reset();
  await rig.turn();
  assertEquals(signal!.aborted, true);
  assertEquals(codeOf(signal!.reason), "ECONNRESET");
  assertEquals(codeOf(await assertRejects(() => completed!)), "ECONNRESET");
});

Deno.test("Exchange asks by 102 for a client that has ended its side, and answers it", async () => {
  let answer = (_: Response) => {};
  const handler = () => new Promise<Response>((resolve) => answer = resolve);
  const rig = new HttpRig(handler, { timeouts: { presence: 1_000 } });
  await rig.send(get());
  rig.far.end();
  await rig.turn();
  await rig.advance(900);
  assertEquals(rig.text, "");
  await rig.advance(300);
  await rig.advance(300);
  const asked = "HTTP/1.1 102 Processing\r\n\r\n".repeat(2);
  assertEquals(rig.text, asked);
  answer(new Response("late"));
  await rig.turn();
  assert(rig.text.startsWith(`${asked}HTTP/1.1 200 OK\r\n`) && rig.text.endsWith("late"), rig.text);
  assertEquals([rig.occupant, rig.clock.pending], [null, 0]);
});

Deno.test("Exchange never asks for a client of HTTP/1.0, or when the response has begun", async () => {
  const begun = () =>
    new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(1)) }));
  for (const handler of [() => new Promise<Response>(() => {}), begun]) {
    const rig = new HttpRig(handler, { timeouts: { presence: 1_000 } });
    await rig.send("GET / HTTP/1.0\r\n\r\n");
    rig.far.end();
    await rig.turn();
    await rig.advance(2_000);
    assertEquals(rig.text.includes(" 102 "), false);
    rig.connection.destroy();
    assertEquals(rig.clock.pending, 0);
  }
});

Deno.test("Exchange never aborts the signal when the response goes out", async () => {
  const signals: AbortSignal[] = [];
  const rig = new HttpRig((request) => {
    signals.push(request.signal);
    return new Response("x");
  });
  await rig.send(get());
  await rig.send(get("/", "Connection: close"));
  rig.far.end();
  await rig.turn();
  assertEquals(signals.map(({ aborted }) => aborted), [false, false]);
  assertEquals(rig.occupant, null);
});

Deno.test("Exchange cancels the stream of a response when the client is gone", async () => {
  let cancelled: unknown;
  const rig = new HttpRig(() =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(50)),
        cancel: (reason) => void (cancelled = reason),
      }),
    ), { capacity: 100 });
  rig.far.pause();
  await rig.send(get());
  rig.far.reset();
  await rig.turn();
  assertEquals(codeOf(cancelled), "ECONNRESET");
});

Deno.test("Exchange cancels a response that comes when the client is gone", async () => {
  let cancelled = false;
  let answer = (_: globalThis.Response) => {};
  const rig = new HttpRig(() => new Promise((resolve) => answer = resolve));
  await rig.send(get());
  rig.far.reset();
  await rig.turn();
  answer(new Response(new ReadableStream({ cancel: () => void (cancelled = true) })));
  await rig.turn();
  assertEquals([cancelled, rig.text], [true, ""]);
});

Deno.test("Exchange cuts the connection when a stream fails midway", async () => {
  const rig = new HttpRig(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array([120]));
          controller.error(new Error("midway"));
        },
      }),
    )
  );
  await rig.send(get());
  assertEquals(rig.text.includes("\r\n0\r\n"), false);
  assertEquals([rig.reports.length, rig.occupant], [1, null]);
});

Deno.test("Exchange refuses an interim status as the response", async () => {
  const parts = { status: 103, statusText: "", fields: Fields.NONE, body: null };
  const response = makeResponse({ ...parts, url: "", redirected: false });
  const rig = new HttpRig(() => response);
  await rig.send(get());
  assert(rig.text.startsWith("HTTP/1.1 500 "));
  rig.connection.destroy();
});

Deno.test("Exchange asks for content by 100 (Continue) when the handler reads it, and only then", async () => {
  const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  const reading = new HttpRig(async (request) => new Response(await request.text()));
  await reading.send(head);
  assertEquals(reading.text, "HTTP/1.1 100 Continue\r\n\r\n");
  await reading.send("ok");
  assert(reading.text.endsWith("ok"));
  reading.connection.destroy();

  const refusing = new HttpRig(() => new Response(null, { status: 401 }));
  await refusing.send(head);
  assert(refusing.text.startsWith("HTTP/1.1 401 "));
  assert(refusing.text.includes("connection: close\r\n"));
  refusing.connection.destroy();
});

Deno.test("Exchange rejects the body when the request turns out to be malformed", async () => {
  let failure: unknown;
  let signal: AbortSignal | undefined;
  const rig = new HttpRig(async (request) => {
    signal = request.signal;
    await request.text().catch((error) => failure = error);
    return new Response("too late");
  });
  await rig.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
  assertEquals(codeOf(failure), "ERR_HTTP_INVALID_CHUNK");
  assert(rig.text.startsWith("HTTP/1.1 400 "));
  assertEquals([rig.text.includes("too late"), signal!.aborted], [false, true]);
  rig.connection.destroy();
});

Deno.test("Exchange drops content that is cancelled, and keeps the connection", async () => {
  const rig = new HttpRig(async (request) => {
    await request.body!.cancel();
    return new Response("cancelled");
  });
  await rig.send(post("/", "x".repeat(1000)) + get());
  assertEquals(rig.text.match(/cancelled|failed/g), ["cancelled", "failed"]);
  rig.connection.destroy();
});

Deno.test("Exchange rejects the body when it answers before all of it has come", async () => {
  for (const field of ["X: y", "Connection: close"]) {
    let reading: Promise<string> | null = null;
    const rig = new HttpRig((request) => {
      reading = request.text();
      reading.catch(() => {});
      return new Response("early");
    });
    await rig.send(`POST / HTTP/1.1\r\nHost: a\r\n${field}\r\nContent-Length: 10\r\n\r\n01234`);
    assert(rig.text.endsWith("early"));
    await rig.send("56789");
    const error = await assertRejects(() => reading!);
    assertEquals(codeOf(error), "ERR_HTTP_RESPONDED");
    rig.connection.destroy();
  }
});
