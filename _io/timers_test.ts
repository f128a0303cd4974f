import { assert, assertEquals, assertThrows } from "@std/assert";
import { FakeClock } from "../_testing/fake_clock.ts";
import { TimerQueue } from "./timers.ts";

/** Counts how often an alarm of the system would have been set. */
class CountingClock extends FakeClock {
  scheduled = 0;

  override schedule(callback: () => void, ms: number): () => void {
    this.scheduled += 1;
    return super.schedule(callback, ms);
  }
}

/** Calls back somewhat early, as the timers of a runtime may. */
class HastyClock extends FakeClock {
  override schedule(callback: () => void, ms: number): () => void {
    return super.schedule(callback, Math.max(0.1, ms - 0.5));
  }
}

Deno.test("TimerQueue has one alarm and one tick pending when ten thousand timeouts run", () => {
  const clock = new CountingClock();
  const timers = new TimerQueue(clock);
  let expired = 0;
  for (let index = 0; index < 10_000; index++) {
    timers.timeout(1000 + (index % 7) * 1000, () => expired++).start();
    assertEquals(clock.pending, index === 0 ? 1 : 2);
  }
  assertEquals(clock.scheduled, 2);
  clock.advance(100);
  assertEquals(clock.pending, 1);
  clock.advance(8000);
  assertEquals(expired, 10_000);
  assertEquals(clock.pending, 0);
  assert(clock.scheduled <= 8, `${clock.scheduled} alarms`);
});

Deno.test("TimerQueue sets the alarm anew when an earlier deadline comes", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const log: string[] = [];
  timers.timeout(10_000, () => log.push("late")).start();
  timers.timeout(100, () => log.push("early")).start();
  assertEquals(clock.pending, 1); // No tick: the queue was empty, and short ones look at the clock.
  clock.advance(110);
  assertEquals(log, ["early"]);
  assertEquals(clock.pending, 1);
  clock.advance(10_600);
  assertEquals(log, ["early", "late"]);
});

Deno.test("TimerQueue hold() holds the process until the last who wants that lets go", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const holds = [timers.hold(), timers.hold()] as const;
  const alarm = timers.timeout(100, () => {});
  alarm.start();
  assertEquals([clock.pending, clock.holding], [2, 1]);
  clock.advance(1e9);
  assertEquals([clock.pending, clock.holding], [1, 1]);
  holds[0]();
  holds[0]();
  assertEquals(clock.holding, 1);
  holds[1]();
  assertEquals(clock.pending, 0);
  timers.hold()();
  assertEquals(clock.pending, 0);
});

Deno.test("TimerQueue waits on when the clock calls back early", () => {
  const clock = new HastyClock();
  const timers = new TimerQueue(clock);
  let at = NaN;
  timers.timeout(100, () => at = clock.now()).start();
  clock.advance(200);
  assert(at >= 100 && at < 111, `${at}`);
});

Deno.test("Timeout expires once, not early and at most an eighth and 4 ms late, when started", () => {
  for (const begin of [0, 1, 13.7, 1001]) {
    for (const duration of [0, 1, 3, 4, 17, 64, 100, 1000, 5000, 30_000, 120_000]) {
      const clock = new FakeClock();
      clock.advance(begin);
      const timers = new TimerQueue(clock);
      const times: number[] = [];
      timers.timeout(duration, () => times.push(clock.now() - begin)).start();
      clock.advance(3 * duration + 100);
      const [took = NaN] = times;
      assertEquals(times.length, 1, `${duration} from ${begin}`);
      assert(took >= duration, `${took} for ${duration} from ${begin}`);
      assert(took <= duration * 18 / 16 + 4, `${took} for ${duration} from ${begin}`);
    }
  }
});

Deno.test("Timeout tells its owner which of them expired when it has one", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const expired: unknown[] = [];
  const owner = { onExpired: (timeout: unknown) => void expired.push(timeout) };
  const [later, sooner] = [timers.timeout(2000, owner), timers.timeout(1000, owner)];
  later.start();
  sooner.start();
  clock.advance(4000);
  assert(expired[0] === sooner && expired[1] === later);
});

