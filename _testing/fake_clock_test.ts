import { assertEquals } from "@std/assert";
import { FakeClock } from "./fake_clock.ts";

Deno.test("FakeClock advance() calls back in order of time when several come due", () => {
  const clock = new FakeClock();
  const calls: string[] = [];
  clock.schedule(() => calls.push(`late ${clock.now()}`), 20);
  clock.schedule(() => {
    calls.push(`early ${clock.now()}`);
    clock.schedule(() => calls.push(`added ${clock.now()}`), 5);
  }, 10);
  clock.advance(9);
  assertEquals(calls, []);
  clock.advance(100);
  assertEquals(calls, ["early 10", "added 15", "late 20"]);
  assertEquals(clock.now(), 109);
});

Deno.test("FakeClock schedule() calls nothing back when it was stopped", () => {
  const clock = new FakeClock();
  const stop = clock.schedule(() => {
    throw new Error("Called");
  }, 1);
  stop();
  clock.advance(10);
  assertEquals(clock.pending, 0);
});
