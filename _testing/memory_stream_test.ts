import { assert, assertEquals, assertThrows } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { concat } from "../_core/bytes.ts";
import { type MemoryOptions, MemoryStream } from "./memory_stream.ts";
import { pattern } from "./pattern.ts";
import { STREAM_CONTRACT, type StreamPair, withSinks } from "./stream_contract.ts";

function setup(options: MemoryOptions = {}): StreamPair & { near: MemoryStream } {
  const [near, far] = MemoryStream.pair(options);
  return { ...withSinks(near, far), near };
}

Deno.test("MemoryStream keeps the contract of streams when its chunks are small", async (t) => {
  for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
    // Three million bytes in chunks of ten would only take time.
    if (rule === "moves bytes whole and in order, with short writes told") continue;
    await t.step(rule, () => check(withSinks(...MemoryStream.pair({ chunk: 10 }))));
  }
});

Deno.test("MemoryStream takes as many bytes as fit when its capacity is small", async () => {
  const { a, b, atA, atB } = setup({ capacity: 4 });
  a.write(pattern(10));
  await setImmediate();
  assertEquals([atA.written, atB.received], [4, 0]);
  a.write(pattern(6, 4));
  await setImmediate();
  assertEquals(atA.written, 4);
  b.resume();
  await atA.until(() => atA.written === 8);
  assertEquals(atB.chunks[0], pattern(4));
});

Deno.test("MemoryStream gives chunks of at most the size it was told", async () => {
  const { a, b, atB } = setup({ chunk: 3 });
  b.resume();
  a.write(pattern(8));
  await atB.until(() => atB.received === 8);
  assertEquals(atB.chunks.map((chunk) => chunk.length), [3, 3, 2]);
});

Deno.test("MemoryStream copies what is written when it takes it", async () => {
  const { a, b, atA, atB } = setup();
  const bytes = pattern(8);
  a.write(bytes);
  await atA.until(() => atA.written === 8);
  bytes.fill(255);
  b.resume();
  await atB.until(() => atB.received === 8);
  assertEquals(concat(atB.chunks), pattern(8));
});

Deno.test("MemoryStream throws when a second write or an end comes while a write is at work", () => {
  const { a } = setup();
  a.write(pattern(1));
  assertThrows(() => a.write(pattern(1)), Error, "A second write");
  assertThrows(() => a.end(), Error, "An end while");
});

Deno.test("MemoryStream fail() tells the failure after the bytes that came before it", async () => {
  const { a, b, atA, atB, near } = setup();
  b.write(pattern(5));
  await atB.until(() => atB.written === 5);
  near.fail("ETIMEDOUT");
  near.fail("EPIPE");
  await setImmediate();
  assertEquals(atA.log, []);
  a.resume();
  await atA.saw("close");
  assertEquals([atA.log, atA.error?.code], [["data", "close"], "ETIMEDOUT"]);
  a.close();
  await setImmediate();
  assertEquals(atA.log, ["data", "close"]);
});

Deno.test("MemoryStream reset() fails the peer, and closes without an error", async () => {
  const { a, atA, atB } = setup();
  a.reset();
  await Promise.all([atA.saw("close"), atB.saw("close")]);
  assertEquals([atA.error, atB.error?.code], [null, "ECONNRESET"]);
});

Deno.test("MemoryStream close() fails the peer when bytes of it are left unread", async () => {
  const { a, b, atA, atB } = setup();
  a.write(pattern(5));
  await atA.until(() => atA.written === 5);
  b.close();
  await Promise.all([atA.saw("close"), atB.saw("close")]);
  assertEquals([atA.error?.code, atB.error], ["ECONNRESET", null]);
});

Deno.test("MemoryStream writes down what was done to it", async () => {
  const { a, atA, near } = setup();
  a.resume();
  a.pause();
  a.setNoDelay(true);
  a.setKeepAlive(false, 5);
  a.unref();
  a.ref();
  a.write(pattern(3));
  await atA.saw("written");
  a.end();
  a.close();
  a.close();
  await atA.saw("close");
  assertEquals(near.calls, [
    "resume",
    "pause",
    "setNoDelay(true)",
    "setKeepAlive(false, 5)",
    "unref",
    "ref",
    "write(3)",
    "end",
    "close",
  ]);
  assert(!atA.log.includes("finish"), "An end that close() cut off was answered");
});
