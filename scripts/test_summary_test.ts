import { assert, assertEquals } from "@std/assert";
import { countDeno, countNode, lastLines, shippedByMistake, summary } from "./test_summary.ts";

Deno.test("countDeno() reads the closing line", () => {
  const all = "x ... ok\n\nFAILED | 5 passed (2 steps) | 1 failed (1 step) | 3 ignored (305ms)\n";
  assertEquals(countDeno(all), { passed: 5, failed: 1, skipped: 3 });
  const few = "ok | 5 passed | 0 failed (12s)\n";
  assertEquals(countDeno(few), { passed: 5, failed: 0, skipped: 0 });
  assertEquals(countDeno("error: Type checking failed."), undefined);
});

Deno.test("countNode() reads the closing line", () => {
  const output = "a ... ok (2 passed)\n7 passed, 1 failed, 2 skipped\n";
  assertEquals(countNode(output), { passed: 7, failed: 1, skipped: 2 });
  assertEquals(countNode("a ... ok (2 passed)"), undefined);
});

Deno.test("shippedByMistake() finds files that are not to be published", () => {
  const list = (...paths: string[]) => paths.map((path) => `   file:///p/${path} (1KB)\n`).join("");
  assertEquals(shippedByMistake(list("mod.ts", "tcp/mod.ts")), undefined);
  assertEquals(typeof shippedByMistake(list("mod.ts", "tcp/a_test.ts")), "string");
  assertEquals(typeof shippedByMistake(list("mod.ts", "_testing/a.ts")), "string");
  assertEquals(typeof shippedByMistake(list("mod.ts", "scripts/a.ts")), "string");
  assertEquals(typeof shippedByMistake(""), "string");
  const linked = "error[excluded-module]: excluded\n --> /p/scripts/jsr_links/async/mod.ts\n";
  assert(shippedByMistake(linked)?.includes("imports a linked package"));
});

Deno.test("lastLines() keeps the end", () => {
  assertEquals(lastLines("a\nb\nc", 3), "a\nb\nc");
  assertEquals(lastLines("a\nb\nc", 1), "[2 lines left out]\nc");
});

Deno.test("summary() adds up and fails if nothing passed", () => {
  const one = { passed: 1, failed: 0, skipped: 0 };
  assertEquals(summary([one, one]), { line: "2 passed, 0 failed", success: true });
  const mixed = summary([one, { passed: 0, failed: 2, skipped: 3 }]);
  assertEquals(mixed, { line: "1 passed, 2 failed, 3 skipped", success: false });
  assertEquals(summary([]), { line: "0 passed, 0 failed", success: false });
});
