import { assertEquals, assertRejects } from "@std/assert";
import { PendingPings, pingPayload } from "./pings.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("PendingPings answers a ping and those before it", async () => {
  const pings = new PendingPings();
  const times = [pings.add(bytes("a"), 10), pings.add(bytes("b"), 20), pings.add(bytes("c"), 30)];
  pings.answer(bytes("b"), 100);
  assertEquals([await times[0], await times[1], pings.size], [90, 80, 1]);
  pings.answer(bytes("c"), 130);
  assertEquals([await times[2], pings.size], [100, 0]);
});

Deno.test("PendingPings takes no notice of a pong that nobody asked for", async () => {
  const pings = new PendingPings();
  const time = pings.add(bytes("a"), 0);
  pings.answer(bytes("x"), 1);
  pings.answer(bytes(""), 1);
  assertEquals(pings.size, 1);
  pings.answer(bytes("a"), 2);
  assertEquals(await time, 2);
});

Deno.test("fail() rejects all who wait", async () => {
  const pings = new PendingPings();
  const time = pings.add(bytes("a"), 0);
  pings.fail(new Error("gone"));
  await assertRejects(() => time, Error, "gone");
  assertEquals(pings.size, 0);
});

Deno.test("pingPayload() gives other bytes when the number is another", () => {
  assertEquals([...pingPayload(0x01020304)], [1, 2, 3, 4]);
});
