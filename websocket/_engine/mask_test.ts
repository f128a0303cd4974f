import { assertEquals } from "@std/assert";
import { pattern } from "../../_testing/pattern.ts";
import { mask } from "./mask.ts";

/** Section 5.3 word by word. */
function simply(bytes: Uint8Array, start: number, end: number, key: number, phase: number): void {
  for (let at = start; at < end; at++) {
    bytes[at]! ^= (key >>> (24 - ((at - start + phase) % 4) * 8)) & 0xff;
  }
}

Deno.test("mask() does what section 5.3 says at every alignment, length and phase", () => {
  const key = 0xf1e2d3c4 | 0;
  for (let offset = 0; offset < 4; offset++) {
    for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 63, 95, 96, 97, 99, 128, 255]) {
      for (let phase = 0; phase < 4; phase++) {
        const whole = pattern(300);
        const bytes = whole.slice().subarray(offset);
        const expected = bytes.slice();
        simply(expected, 3, 3 + length, key, phase);
        mask(bytes, 3, 3 + length, key, phase);
        assertEquals(bytes, expected, `${offset}, ${length}, ${phase}`);
      }
    }
  }
});

Deno.test("mask() does the same for many bytes, and leaves those around them alone", () => {
  const key = 0x81e2d3c4 | 0;
  for (const length of [1023, 1024, 1025, 1039, 16_383, 16_384, 16_385, 40_001]) {
    for (let phase = 0; phase < 4; phase++) {
      const bytes = pattern(length + 20).subarray(1);
      const expected = bytes.slice();
      simply(expected, 3, 3 + length, key, phase);
      mask(bytes, 3, 3 + length, key, phase);
      assertEquals(bytes, expected, `${length}, ${phase}`);
    }
  }
});

Deno.test("mask() leaves the bytes alone when the key is zero", () => {
  const bytes = pattern(200);
  mask(bytes, 0, 200, 0, 1);
  assertEquals(bytes, pattern(200));
});
