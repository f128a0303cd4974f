import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { LinkTimes } from "./link_times.ts";
import { settingsOf } from "./options.ts";

/** Longer than a time by what the shared timers round. */
const late = (ms: number) => ms + ms / 16 + 4;

function rig() {
  const clock = new FakeClock();
  const log: string[] = [];
  const owner = {
    listens: true,
    connection: { bytesWritten: 0, bufferedAmount: 0 },
    onSilence: () => void log.push("silence"),
    onLost: () => void log.push("lost"),
    onIdle: () => void log.push("idle"),
    onCloseTimeout: () => void log.push("close timeout"),
  };
  const options = {
    heartbeat: { interval: 1000, timeout: 1000 },
    idleTimeout: 5000,
    closeTimeout: 300,
  };
  const times = new LinkTimes(owner, settingsOf(options, new TimerQueue(clock)));
  return { clock, log, times, owner };
}

Deno.test("LinkTimes tells of silence, of a lost peer and of an idle connection", async () => {
  const { clock, log, times, owner } = rig();
  times.start(owner.connection);
  clock.advance(late(1000));
  assertEquals(log, ["silence"]);
  clock.advance(late(1000));
  for (let count = 0; count < 3; count++) await setImmediate();
  assertEquals(log, ["silence", "lost"]);
  clock.advance(5000);
  assertEquals(log, ["silence", "lost", "idle"]);
  times.end();
  assertEquals(clock.pending, 0);
});

Deno.test("LinkTimes puts off what heard() and moved() say", () => {
  const { clock, log, times, owner } = rig();
  times.start(owner.connection);
  for (let count = 0; count < 10; count++) {
    clock.advance(900);
    times.heard();
    times.moved();
  }
  assertEquals(log, []);
  times.end();
});

Deno.test("close() leaves only the time to close, which starts anew each time", () => {
  const { clock, log, times, owner } = rig();
  times.start(owner.connection);
  times.close();
  clock.advance(250);
  times.close();
  clock.advance(250);
  assertEquals(log, []);
  clock.advance(100);
  assertEquals(log, ["close timeout"]);
  times.end();
  times.close();
  assertEquals(clock.pending, 0);
});

Deno.test("close() gives a peer its time anew as long as it takes what waits before the close", () => {
  const { clock, log, times, owner } = rig();
  times.start(owner.connection);
  owner.connection.bufferedAmount = 1000;
  times.close();
  for (let count = 0; count < 3; count++) {
    owner.connection.bytesWritten += 1;
    clock.advance(late(300));
  }
  assertEquals(log, []);
  clock.advance(late(300));
  assertEquals(log, ["close timeout"]);
  times.end();
});
