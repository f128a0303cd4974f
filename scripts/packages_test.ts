/**
 * What this project relies on in the packages of JSR. It runs on the linked stand-ins and, with
 * `deno task test:jsr`, on the real ones: where the two differ, the stand-in is wrong.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
} from "@std/assert";
import { abortable, deadline, retry, RetryError } from "@std/async";
import { timingSafeEqual as timingSafeEqualOfRoot } from "@std/crypto";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { Buffer } from "node:buffer";

function refused(fn: () => unknown, message?: string): void {
  assertThrows(fn, AssertionError, message);
}

class Point {
  x: number;
  constructor(x: number) {
    this.x = x;
  }
}

Deno.test("assertEquals() looks at content", () => {
  const deep = () => ({ a: [1, { b: new Uint8Array([1, 2]) }], c: null, d: NaN, e: new Date(5) });
  assertEquals(deep(), deep());
  assertEquals(0, -0);
  assertEquals(new Map([["a", { b: 1 }]]), new Map([["a", { b: 1 }]]));
  assertEquals(new Point(1), new Point(1));
  assertEquals(/a/g, /a/g);
  assertEquals(new URL("http://a/b"), new URL("http://a/b"));
  assertEquals(new ArrayBuffer(2), new ArrayBuffer(2));
  assertEquals(new Set([1, 2]), new Set([2, 1]));
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  assertEquals(cycle, cycle);
});

Deno.test("assertEquals() is exact about types and keys", () => {
  refused(() => assertEquals<Uint8Array>(Buffer.from([1]), new Uint8Array([1])));
  refused(() => assertEquals<{ a?: undefined }>({ a: undefined }, {}));
  refused(() => assertEquals<{ x: number }>(new Point(1), { x: 1 }));
  refused(() => assertEquals(new Point(1), new Point(2)));
  refused(() => assertEquals<unknown>(1, "1"));
  refused(() => assertEquals<unknown>(null, undefined));
  refused(() => assertEquals([1, 2], [2, 1]));
  refused(() => assertEquals(new Set([1]), new Set([2])));
  refused(() => assertEquals(new Map([[1, 1]]), new Map([[1, 2]])));
  refused(() => assertEquals(new Uint8Array([1]), new Uint8Array([2])));
  refused(() => assertEquals(() => 1, () => 1));
  refused(() => assertEquals(1, 2, "own words"), "Values are not equal: own words");
  assertThrows(() => assertEquals(new WeakSet(), new WeakSet()), TypeError);
});

Deno.test("the other assertions refuse what they are for", () => {
  refused(() => assert(0, "own words"), "own words");
  refused(() => assertFalse(1));
  refused(() => assertExists(null));
  refused(() => assertNotEquals({ a: 1 }, { a: 1 }));
  refused(() => assertStrictEquals({}, {}, "own"), "not reference-equal: own\n");
  refused(() => assertStrictEquals(1, 2), "Values are not strictly equal.\n");
  refused(() => assertStrictEquals(0, -0));
  refused(() => assertInstanceOf(1, Point), 'an instance of "Point" but was "number".');
  refused(() => assertInstanceOf([], Point), 'an instance of "Point" but was "Array".');
  refused(() => assertInstanceOf({ constructor: Point }, Point), 'an instance of "Point".');
  refused(() => assertInstanceOf(Point, Point), "but was not an instanced object.");
  refused(() => assertMatch("abc", /d/));
  refused(() => assertStringIncludes("abc", "d"));
  refused(() => assertGreater("a", "a"), "Expect ");
  refused(() => assertGreater(1, 1, "own words"), "own words");
  refused(() => assertGreaterOrEqual(0, 1));
  refused(() => assertLess(1, 1));
  refused(() => assertLessOrEqual(1, 0));
  refused(() => fail("own words"), "own words");
  refused(() => unreachable());
});

Deno.test("assertThrows() looks at the class and a part of the message", () => {
  const fn = () => {
    throw new TypeError("Cannot do it");
  };
  assertEquals(assertThrows(fn, Error, "do it").message, "Cannot do it");
  assertInstanceOf(assertThrows(fn), TypeError);
  refused(() => assertThrows(fn, RangeError), 'Expected error to be instance of "RangeError"');
  refused(() => assertThrows(fn, TypeError, "other"), "Expected error message to include");
  refused(() => assertThrows(() => 1), "Expected function to throw");
  refused(() =>
    assertThrows(() => {
      throw "text";
    }, Error), "A non-Error object was thrown");
});

Deno.test("assertRejects() wants a promise that rejects", async () => {
  const reject = () => Promise.reject(new TypeError("Cannot do it"));
  assertEquals((await assertRejects(reject, Error, "do it")).message, "Cannot do it");
  assertInstanceOf(await assertRejects(reject), TypeError);
  const refusedLater = async (fn: () => Promise<unknown>, message: string) => {
    const error = await fn().then(() => undefined, (reason) => reason);
    assertInstanceOf(error, AssertionError);
    assertStringIncludes(error.message, message);
  };
  const throws = () => {
    throw new TypeError("Cannot do it");
  };
  await refusedLater(() => assertRejects(throws), "Function throws when expected to reject");
  const thenless: Record<string, unknown> = { then: 1 };
  await refusedLater(
    () => assertRejects(() => thenless as unknown as Promise<void>),
    "Function throws when expected to reject.",
  );
  await refusedLater(() => assertRejects(reject, RangeError), "instance of");
  await refusedLater(
    () => assertRejects(() => Promise.resolve()),
    "Expected function to reject",
  );
});

Deno.test("@std/async waits, gives up and tries again", async () => {
  assertEquals(await deadline(Promise.resolve(1), 1000), 1);
  const late = await assertRejects(() => deadline(new Promise(() => {}), 1), DOMException);
  assertEquals(late.name, "TimeoutError");
  const controller = new AbortController();
  const waits = abortable(new Promise(() => {}), controller.signal);
  controller.abort();
  assertEquals((await assertRejects(() => waits, DOMException)).name, "AbortError");
  let calls = 0;
  const fails = () => {
    calls++;
    throw new RangeError("Cannot do it");
  };
  const options = { maxAttempts: 3, minTimeout: 0, maxTimeout: 1 };
  const error = await assertRejects(() => retry(fails, options), RetryError);
  assertInstanceOf(error.cause, RangeError);
  assertEquals(calls, 3);
});

Deno.test("retry() refuses settings that make no sense, and what is not worth it", async () => {
  const wrong = [
    { maxAttempts: 0 },
    { multiplier: 0.5 },
    { maxTimeout: 0 },
    { minTimeout: -1 },
    { minTimeout: 2, maxTimeout: 1 },
    { jitter: 2 },
  ];
  for (const options of wrong) {
    await assertRejects(() => retry(() => 1, options), RangeError, "Cannot retry as");
  }
  const fails = () => Promise.reject(new TypeError("never"));
  await assertRejects(() => retry(fails, { isRetriable: () => false }), TypeError, "never");
});

Deno.test("timingSafeEqual() compares bytes", () => {
  const bytes = new Uint8Array([0, 1, 2, 3]);
  assert(timingSafeEqual(bytes.subarray(1, 3), new Uint8Array([1, 2]).buffer));
  assertFalse(timingSafeEqual(bytes, bytes.subarray(1)));
  assertFalse(timingSafeEqual(bytes, new Uint8Array([0, 1, 2, 4])));
  assertEquals(timingSafeEqualOfRoot(bytes, bytes), true);
});
