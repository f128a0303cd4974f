import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { Deferred } from "../_core/deferred.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { interleave, race, RaceFailure, type RaceTarget } from "./race.ts";

interface Target extends RaceTarget {
  readonly name: string;
}

function targets(names: string): Target[] {
  return [...names].map((name) => ({ name, family: name < "a" ? 4 : 6 }));
}

/** A race whose attempts end when the test says so. */
class Rig {
  readonly clock = new FakeClock();
  readonly stop = new AbortController();
  readonly started: string[] = [];
  readonly aborted: string[] = [];
  readonly discarded: string[] = [];
  readonly result: Promise<string>;
  readonly #attempts = new Map<string, Deferred<string>>();

  constructor(names: string, delay = 250, abortedBefore = false) {
    if (abortedBefore) this.stop.abort(new Error("Before"));
    this.result = race<Target, string>(targets(names), {
      attempt: ({ name }, signal) => this.#attempt(name, signal),
      discard: (result) => this.discarded.push(result),
      delay,
      signal: this.stop.signal,
      clock: this.clock,
    });
    this.result.catch(() => {});
  }

  #attempt(name: string, signal: AbortSignal): Promise<string> {
    assert(!signal.aborted, `${name} was started in vain`);
    this.started.push(name);
    signal.addEventListener("abort", () => this.aborted.push(name));
    const attempt = new Deferred<string>();
    this.#attempts.set(name, attempt);
    return attempt.promise;
  }

  async succeed(name: string): Promise<void> {
    this.#attempts.get(name)?.resolve(name);
    await setImmediate();
  }

  async fail(name: string): Promise<void> {
    this.#attempts.get(name)?.reject(new Error(name));
    await setImmediate();
  }
}

Deno.test("interleave() alternates the families, beginning with that of the first address", () => {
  const mixed = (names: string) => interleave(targets(names)).map(({ name }) => name).join("");
  assertEquals(mixed("abcAB"), "aAbBc");
  assertEquals(mixed("ABCab"), "AaBbC");
  assertEquals(mixed("Aabc"), "Aabc");
  assertEquals(mixed("ABC"), "ABC");
  assertEquals(mixed(""), "");
});

Deno.test("race() gives each address a head start when none of them answers", async () => {
  const rig = new Rig("abc");
  assertEquals([rig.started, rig.clock.pending], [["a"], 1]);
  rig.clock.advance(249);
  assertEquals(rig.started, ["a"]);
  rig.clock.advance(1);
  assertEquals(rig.started, ["a", "b"]);
  rig.clock.advance(250);
  assertEquals([rig.started, rig.clock.pending], [["a", "b", "c"], 0]);
  await rig.succeed("b");
  assertEquals(await rig.result, "b");
});

Deno.test("race() stops the others and starts no more when one has succeeded", async () => {
  const rig = new Rig("abc");
  rig.clock.advance(250);
  await rig.succeed("b");
  assertEquals(await rig.result, "b");
  assert(rig.aborted.includes("a"));
  assertEquals(rig.clock.pending, 0);
  rig.clock.advance(1000);
  await rig.fail("a");
  assertEquals(rig.started, ["a", "b"]);
});

Deno.test("race() discards the result of an attempt that came in second", async () => {
  const rig = new Rig("ab");
  rig.clock.advance(250);
  await rig.succeed("a");
  await rig.succeed("b");
  assertEquals([await rig.result, rig.discarded], ["a", ["b"]]);
});

Deno.test("race() starts the next at once when one fails, and the head start begins anew", async () => {
  const rig = new Rig("abcd");
  rig.clock.advance(200);
  await rig.fail("a");
  assertEquals([rig.started, rig.clock.pending], [["a", "b"], 1]);
  rig.clock.advance(249);
  assertEquals(rig.started, ["a", "b"]);
  rig.clock.advance(1);
  assertEquals(rig.started, ["a", "b", "c"]);
  await rig.succeed("c");
  assertEquals(await rig.result, "c");
});

Deno.test("race() waits for those at work when a late one fails and none is left to start", async () => {
  const rig = new Rig("ab");
  rig.clock.advance(250);
  await rig.fail("b");
  assertEquals(rig.clock.pending, 0);
  await rig.succeed("a");
  assertEquals(await rig.result, "a");
});

Deno.test("race() rejects with every error in the order of the addresses when all fail", async () => {
  const rig = new Rig("abc", 10);
  rig.clock.advance(100);
  for (const name of ["c", "a", "b"]) await rig.fail(name);
  const failure = await assertRejects(() => rig.result, RaceFailure);
  assertEquals(failure.errors.map((error) => (error as Error).message), ["a", "b", "c"]);
  assertEquals(rig.clock.pending, 0);
});

Deno.test("race() rejects with the reason and stops everything when its signal aborts", async () => {
  const rig = new Rig("abc");
  rig.clock.advance(250);
  const reason = new Error("Enough");
  rig.stop.abort(reason);
  assertStrictEquals(await assertRejects(() => rig.result), reason);
  assertEquals([rig.aborted, rig.clock.pending], [["a", "b"], 0]);
  await rig.succeed("a");
  await rig.fail("b");
  assertEquals([rig.discarded, rig.started], [["a"], ["a", "b"]]);
});

Deno.test("race() starts nothing when its signal has aborted before", async () => {
  const rig = new Rig("ab", 250, true);
  await assertRejects(() => rig.result, Error, "Before");
  assertEquals([rig.started, rig.clock.pending], [[], 0]);
});

Deno.test("race() starts all at once when the head start is 0", async () => {
  const rig = new Rig("abc", 0);
  rig.clock.advance(0);
  assertEquals(rig.started, ["a", "b", "c"]);
  await rig.succeed("c");
  assertEquals(await rig.result, "c");
});

Deno.test("race() takes no notice of its signal when it is over", async () => {
  const rig = new Rig("a");
  await rig.succeed("a");
  rig.stop.abort(new Error("Late"));
  assertEquals(await rig.result, "a");
});

Deno.test("race() rejects with no errors when there are no addresses", async () => {
  const rig = new Rig("");
  let settled = false;
  const settle = () => settled = true;
  rig.result.then(settle, settle);
  await setImmediate();
  assertEquals(settled, true);
  const failure = await assertRejects(() => rig.result, RaceFailure);
  assertEquals(failure.errors, []);
});
