import { assertEquals } from "@std/assert";
import { FakeClock } from "../_testing/fake_clock.ts";
import { TimerQueue } from "../_io/timers.ts";
import { Presence } from "./presence.ts";

Deno.test("Presence asks twice in short order, then from time to time, until it is stopped", () => {
  const clock = new FakeClock();
  let asked = 0;
  const presence = new Presence(new TimerQueue(clock), 1_000, () => asked++);
  const counts = [900, 300, 300, 10_000, 10_000].map((ms) => {
    clock.advance(ms);
    return asked;
  });
  assertEquals(counts, [0, 1, 2, 2, 3]);
  presence.stop();
  clock.advance(60_000);
  assertEquals([asked, clock.pending], [3, 0]);
});

Deno.test("Presence never asks when its time is without end", () => {
  const clock = new FakeClock();
  let asked = 0;
  const presence = new Presence(new TimerQueue(clock), Infinity, () => asked++);
  clock.advance(1_000_000);
  assertEquals([asked, clock.pending], [0, 0]);
  presence.stop();
});
