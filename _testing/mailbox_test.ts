import { assertEquals, assertRejects } from "@std/assert";
import { Mailbox } from "./mailbox.ts";

Deno.test("Mailbox gives items in order, whether the item or the waiter came first", async () => {
  const box = new Mailbox<string>();
  box.push("a1");
  box.push("b1");
  assertEquals(await box.next((item) => item.startsWith("b")), "b1");
  assertEquals(await box.next(), "a1");
  const waiting = [box.next(), box.next((item) => item === "c2"), box.next()];
  for (const item of ["c1", "c2", "c3"]) box.push(item);
  assertEquals(await Promise.all(waiting), ["c1", "c2", "c3"]);
});

Deno.test("Mailbox fails those who wait when it closes, but still gives what came before", async () => {
  const box = new Mailbox<number>();
  const waiting = box.next((item) => item === 2);
  box.push(1);
  box.close("over");
  await assertRejects(() => waiting, Error, "over");
  assertEquals(await box.next(), 1);
  await assertRejects(() => box.next(), Error, "over");
});
