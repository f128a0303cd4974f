import { setImmediate } from "node:timers";
import { assertEquals, assertRejects } from "@std/assert";
import { Deferred } from "./deferred.ts";

Deno.test("Deferred resolve() fulfils the promise when called first", async () => {
  const deferred = new Deferred<number>();
  deferred.resolve(1);
  deferred.reject(new Error("Late"));
  assertEquals(await deferred.promise, 1);
});

Deno.test("Deferred reject() reports nothing unhandled when nobody looks", async () => {
  const deferred = new Deferred<number>();
  deferred.reject(new Error("Cannot"));
  await new Promise((resolve) => setImmediate(resolve));
  await assertRejects(() => deferred.promise, Error, "Cannot");
});
