import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { rss } from "./rss.ts";

Deno.test("rss() agrees with the runtime when asked about this process and others", () => {
  const measured = rss();
  if (measured === null) return;
  const told = process.memoryUsage().rss;
  assert(Math.abs(measured - told) < 16_000_000, `${measured} measured, ${told} told`);
  assert(measured > 1_000_000, `${measured} bytes for a whole runtime`);
  assertEquals(rss(process.ppid) !== null, true);
});

Deno.test("rss() is null for a process that does not exist", () => {
  assertEquals(rss(2 ** 30), null);
});
