import { assertEquals } from "@std/assert";
import { BUN_FAILURES, differences, failedTests } from "./failures.ts";

const GROUPS = [
  { limit: "a", cause: "", tests: ["tcp/a_test: one", "tcp/a_test: two"] },
  { limit: "b", cause: "", tests: [] },
];

Deno.test("failedTests() gives each test once when both formats were run", () => {
  const output = [
    "script/tcp/a_test.js ... ok (3 passed)",
    "FAILED script/tcp/a_test.js: one: with a colon",
    "Error: FAILED esm/tcp/a_test.js: not at the start",
    "FAILED esm/tcp/a_test.js: one: with a colon",
    "FAILED esm/_io/b_test.js: outside of its tests",
    "5 passed, 3 failed, 0 skipped",
  ].join("\n");
  assertEquals(failedTests(output), [
    "tcp/a_test: one: with a colon",
    "_io/b_test: outside of its tests",
  ]);
});

Deno.test("differences() says nothing when what fails is what is listed", () => {
  assertEquals(differences(["tcp/a_test: two", "tcp/a_test: one"], GROUPS), []);
});

Deno.test("differences() names tests that fail or pass unexpectedly", () => {
  assertEquals(differences(["tcp/a_test: one", "udp/c_test: new"], GROUPS), [
    "fails: udp/c_test: new",
    "passes by now: tcp/a_test: two",
  ]);
});

Deno.test("BUN_FAILURES names each test once, by the name that it has in the sources", async () => {
  const tests = BUN_FAILURES.flatMap(({ tests }) => tests);
  assertEquals(new Set(tests).size, tests.length);
  for (const test of tests) {
    const [file = ""] = test.split(": ");
    const { isFile } = await Deno.stat(new URL(`../../${file}.ts`, import.meta.url));
    assertEquals([test, isFile], [test, true]);
  }
});
