import { assertEquals } from "@std/assert";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { clientSettings } from "./client_options.ts";
import { ClientWait, type Phase } from "./client_wait.ts";

const { timeouts } = clientSettings({
  timeouts: { head: 1000, body: 2000, continue: 500, keepAlive: 100 },
});

function stage() {
  const clock = new FakeClock();
  const expired: Phase[] = [];
  const wait = new ClientWait(new TimerQueue(clock), timeouts, (phase) => expired.push(phase));
  return { clock, wait, expired };
}

const TIMES: [Phase, number][] = [
  ["continue", 500],
  ["head", 1000],
  ["sending", 2000],
  ["content", 2000],
  ["unread", 2000],
];

for (const [phase, time] of TIMES) {
  Deno.test(`ClientWait expires after ${time} ms when it waits for ${phase}`, () => {
    const { clock, wait, expired } = stage();
    wait.begin();
    wait.enter(phase);
    clock.advance(time / 2);
    // The same phase again is no new one.
    wait.enter(phase);
    clock.advance(time / 2 - 1);
    assertEquals(expired, []);
    clock.advance(time / 8 + 1);
    assertEquals(expired, [phase]);
    wait.stop();
  });
}

Deno.test("ClientWait gives content its whole time when a part of it moved, and others not", () => {
  for (const [phase] of TIMES) {
    const { clock, wait, expired } = stage();
    wait.begin();
    wait.enter(phase);
    for (let i = 0; i < 8; i++) {
      clock.advance(400);
      wait.moved();
    }
    assertEquals(expired.length > 0, phase !== "content" && phase !== "sending", phase);
    wait.stop();
  }
});

Deno.test("ClientWait never expires when it is held, and does when it rests", () => {
  const { clock, wait, expired } = stage();
  wait.begin();
  wait.enter("head");
  wait.enter("held");
  clock.advance(100_000);
  assertEquals(expired, []);
  wait.rest(100);
  clock.advance(200);
  assertEquals(expired, ["idle"]);
});

Deno.test("ClientWait expires no more when it is stopped", () => {
  const { clock, wait, expired } = stage();
  wait.enter("head");
  wait.stop();
  clock.advance(100_000);
  assertEquals([expired, clock.pending], [[], 0]);
});