Deno.test("Timeout touch() puts the deadline off to a full duration from then when it runs", () => {
  const clock = new CountingClock();
  const timers = new TimerQueue(clock);
  const times: number[] = [];
  const timeout = timers.timeout(1000, () => times.push(clock.now()));
  timeout.start();
  for (let round = 0; round < 100; round++) {
    clock.advance(90);
    timeout.touch();
  }
  assertEquals(times, []);
  // Touching notes the time and nothing more: only a bucket that came due costs an alarm.
  assert(clock.scheduled <= 11, `${clock.scheduled} alarms`);
  clock.advance(999);
  assertEquals(times, []);
  clock.advance(70);
  assertEquals(times.length, 1);
  assertEquals(timeout.active, false);
});

Deno.test("Timeout touch() starts it when it does not run", () => {
  const clock = new FakeClock();
  let expired = 0;
  const timeout = new TimerQueue(clock).timeout(100, () => expired++);
  assertEquals([timeout.active, clock.pending], [false, 0]);
  timeout.touch();
  assertEquals([timeout.active, clock.pending], [true, 1]);
  clock.advance(110);
  assertEquals(expired, 1);
});

Deno.test("Timeout start() runs it again when it has expired, also from its own callback", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const times: number[] = [];
  const timeout = timers.timeout(64, () => {
    times.push(clock.now());
    if (times.length < 3) timeout.start();
  });
  timeout.start();
  clock.advance(1000);
  assertEquals(times, [64, 128, 192]);
  timeout.start();
  clock.advance(1000);
  assertEquals(times.length, 4);
  assertEquals(clock.pending, 0);
});

Deno.test("Timeout stop() leaves no alarm pending when it was the last", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const fail = () => {
    throw new Error("Expired although stopped");
  };
  const timeouts = [10, 100, 100, 1000].map((ms) => timers.timeout(ms, fail));
  for (const timeout of timeouts) timeout.start();
  for (const timeout of timeouts) {
    assertEquals([timeout.active, clock.pending], [true, 1]);
    timeout.stop();
    assertEquals(timeout.active, false);
  }
  assertEquals(clock.pending, 0);
  timeouts[0]!.stop();
  clock.advance(10_000);
});

Deno.test("Timeout stop() leaves the others running when they share its deadline", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const log: string[] = [];
  const [a, b] = ["a", "b"].map((name) => timers.timeout(100, () => log.push(name)));
  a!.start();
  b!.start();
  a!.stop();
  clock.advance(200);
  assertEquals(log, ["b"]);
});

Deno.test("Timeout stop() keeps it from expiring when another that comes due with it calls it", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const log: string[] = [];
  const a = timers.timeout(100, () => {
    log.push("a");
    b.stop();
  });
  const b = timers.timeout(100, () => log.push("b"));
  a.start();
  b.start();
  clock.advance(1000);
  assertEquals(log, ["a"]);
  assertEquals([b.active, clock.pending], [false, 0]);
});

Deno.test("Timeout touch() puts it off when another that comes due with it calls it", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const times: number[] = [];
  const a = timers.timeout(100, () => b.touch());
  const b = timers.timeout(100, () => times.push(clock.now()));
  a.start();
  b.start();
  clock.advance(150);
  assertEquals(times, []);
  clock.advance(100);
  assertEquals(times.length, 1);
});

Deno.test("TimerQueue now() tells the clock's time when it has moved", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  clock.advance(12);
  assertEquals(timers.now(), 12);
});

Deno.test("Timeout startWith() moves the deadline when the new duration is shorter or longer", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const times: number[] = [];
  const timeout = timers.timeout(1000, () => times.push(clock.now()));
  timeout.start();
  timeout.startWith(64);
  clock.advance(80);
  assertEquals(times.length, 1);
  timeout.startWith(64);
  timeout.startWith(640);
  clock.advance(600);
  assertEquals(times.length, 1);
  clock.advance(100);
  assertEquals(times.length, 2);
  timeout.startWith(Infinity);
  assertEquals([timeout.active, clock.pending], [false, 0]);
});

