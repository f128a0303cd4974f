import { assert, assertEquals } from "@std/assert";
import { nextTurn, sharedTimers, systemClock } from "./clock.ts";

Deno.test("systemClock schedule() calls back when the time has passed", async () => {
  const before = systemClock.now();
  // The clock's own timer does not hold the process; the test's does.
  const hold = setInterval(() => {}, 1000);
  await new Promise<void>((resolve) => systemClock.schedule(resolve, 20));
  clearInterval(hold);
  assert(systemClock.now() - before >= 19);
});

Deno.test("systemClock schedule() leaves nothing behind when stopped", () => {
  systemClock.schedule(() => {
    throw new Error("Called");
  }, 5)();
});

Deno.test("sharedTimers leave nothing behind when the last timeout is stopped", () => {
  const timeout = sharedTimers.timeout(10_000, () => {});
  timeout.start();
  assertEquals(timeout.active, true);
  timeout.stop();
  assertEquals(timeout.active, false);
});

Deno.test("nextTurn() resolves after every microtask of this turn", async () => {
  const order: string[] = [];
  const turn = nextTurn().then(() => order.push("turn"));
  await Promise.resolve().then(() => queueMicrotask(() => order.push("microtask")));
  await turn;
  assertEquals(order, ["microtask", "turn"]);
});
