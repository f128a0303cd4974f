import { assertEquals, assertStrictEquals } from "@std/assert";
import { untilAborted } from "./abort.ts";
import { Deferred } from "./deferred.ts";

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
