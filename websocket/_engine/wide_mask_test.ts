import { assert, assertEquals } from "@std/assert";
import { pattern } from "../../_testing/pattern.ts";
import { makeWideMask } from "./wide_mask.ts";

Deno.test("makeWideMask() masks by a word whose lowest byte comes first", () => {
  const wideMask = makeWideMask();
  assert(wideMask !== null);
  for (const length of [0, 1, 15, 16, 17, 16 * 1024, 16 * 1024 + 1, 50_000]) {
    const bytes = pattern(length + 2);
    wideMask(bytes, 1, 1 + length, 0xf4030201 | 0);
    const expected = pattern(length + 2);
    for (let at = 0; at < length; at++) expected[1 + at]! ^= [1, 2, 3, 0xf4][at % 4]!;
    assertEquals(bytes, expected, String(length));
  }
});

Deno.test("makeWideMask() gives null when there is no WebAssembly", () => {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly")!;
  Object.defineProperty(globalThis, "WebAssembly", { ...descriptor, value: undefined });
  try {
    assertEquals(makeWideMask(), null);
  } finally {
    Object.defineProperty(globalThis, "WebAssembly", descriptor);
  }
});
