import { assertEquals } from "@std/assert";
import { isControl, isKnown } from "./frame.ts";

Deno.test("isControl() and isKnown() tell the opcodes apart", () => {
  const all = Array.from({ length: 16 }, (_, opcode) => opcode);
  assertEquals(all.filter(isKnown), [0, 1, 2, 8, 9, 10]);
  assertEquals(all.filter(isControl), [8, 9, 10, 11, 12, 13, 14, 15]);
});
