import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { checkSignal, untilAborted } from "./abort.ts";
import { Deferred } from "./deferred.ts";
import type { NetError } from "./errors.ts";

Deno.test("untilAborted() gives the promise's outcome when nothing aborts", async () => {
  const { signal } = new AbortController();
  assertEquals(await untilAborted(Promise.resolve(1), signal), 1);
  const failure = new Error("Cannot");
  const rejected = await untilAborted(Promise.reject(failure), signal).catch((error) => error);
  assertStrictEquals(rejected, failure);
});

Deno.test("untilAborted() rejects with the signal's own reason when it aborts before or later", async () => {
  const reason = { any: "thing" };
  const pending = new Deferred<number>();
  const controller = new AbortController();
  const wait = untilAborted(pending.promise, controller.signal);
  controller.abort(reason);
  assertStrictEquals(await wait.catch((error) => error), reason);
  const again = untilAborted(pending.promise, controller.signal);
  assertStrictEquals(await again.catch((error) => error), reason);
  pending.reject(new Error("Late, and nobody's business"));
});

Deno.test("checkSignal() gives a signal or nothing back, and throws for what is none", () => {
  const { signal } = new AbortController();
  assertStrictEquals(checkSignal(signal), signal);
  assertEquals([checkSignal(undefined), checkSignal(null)], [undefined, null]);
  for (const odd of [{}, true, "abort", new AbortController()]) {
    const { code } = assertThrows(() => checkSignal(odd as never), TypeError) as NetError;
    assertEquals(code, "ERR_INVALID_ARG_TYPE");
  }
});
