import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { IN_BUN } from "../_testing/in_bun.ts";
import { IN_DENO } from "../_testing/in_deno.ts";
import {
  abortFromOutside,
  isDisturbed,
  PlatformRequest,
  PlatformResponse,
  slotOf,
  standInFor,
} from "./native_slots.ts";

Deno.test("slotOf() finds a symbol when the object has one of that description", () => {
  const slot = Symbol("inside");
  assertStrictEquals(slotOf({ [slot]: 1 }, "inside"), slot);
  assertEquals(slotOf({ [slot]: 1 }, "outside"), undefined);
});

Deno.test("standInFor() leads to the real object when its slots are read or written", () => {
  const slot = Symbol("inside");
  class Real {
    [slot] = 1;
    inside() {
      return this[slot];
    }
    change() {
      this[slot] = 2;
    }
  }
  let made = 0;
  class Light {
    #real: Real | null = null;
    real() {
      if (this.#real === null) made++;
      return this.#real ??= new Real();
    }
    static {
      standInFor<Light>(this.prototype, Real, new Real(), (light) => light.real());
    }
  }
  const light = new Light();
  assert(light instanceof Real);
  assertEquals(made, 0);
  const real = light as unknown as Real;
  assertEquals(real.inside(), 1);
  real.change();
  assertEquals([real.inside(), light.real().inside(), made], [2, 2, 1]);
  assertStrictEquals(light.constructor, Real);
});

Deno.test("PlatformRequest and PlatformResponse are the global ones when nothing is installed", () => {
  assertStrictEquals(PlatformRequest, globalThis.Request);
  assertStrictEquals(PlatformResponse, globalThis.Response);
});

Deno.test("abortFromOutside() aborts a signal once where the runtime can", () => {
  const { signal } = new AbortController();
  const reasons: unknown[] = [];
  signal.addEventListener("abort", () => reasons.push(signal.reason));
  abortFromOutside?.(signal, "gone");
  abortFromOutside?.(signal, "again");
  const inNode = !IN_DENO && !IN_BUN;
  assertEquals(
    [signal.aborted, reasons],
    abortFromOutside === null ? [false, []] : [true, ["gone"]],
  );
  assert(!inNode || abortFromOutside !== null);
});

Deno.test("isDisturbed() tells when somebody has begun to read a stream", async () => {
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(1);
      controller.enqueue(2);
    },
  });
  assertEquals(isDisturbed(stream), false);
  const reader = stream.getReader();
  await reader.read();
  reader.releaseLock();
  assertEquals(isDisturbed(stream), true);
  const cancelled = new ReadableStream();
  await cancelled.cancel();
  assertEquals(isDisturbed(cancelled), true);
});