Deno.test("Timeout suspend() keeps it from expiring until it is started again", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  const times: number[] = [];
  const timeout = timers.timeout(100, () => times.push(clock.now()));
  timeout.start();
  timeout.suspend();
  clock.advance(1000);
  assertEquals([times, timeout.active, clock.pending], [[], false, 0]);
  timeout.start();
  timeout.suspend();
  timeout.startWith(100);
  clock.advance(120);
  assertEquals(times.length, 1);
});

Deno.test("TimerQueue roughNow() gives the time of the last tick when timeouts run", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  clock.advance(10);
  assertEquals([timers.roughNow(), clock.pending], [10, 0]);
  const timeout = timers.timeout(60_000, () => {});
  timeout.start();
  assertEquals([timers.roughNow(), clock.pending], [10, 2]);
  clock.advance(63);
  assertEquals(timers.roughNow(), 10);
  clock.advance(1);
  assertEquals([clock.pending, timers.roughNow(), clock.pending], [1, 74, 2]);
  timeout.stop();
  assertEquals(clock.pending, 0);
  clock.advance(5);
  assertEquals(timers.roughNow(), 79);
});

Deno.test("Timeout startWith() never expires early when it counts from a rough time", () => {
  const clock = new FakeClock();
  const timers = new TimerQueue(clock);
  timers.timeout(60_000, () => {}).start();
  for (const step of [0, 1, 30, 62]) {
    timers.roughNow();
    clock.advance(step);
    const begin = clock.now();
    let took = NaN;
    timers.timeout(0, () => took = clock.now() - begin).startWith(2000);
    clock.advance(3000);
    assert(took >= 2000 && took <= 2254, `${took}`);
  }
});

/** Calls nothing back while it is blocked. */
class BlockedClock extends FakeClock {
  #blocked: (() => void)[] | null = null;

  override schedule(callback: () => void, ms: number): () => void {
    return super.schedule(() => {
      if (this.#blocked === null) callback();
      else this.#blocked.push(callback);
    }, ms);
  }

  block(ms: number): void {
    this.#blocked = [];
    this.advance(ms);
    const late = this.#blocked;
    this.#blocked = null;
    for (const callback of late) callback();
  }
}

Deno.test("Timeout begins anew when the event loop was kept from turning past its deadline", () => {
  const clock = new BlockedClock();
  const timers = new TimerQueue(clock);
  let expired = 0;
  timers.timeout(5000, () => expired++).start();
  clock.advance(4000);
  clock.block(60_000);
  assertEquals(expired, 0);
  clock.advance(4990);
  assertEquals(expired, 0);
  clock.advance(700);
  assertEquals([expired, clock.pending], [1, 0]);
});

Deno.test("TimerQueue defer() calls back in order and by one turn of the clock, though one throws", () => {
  const turns: (() => void)[] = [];
  const queue = new TimerQueue({
    now: () => 0,
    schedule: () => () => {},
    defer: (callback) => turns.push(callback),
  });
  const log: string[] = [];
  queue.defer(() => {
    log.push("a");
    queue.defer(() => log.push("d"));
  });
  queue.defer(() => {
    log.push("b");
    throw new Error("b");
  });
  queue.defer(() => log.push("c"));
  assertEquals(turns.length, 1);
  assertThrows(turns[0]!, Error, "b");
  assertEquals([log, turns.length], [["a", "b"], 2]);
  turns[1]!();
  assertEquals([log, turns.length], [["a", "b", "d", "c"], 2]);
});

Deno.test("Timeout expires when its alarm comes somewhat late", () => {
  const clock = new BlockedClock();
  let expired = 0;
  new TimerQueue(clock).timeout(500, () => expired++).start();
  clock.block(1400);
  assertEquals(expired, 1);
});
