import { assertEquals, assertThrows } from "@std/assert";
import { Cancellation } from "./cancellation.ts";

Deno.test("Cancellation acts once when it is called off, and keeps the first reason", () => {
  const cancellation = new Cancellation();
  let acted = 0;
  cancellation.whenCancelled(() => acted++);
  cancellation.throwIfCancelled();
  assertEquals([cancellation.cancelled, acted], [false, 0]);
  const reason = new Error("Enough");
  cancellation.cancel(reason);
  cancellation.cancel(new Error("Later"));
  assertEquals([cancellation.cancelled, acted], [true, 1]);
  assertEquals(cancellation.reason, reason);
  assertThrows(() => cancellation.throwIfCancelled(), Error, "Enough");
});

Deno.test("whenCancelled() acts at once when it was called off before", () => {
  const cancellation = new Cancellation();
  cancellation.cancel(undefined);
  let acted = false;
  cancellation.whenCancelled(() => acted = true);
  assertEquals(acted, true);
});

Deno.test("forget() leaves nothing to be done", () => {
  const cancellation = new Cancellation();
  cancellation.whenCancelled(() => {
    throw new Error("It was forgotten");
  });
  cancellation.forget();
  cancellation.cancel("reason");
  assertEquals(cancellation.reason, "reason");
});
