import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { Heartbeat } from "./heartbeat.ts";

/** Longer than a time by what the shared timers round. */
const late = (ms: number) => ms + ms / 16 + 4;

function rig(heartbeatInterval = 1000, heartbeatTimeout = 500) {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const log: string[] = [];
  const owner = {
    listens: true,
    connection: { bytesWritten: 0, bufferedAmount: 0 },
    onSilence: () => void log.push("silence"),
    onLost: () => void log.push("lost"),
  };
  const heartbeat = new Heartbeat(owner, { timers, heartbeatInterval, heartbeatTimeout });
  heartbeat.start(owner.connection);
  return { clock, log, owner, heartbeat };
}

/** Lets what was put off to the next turns happen. */
async function turns(): Promise<void> {
  for (let count = 0; count < 3; count++) await setImmediate();
}

Deno.test("Heartbeat asks after a silence, and gives up when nobody answers", async () => {
  const { clock, log } = rig();
  clock.advance(late(1000));
  assertEquals(log, ["silence"]);
  clock.advance(late(500));
  await turns();
  assertEquals(log, ["silence", "lost"]);
});

Deno.test("Heartbeat is content with any sign of life", async () => {
  const { clock, log, heartbeat } = rig();
  for (let count = 0; count < 5; count++) {
    clock.advance(900);
    heartbeat.heard();
  }
  assertEquals(log, []);
  clock.advance(late(1000));
  heartbeat.heard();
  clock.advance(900);
  await turns();
  assertEquals(log, ["silence"]);
  clock.advance(late(1000) - 900);
  assertEquals(log, ["silence", "silence"]);
  heartbeat.stop();
});

Deno.test("Heartbeat hears an answer that came while the process was busy", async () => {
  const { clock, log, heartbeat } = rig();
  clock.advance(late(1000));
  clock.advance(100_000);
  // The answer is read in the turn after the timer.
  heartbeat.heard();
  await turns();
  assertEquals(log, ["silence"]);
  heartbeat.stop();
});

Deno.test("Heartbeat does not call silent whom nobody listens to", async () => {
  const { clock, log, owner, heartbeat } = rig();
  owner.listens = false;
  clock.advance(10_000);
  owner.listens = true;
  clock.advance(late(1000));
  owner.listens = false;
  clock.advance(10_000);
  await turns();
  assertEquals(log, ["silence"]);
  heartbeat.stop();
});

Deno.test("Heartbeat waits for a peer that takes what waited, as long as it takes some", async () => {
  const { clock, log, owner } = rig();
  Object.assign(owner.connection, { bytesWritten: 100, bufferedAmount: 50 });
  clock.advance(late(1000));
  for (const bytesWritten of [110, 150]) {
    Object.assign(owner.connection, { bytesWritten, bufferedAmount: 150 - bytesWritten });
    clock.advance(late(500));
    await turns();
    assertEquals(log, ["silence"]);
  }
  // What goes out while nothing waits is taken by the system, whoever is there.
  Object.assign(owner.connection, { bytesWritten: 200 });
  clock.advance(late(500));
  await turns();
  assertEquals(log, ["silence", "lost"]);
});

Deno.test("Heartbeat gives up a peer that takes none of what waits", async () => {
  const { clock, log, owner } = rig();
  Object.assign(owner.connection, { bytesWritten: 100, bufferedAmount: 50 });
  clock.advance(late(1000));
  clock.advance(late(500));
  await turns();
  assertEquals(log, ["silence", "lost"]);
});

Deno.test("Heartbeat does nothing when there is to be none, or after stop()", async () => {
  const off = rig(Infinity);
  off.heartbeat.heard();
  off.clock.advance(1e9);
  assertEquals([off.log, off.clock.pending], [[], 0]);
  const { clock, log, heartbeat } = rig();
  clock.advance(late(1000));
  clock.advance(late(500));
  heartbeat.stop();
  await turns();
  assertEquals([log, clock.pending], [["silence"], 0]);
});
