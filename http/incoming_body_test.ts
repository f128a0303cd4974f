import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Fields } from "./_engine/fields.ts";
import { type BodySink, type BodySource, IncomingBody, incomingBodyOf } from "./incoming_body.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (chunk: Uint8Array) => new TextDecoder().decode(chunk);

/** A body and what its source was told. */
function bodyOf(length: number | null = null): { body: IncomingBody; calls: string[] } {
  const calls: string[] = [];
  const source: BodySource = {
    pull: () => void calls.push("pull"),
    pause: () => void calls.push("pause"),
    cancel: (reason) => void calls.push(`cancel ${reason}`),
  };
  return { body: new IncomingBody(source, length), calls };
}

/** A sink that logs; its chunks are answered by `goOn`. */
function sinkOf(goOn: () => boolean = () => true): BodySink & { log: string[] } {
  const log: string[] = [];
  return {
    log,
    onChunk: (chunk) => {
      log.push(textOf(chunk));
      return goOn();
    },
    onEnd: () => void log.push("end"),
    onFail: (error) => void log.push(`fail ${error}`),
  };
}

/** Whether a promise or call fails since the body is in use. */
async function isUsed(run: () => unknown): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    return (error as { code?: string }).code === "ERR_HTTP_BODY_USED";
  }
}

// --- All of it -----------------------------------------------------------------------------------

const WAYS: [name: string, read: (body: IncomingBody) => Promise<unknown>, result: unknown][] = [
  ["text", (body) => body.text(), '{"a":"\u00e9"}'],
  ["json", (body) => body.json(), { a: "\u00e9" }],
  ["bytes", async (body) => [...await body.bytes()], [...bytes('{"a":"\u00e9"}')]],
  [
    "arrayBuffer",
    async (body) => [...new Uint8Array(await body.arrayBuffer())],
    [...bytes('{"a":"\u00e9"}')],
  ],
];
const CONTENT = bytes('{"a":"\u00e9"}');

for (const [name, read, result] of WAYS) {
  for (const length of [null, CONTENT.length]) {
    Deno.test(`${name}() gives what comes later in every split when the length is ${length}`, async () => {
      for (let at = 0; at <= CONTENT.length; at++) {
        const { body, calls } = bodyOf(length);
        const promise = read(body);
        // What is pushed is the connection's again after the call.
        const chunk = CONTENT.slice();
        body.push(chunk.subarray(0, at));
        body.push(chunk.subarray(at));
        chunk.fill(0);
        body.end(null);
        assertEquals(await promise, result);
        assertEquals(calls, ["pull"]);
      }
    });

    Deno.test(`${name}() gives what came before when the length is ${length}`, async () => {
      for (let at = 0; at <= CONTENT.length; at++) {
        const { body, calls } = bodyOf(length);
        const chunk = CONTENT.slice();
        body.push(chunk.subarray(0, at));
        body.push(chunk.subarray(at));
        chunk.fill(0);
        body.end(null);
        assertEquals(await read(body), result);
        assertEquals(calls, []);
      }
    });

    Deno.test(`${name}() gives both when it is called between and the length is ${length}`, async () => {
      for (let at = 0; at <= CONTENT.length; at++) {
        const { body } = bodyOf(length);
        const chunk = CONTENT.slice();
        body.push(chunk.subarray(0, at));
        const promise = read(body);
        body.push(chunk.subarray(at));
        chunk.fill(0);
        body.end(null);
        assertEquals(await promise, result);
      }
    });
  }

  Deno.test(`${name}() rejects with ERR_HTTP_BODY_USED when it was read before`, async () => {
    const { body } = bodyOf();
    body.push(CONTENT);
    body.end(null);
    assertEquals(body.used, false);
    await read(body);
    assertEquals(body.used, true);
    for (const [, again] of WAYS) assert(await isUsed(() => again(body)));
    assert(await isUsed(() => body.consume(sinkOf())));
  });

  Deno.test(`${name}() rejects with the body's error when it fails, before or later`, async () => {
    const error = new Error("cut");
    const before = bodyOf().body;
    before.push(bytes("a"));
    before.fail(error);
    assertStrictEquals(await assertRejects(() => read(before)), error);
    const later = bodyOf().body;
    const promise = read(later);
    later.push(bytes("a"));
    later.fail(error);
    assertStrictEquals(await assertRejects(() => promise), error);
  });
}

Deno.test("text() takes a byte order mark away and replaces what is no UTF-8", async () => {
  const { body } = bodyOf();
  body.push(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]));
  body.end(null);
  assertEquals(await body.text(), "a\ufffd");
});

Deno.test("json() rejects with a SyntaxError when it is none", async () => {
  for (const text of ["", "{", "a"]) {
    const { body } = bodyOf();
    body.push(bytes(text));
    body.end(null);
    await assertRejects(() => body.json(), SyntaxError);
  }
});

Deno.test("readers of empty content get their own when there is nothing", async () => {
  for (const length of [null, 0]) {
    const { body } = bodyOf(length);
    body.end(null);
    const got = await body.bytes();
    assertEquals([got.length, got.buffer.byteLength], [0, 0]);
  }
});

