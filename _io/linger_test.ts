import { assertEquals, assertRejects } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { NetError, netError } from "../_core/errors.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { Linger, type LingerOptions } from "./linger.ts";
import { ReadQueue } from "./read_queue.ts";
import { TimerQueue } from "./timers.ts";

const TIME = 1024;
/** A time and what rounding may add to it. */
const OVER = TIME + TIME / 8 + 4;

interface Rig {
  readonly clock: FakeClock;
  readonly reads: ReadQueue<Uint8Array>;
  readonly linger: Linger;
  /** How often the connection was given up. */
  readonly givenUp: () => number;
  /** How often its last bytes were given up. */
  readonly stalled: () => number;
}

function setup(
  options: Partial<LingerOptions> & { cutsReader?: boolean } = {},
  listens = false,
): Rig {
  const clock = new FakeClock();
  const reads = new ReadQueue<Uint8Array>({
    deliver: () => listens,
    listening: () => listens,
    deliverEnd: () => {},
    deliverFailure: () => {},
    setReading: () => {},
    sizeOf: (chunk) => chunk.length,
  }, 65_536);
  const settings = {
    lingerTimeout: TIME,
    stallTimeout: Infinity,
    lingerBytes: 100,
    timers: new TimerQueue(clock),
  };
  let count = 0;
  let stalls = 0;
  const linger = new Linger({ ...settings, ...options }, reads, {
    cutsReader: () => options.cutsReader ?? false,
    onSilence: () => count++,
    onStall: () => stalls++,
  });
  return { clock, reads, linger, givenUp: () => count, stalled: () => stalls };
}

Deno.test("Linger gives up once when nobody reads and the peer is silent", () => {
  const { clock, linger, givenUp } = setup();
  linger.start(false);
  clock.advance(TIME - 1);
  assertEquals(givenUp(), 0);
  clock.advance(OVER - TIME + 1);
  assertEquals(givenUp(), 1);
  clock.advance(10 * TIME);
  assertEquals([givenUp(), clock.pending], [1, 0]);
});

Deno.test("Linger touch() starts the time anew when it runs, and does nothing when it does not", () => {
  const { clock, linger, givenUp } = setup();
  linger.touch();
  assertEquals(clock.pending, 0);
  linger.start(false);
  clock.advance(TIME - 100);
  linger.touch();
  clock.advance(TIME - 1);
  assertEquals(givenUp(), 0);
  clock.advance(OVER - TIME + 1);
  assertEquals(givenUp(), 1);
  linger.touch();
  assertEquals(clock.pending, 0);
});

Deno.test("Linger sets no timer when its time is without limit", () => {
  const { clock, linger, givenUp } = setup({ lingerTimeout: Infinity });
  linger.start(false);
  linger.touch();
  assertEquals(clock.pending, 0);
  clock.advance(1e9);
  assertEquals(givenUp(), 0);
  linger.stop();
});

Deno.test("Linger stop() leaves nothing pending when it runs, and may come before start()", () => {
  const { clock, linger, givenUp } = setup();
  linger.stop();
  linger.start(false);
  assertEquals(clock.pending, 1);
  linger.stop();
  assertEquals(clock.pending, 0);
  clock.advance(10 * TIME);
  assertEquals(givenUp(), 0);
});

Deno.test("Linger dropped() is true when more than the allowed bytes were dropped in all", () => {
  const { linger } = setup({ lingerBytes: 100 });
  assertEquals([60, 40, 1, 0].map((count) => linger.dropped(count)), [false, false, true, true]);
});

Deno.test("Linger waits on when a reader is at work and is not to be cut off", async () => {
  const { clock, reads, linger, givenUp } = setup();
  const reading = reads.read();
  linger.start(false);
  clock.advance(100 * TIME);
  assertEquals([givenUp(), clock.pending], [0, 1]);
  reads.abortPending(netError("ETIMEDOUT", "Cannot read: enough"));
  await assertRejects(() => reading, NetError);
  clock.advance(OVER);
  assertEquals(givenUp(), 1);
});

Deno.test("Linger gives up although a reader is at work when readers are cut off", () => {
  const { clock, reads, linger, givenUp } = setup({ cutsReader: true });
  reads.claim("iteration");
  linger.start(false);
  clock.advance(OVER);
  assertEquals(givenUp(), 1);
});

Deno.test("Linger lets a reader go on when only unread data is left, even if readers are cut off", () => {
  const { clock, reads, linger, givenUp } = setup({ cutsReader: true });
  reads.claim("iteration");
  linger.start(true);
  clock.advance(100 * TIME);
  assertEquals(givenUp(), 0);
  reads.release();
  clock.advance(OVER);
  assertEquals(givenUp(), 1);
});

Deno.test("Linger gives up when the listeners are paused", () => {
  const { clock, reads, linger, givenUp } = setup({}, true);
  reads.listen();
  linger.start(false);
  clock.advance(10 * TIME);
  assertEquals(givenUp(), 0);
  reads.pause();
  clock.advance(OVER);
  assertEquals(givenUp(), 1);
});

Deno.test("Linger drops what waits when the time is over the first time, and gives up the second", async () => {
  const { clock, reads, linger, givenUp } = setup();
  reads.push(new Uint8Array(10));
  linger.start(false);
  clock.advance(OVER);
  assertEquals([givenUp(), reads.size, reads.dropping], [0, 0, true]);
  await setImmediate();
  clock.advance(OVER);
  assertEquals(givenUp(), 1);
});

Deno.test("Linger gives up at once when only unread data is left and nobody reads it", () => {
  const { clock, reads, linger, givenUp } = setup();
  reads.push(new Uint8Array(10));
  linger.start(true);
  clock.advance(OVER);
  assertEquals(givenUp(), 1);
});

Deno.test("Linger gives up when what comes in is dropped", () => {
  for (const begin of ["drop", "resume"] as const) {
    const { clock, reads, linger, givenUp } = setup();
    if (begin === "drop") reads.drop();
    else reads.resume(false);
    linger.start(false);
    clock.advance(OVER);
    assertEquals(givenUp(), 1);
  }
});

Deno.test("Linger start() gives a full time when the stream closes while it runs", () => {
  const { clock, linger, givenUp } = setup();
  linger.start(false);
  clock.advance(TIME - 100);
  linger.start(true);
  clock.advance(TIME - 1);
  assertEquals(givenUp(), 0);
  clock.advance(OVER - TIME + 1);
  assertEquals(givenUp(), 1);
});

Deno.test("Linger tells of a stall when our last bytes make no progress, and of none when they do", () => {
  const { clock, linger, givenUp, stalled } = setup({ stallTimeout: TIME });
  linger.startSending();
  for (let round = 0; round < 5; round++) {
    clock.advance(TIME - 100);
    linger.sent();
  }
  assertEquals(stalled(), 0);
  clock.advance(OVER + 100);
  assertEquals([stalled(), givenUp(), clock.pending], [1, 0, 0]);
});

Deno.test("Linger forgets the stall when our end was taken", () => {
  const { clock, linger, givenUp, stalled } = setup({ stallTimeout: TIME });
  linger.startSending();
  linger.start(false);
  clock.advance(2 * OVER);
  assertEquals([stalled(), givenUp(), clock.pending], [0, 1, 0]);
});
