import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { rss } from "./rss.ts";

Deno.test("rss() grows when this process fills memory", () => {
  const before = rss();
  if (before === null) return;
  const filled = new Uint8Array(67_108_864).fill(1);
  const grown = (rss() ?? 0) - before;
  assert(grown > 48_000_000, `${grown} bytes for ${filled.length}`);
  assertEquals(rss(process.ppid) !== null, true);
});

Deno.test("rss() is null for a process that does not exist", () => {
  assertEquals(rss(2 ** 30), null);
});