Deno.test("bytes() gives a buffer of the content's size when more room was made", async () => {
  const { body } = bodyOf();
  const promise = body.arrayBuffer();
  for (let part = 0; part < 5; part++) body.push(bytes("abc"));
  body.end(null);
  assertEquals((await promise).byteLength, 15);
});

Deno.test("a length that is announced makes no room for content that never comes", async () => {
  const { body } = bodyOf(1e12);
  const promise = body.text();
  body.push(bytes("a"));
  body.fail(new Error("cut"));
  await assertRejects(() => promise, Error, "cut");
});

// --- Flow ----------------------------------------------------------------------------------------

Deno.test("push() pauses the source when nobody reads and enough waits", async () => {
  const { body, calls } = bodyOf();
  body.push(new Uint8Array(65_535));
  assertEquals(calls, []);
  body.push(new Uint8Array(1));
  assertEquals(calls, ["pause"]);
  const promise = body.bytes();
  assertEquals(calls, ["pause", "pull"]);
  for (let part = 0; part < 5; part++) body.push(new Uint8Array(65_536));
  body.end(null);
  assertEquals((await promise).length, 6 * 65_536);
  assertEquals(calls, ["pause", "pull"]);
});

Deno.test("cancel() drops the content, and what comes later", async () => {
  const { body, calls } = bodyOf();
  body.push(bytes("a"));
  body.cancel("why");
  assertEquals(calls, ["cancel why"]);
  body.push(bytes("b"));
  body.cancel("again");
  body.end(null);
  assertEquals(calls, ["cancel why"]);
  assertEquals([body.used, body.complete], [true, true]);
  assert(await isUsed(() => body.text()));
});

Deno.test("cancel() asks nothing of the source when all has come", () => {
  const { body, calls } = bodyOf();
  body.end(null);
  body.cancel();
  assertEquals(calls, []);
});

Deno.test("complete tells when the end has come, not when it failed", () => {
  const { body } = bodyOf();
  assertEquals(body.complete, false);
  body.end(null);
  body.fail(new Error("late"));
  assertEquals(body.complete, true);
  const failed = bodyOf().body;
  failed.fail(new Error("cut"));
  failed.end(null);
  assertEquals(failed.complete, false);
});

// --- Straight through ----------------------------------------------------------------------------

Deno.test("consume() gives chunks as they come, without a copy", () => {
  const { body, calls } = bodyOf();
  const seen: Uint8Array[] = [];
  body.consume({
    onChunk: (chunk) => {
      seen.push(chunk);
      return true;
    },
    onEnd: () => void calls.push("end"),
    onFail: () => {},
  });
  const chunk = bytes("a");
  body.push(chunk);
  body.push(bytes(""));
  body.end(null);
  assertEquals(calls, ["pull", "end"]);
  assertEquals(seen.length, 1);
  assertStrictEquals(seen[0], chunk);
});

Deno.test("consume() gives what waited first", () => {
  const { body } = bodyOf();
  body.push(bytes("a"));
  body.push(bytes("b"));
  const sink = sinkOf();
  body.consume(sink);
  body.push(bytes("c"));
  body.end(null);
  assertEquals(sink.log, ["ab", "c", "end"]);
});

Deno.test("a sink that holds back gets the rest when it resumes", () => {
  const { body, calls } = bodyOf();
  let goOn = false;
  const sink = sinkOf(() => goOn);
  body.consume(sink);
  body.push(bytes("a"));
  assertEquals(calls, ["pull", "pause"]);
  body.push(bytes("b"));
  body.push(bytes("c"));
  body.end(null);
  assertEquals(sink.log, ["a"]);
  body.resume();
  assertEquals(sink.log, ["a", "bc"]);
  goOn = true;
  body.resume();
  assertEquals(sink.log, ["a", "bc", "end"]);
});

Deno.test("a sink that resumes lets the source go on", () => {
  const { body, calls } = bodyOf();
  let goOn = false;
  const sink = sinkOf(() => goOn);
  body.consume(sink);
  body.push(bytes("a"));
  goOn = true;
  body.resume();
  body.push(bytes("b"));
  assertEquals(calls, ["pull", "pause", "pull"]);
  assertEquals(sink.log, ["a", "b"]);
});

Deno.test("a sink is told of a failure, before or later", () => {
  const later = bodyOf().body;
  const sink = sinkOf();
  later.consume(sink);
  later.push(bytes("a"));
  later.fail("cut");
  assertEquals(sink.log, ["a", "fail cut"]);
  const before = bodyOf().body;
  before.fail("cut");
  const next = sinkOf();
  before.consume(next);
  assertEquals(next.log, ["fail cut"]);
});

Deno.test("consume() throws ERR_HTTP_BODY_USED when somebody reads", async () => {
  const { body } = bodyOf();
  body.consume(sinkOf());
  assertEquals(body.used, true);
  assert(await isUsed(() => body.consume(sinkOf())));
  assert(await isUsed(() => body.text()));
  const locked = bodyOf().body;
  locked.stream.getReader();
  assert(await isUsed(() => locked.consume(sinkOf())));
});

