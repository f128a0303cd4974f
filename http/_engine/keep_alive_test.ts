import { assertEquals } from "@std/assert";
import { Fields } from "./fields.ts";
import { keepAliveHint } from "./keep_alive.ts";

const CASES: [string | null, number | null][] = [
  [null, null],
  ["timeout=5", 5000],
  ["timeout=5, max=100", 5000],
  ["max=100, Timeout=20", 20_000],
  ['timeout="7"', 7000],
  ["timeout=0", 0],
  ["timeout=5, max=0", 0],
  ["max=10", null],
  ["timeout=never", null],
  ["xtimeout=5", null],
  ["", null],
];

for (const [value, hint] of CASES) {
  Deno.test(`keepAliveHint() gives ${hint} when the field is ${value}`, () => {
    assertEquals(keepAliveHint(Fields.of(value === null ? [] : ["Keep-Alive", value])), hint);
  });
}
