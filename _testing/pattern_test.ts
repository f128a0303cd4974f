import { assertEquals } from "@std/assert";
import { pattern } from "./pattern.ts";

Deno.test("pattern() goes on where an earlier one ended", () => {
  assertEquals([...pattern(4)], [0, 1, 2, 3]);
  assertEquals([...pattern(3, 249)], [249, 250, 0]);
  assertEquals([...pattern(600)].slice(400), [...pattern(200, 400)]);
});
