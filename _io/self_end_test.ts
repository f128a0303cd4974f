import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { FakeClock } from "../_testing/fake_clock.ts";
import { ReadQueue } from "./read_queue.ts";
import { SelfEnd } from "./self_end.ts";
import { TimerQueue } from "./timers.ts";

const TIME = 1024;
/** A time and what rounding may add to it. */
const OVER = TIME + TIME / 16 + 4;

interface Rig {
  readonly clock: FakeClock;
  readonly reads: ReadQueue<Uint8Array>;
  readonly selfEnd: SelfEnd;
  /** How often our side was ended. */
  readonly ended: () => number;
}

function setup(patience = TIME): Rig {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const reads = new ReadQueue<Uint8Array>({
    deliver: () => true,
    listening: () => true,
    deliverEnd: () => {},
    deliverFailure: () => {},
    setReading: () => {},
    sizeOf: (chunk) => chunk.length,
  }, 65_536);
  let count = 0;
  const selfEnd: SelfEnd = new SelfEnd(reads, timers, patience, () => {
    count += 1;
    // Who ends our side decides about it, whatever made him.
    selfEnd.stop();
  });
  return { clock, reads, selfEnd, ended: () => count };
}

Deno.test("SelfEnd ends in the next turn of the event loop when listeners read", async () => {
  const { clock, reads, selfEnd, ended } = setup();
  reads.listen();
  reads.end();
  selfEnd.start();
  await Promise.resolve();
  assertEquals([ended(), selfEnd.happened], [0, false]);
  await setImmediate();
  assertEquals([ended(), selfEnd.happened, clock.pending], [1, true, 0]);
});

Deno.test("SelfEnd waits until whoever pulls has taken the end", async () => {
  const { clock, reads, selfEnd, ended } = setup();
  reads.push(new Uint8Array(1));
  reads.end();
  await reads.read();
  selfEnd.start();
  await setImmediate();
  assertEquals(ended(), 0);
  assertEquals(await reads.read(), null);
  assertEquals(ended(), 0);
  await setImmediate();
  assertEquals([ended(), clock.pending], [1, 0]);
});

Deno.test("SelfEnd does not end when it is stopped before, or in the turn between", async () => {
  for (const when of ["before", "between"]) {
    const { clock, reads, selfEnd, ended } = setup();
    reads.push(new Uint8Array(1));
    reads.end();
    await reads.read();
    selfEnd.start();
    if (when === "before") selfEnd.stop();
    await reads.read();
    selfEnd.stop();
    await setImmediate();
    clock.advance(10 * OVER);
    assertEquals([ended(), selfEnd.happened, clock.pending], [0, false, 0], when);
  }
});

Deno.test("SelfEnd ends when a reader that took data never comes back for the end", async () => {
  const { clock, reads, selfEnd, ended } = setup();
  reads.push(new Uint8Array(1));
  reads.end();
  await reads.read();
  selfEnd.start();
  clock.advance(TIME - 1);
  assertEquals(ended(), 0);
  clock.advance(OVER - TIME + 1);
  await setImmediate();
  assertEquals([ended(), clock.pending], [1, 0]);
});

Deno.test("SelfEnd waits on for an iteration that is between two reads", async () => {
  const { clock, reads, selfEnd, ended } = setup();
  reads.push(new Uint8Array(1));
  reads.end();
  reads.claim("iteration");
  await reads.pull();
  selfEnd.start();
  clock.advance(10 * OVER);
  await setImmediate();
  assertEquals(ended(), 0);
  await reads.pull();
  await setImmediate();
  assertEquals([ended(), clock.pending], [1, 0]);
});

Deno.test("SelfEnd sets no timer when its patience is without limit", async () => {
  const { clock, reads, selfEnd, ended } = setup(Infinity);
  reads.push(new Uint8Array(1));
  reads.end();
  await reads.read();
  selfEnd.start();
  assertEquals(clock.pending, 0);
  clock.advance(1e9);
  await setImmediate();
  assertEquals(ended(), 0);
  selfEnd.stop();
});

Deno.test("SelfEnd ends once when the reader comes back after the time is over", async () => {
  const { clock, reads, selfEnd, ended } = setup();
  reads.push(new Uint8Array(1));
  reads.end();
  await reads.read();
  selfEnd.start();
  clock.advance(OVER);
  await reads.read();
  await setImmediate();
  assertEquals(ended(), 1);
});