// --- As a stream ---------------------------------------------------------------------------------

Deno.test("stream gives what waited, then what comes, then its end", async () => {
  const { body, calls } = bodyOf();
  body.push(bytes("a"));
  body.push(bytes("b"));
  const reader = body.stream.getReader();
  assertEquals(textOf((await reader.read()).value!), "ab");
  const next = reader.read();
  await Promise.resolve();
  const chunk = bytes("c");
  body.push(chunk);
  chunk.fill(0);
  assertEquals(textOf((await next).value!), "c");
  body.end(null);
  assertEquals((await reader.read()).done, true);
  assertEquals(calls, ["pull"]);
});

Deno.test("stream asks nothing of the source when nobody reads it", () => {
  const { body, calls } = bodyOf();
  assertStrictEquals(body.stream, body.stream);
  assertEquals([calls, body.used], [[], false]);
});

Deno.test("stream ends a read that waits when the end comes", async () => {
  const { body } = bodyOf();
  const reader = body.stream.getReader();
  const next = reader.read();
  await Promise.resolve();
  body.end(null);
  assertEquals((await next).done, true);
});

Deno.test("stream fills and ends a reader's own buffer", async () => {
  const { body } = bodyOf();
  const reader = body.stream.getReader({ mode: "byob" });
  body.push(bytes("abc"));
  const first = await reader.read(new Uint8Array(2));
  assertEquals(textOf(first.value!), "ab");
  const second = await reader.read(new Uint8Array(2));
  assertEquals(textOf(second.value!), "c");
  const last = reader.read(new Uint8Array(2));
  await Promise.resolve();
  body.end(null);
  assertEquals((await last).done, true);
});

Deno.test("stream errors when the body fails, before or later", async () => {
  const error = new Error("cut");
  const { body } = bodyOf();
  const reader = body.stream.getReader();
  const next = reader.read();
  body.fail(error);
  assertStrictEquals(await assertRejects(() => next), error);
  const before = bodyOf().body;
  before.fail(error);
  assertStrictEquals(await assertRejects(() => before.stream.getReader().read()), error);
});

Deno.test("stream cancels the source with the reason when it is cancelled", async () => {
  const { body, calls } = bodyOf();
  body.push(bytes("a"));
  await body.stream.cancel("why");
  assertEquals(calls, ["cancel why"]);
  assertEquals(body.used, true);
});

Deno.test("stream is locked when the body was read in another way", async () => {
  const { body } = bodyOf();
  const promise = body.text();
  body.end(null);
  await promise;
  assertEquals(body.stream.locked, true);
  const other = bodyOf().body;
  const { stream } = other;
  const text = other.text();
  other.end(null);
  await text;
  assertEquals(stream.locked, true);
});

Deno.test("all other ways reject when the stream was read from", async () => {
  const { body } = bodyOf();
  body.push(bytes("a"));
  const reader = body.stream.getReader();
  assert(await isUsed(() => body.text()));
  await reader.read();
  reader.releaseLock();
  assertEquals(body.used, true);
  assert(await isUsed(() => body.text()));
  assert(await isUsed(() => body.consume(sinkOf())));
});

Deno.test("text() reads on when a stream was made but not read", async () => {
  const { body } = bodyOf();
  body.push(bytes("a"));
  const reader = body.stream.getReader();
  reader.releaseLock();
  body.end(null);
  assertEquals(await body.text(), "a");
});

Deno.test("incomingBodyOf() finds the body of a stream that nobody has begun to read", async () => {
  const { body } = bodyOf();
  assertStrictEquals(incomingBodyOf(body.stream), body);
  const reader = body.stream.getReader();
  assertEquals(incomingBodyOf(body.stream), undefined);
  reader.releaseLock();
  assertStrictEquals(incomingBodyOf(body.stream), body);
  body.push(bytes("a"));
  const again = body.stream.getReader();
  await again.read();
  again.releaseLock();
  assertEquals(incomingBodyOf(body.stream), undefined);
  assertEquals(incomingBodyOf(new ReadableStream()), undefined);
});

// --- Trailers ------------------------------------------------------------------------------------

Deno.test("trailers resolves with the fields when the end comes, or came", async () => {
  const fields = Fields.of(["a", "1"]);
  const { body } = bodyOf();
  const asked = body.trailers;
  body.end(fields);
  assertStrictEquals(await asked, fields);
  assertStrictEquals(await body.trailers, fields);
  const late = bodyOf().body;
  late.end(null);
  assertEquals(await late.trailers, null);
});

Deno.test("trailers rejects when the body fails, or failed", async () => {
  const error = new Error("cut");
  const { body } = bodyOf();
  const asked = assertRejects(() => body.trailers);
  body.fail(error);
  assertStrictEquals(await asked, error);
  assertStrictEquals(await assertRejects(() => body.trailers), error);
});

Deno.test("usedError is a TypeError with a code when it is thrown", () => {
  const { body } = bodyOf();
  body.cancel();
  const error = assertThrows(() => body.consume(sinkOf()), TypeError);
  assertEquals((error as { code?: string }).code, "ERR_HTTP_BODY_USED");
});
