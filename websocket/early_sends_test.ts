import { assertEquals } from "@std/assert";
import { EarlySends } from "./early_sends.ts";

Deno.test("EarlySends keeps messages and the close behind them, in order", () => {
  const early = new EarlySends();
  assertEquals([early.keep("one"), early.keep(new Uint8Array(2)), early.size], [true, true, 5]);
  early.close(3000, "bye");
  early.close(3001, "again");
  assertEquals([early.keep("late"), early.size], [false, 5]);
  const log: unknown[] = [];
  early.sendBy({
    send: (message) => log.push(message) > 0,
    close: (code, reason) => log.push(code, reason),
  });
  assertEquals(log, ["one", new Uint8Array(2), 3000, "bye"]);
  assertEquals(early.size, 0);
});
