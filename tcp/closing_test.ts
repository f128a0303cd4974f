import { assertEquals, assertRejects } from "@std/assert";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { Closing } from "./closing.ts";

function setup(): { clock: FakeClock; closing: Closing; forced: () => number } {
  const clock = new FakeClock();
  let forced = 0;
  const closing = new Closing(new TimerQueue(clock), () => forced++);
  return { clock, closing, forced: () => forced };
}

Deno.test("Closing wait() uses force once its time is up, at once when that is 0", async () => {
  const { clock, closing, forced } = setup();
  const slow = closing.wait(1000, undefined);
  clock.advance(900);
  assertEquals(forced(), 0);
  clock.advance(200);
  assertEquals(forced(), 1);
  const fast = closing.wait(0, undefined);
  assertEquals(forced(), 2);
  closing.settle();
  await Promise.all([slow, fast]);
  assertEquals(clock.pending, 0);
});

Deno.test("Closing wait() rejects when its signal aborts, and others wait on", async () => {
  const { clock, closing, forced } = setup();
  const stop = new AbortController();
  const waits = [closing.wait(Infinity, undefined), closing.wait(Infinity, stop.signal)] as const;
  stop.abort(new Error("Enough"));
  await assertRejects(() => waits[1], Error, "Enough");
  closing.settle();
  await waits[0];
  assertEquals([forced(), clock.pending], [0, 0]);
});

Deno.test("Closing holdProcess() keeps one alarm that holds until it is settled", () => {
  const { clock, closing } = setup();
  closing.holdProcess(true);
  closing.holdProcess(true);
  assertEquals(clock.holding, 1);
  closing.holdProcess(false);
  assertEquals(clock.holding, 0);
  closing.holdProcess(true);
  closing.settle();
  assertEquals([clock.holding, clock.pending], [0, 0]);
});
