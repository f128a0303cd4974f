import { assert, assertEquals } from "@std/assert";
import { pattern } from "../_testing/pattern.ts";
import { copyToKeep, takeToKeep } from "./small_buffers.ts";

Deno.test("copyToKeep() gives bytes that stay as they are when the source and others change", () => {
  const source = pattern(3000);
  const sizes = [0, 1, 7, 64, 65, 1000, 1024, 1025, 3000];
  const copies = sizes.map((size) => copyToKeep(source, source.length - size, source.length));
  source.fill(0);
  const again = Array.from({ length: 50 }, () => copyToKeep(source, 0, 1000));
  assert(again.every((copy) => copy.every((byte) => byte === 0)));
  const expected = pattern(3000);
  copies.forEach((copy, index) => assertEquals(copy, expected.subarray(3000 - sizes[index]!)));
});

Deno.test("copyToKeep() shares no memory that somebody can take away when a copy is transferred", () => {
  const [one, other] = [copyToKeep(pattern(10), 0, 10), copyToKeep(pattern(10), 0, 10)];
  assertEquals([one.buffer === other.buffer, one.byteOffset % 8], [true, 0]);
  try {
    structuredClone(one, { transfer: [one.buffer] });
  } catch (error) {
    // Deno refuses, Node copies.
    assert(error instanceof Error);
  }
  assertEquals([one, other], [pattern(10), pattern(10)]);
  const large = copyToKeep(pattern(2000), 0, 2000);
  assertEquals(structuredClone(large, { transfer: [large.buffer] }), pattern(2000));
  assertEquals(large.length, 0);
});

Deno.test("takeToKeep() copies nothing when the bytes are the end and most of a chunk", () => {
  const taken = takeToKeep(pattern(100), 40, 100);
  assertEquals([taken.byteOffset, taken.buffer.byteLength], [40, 100]);
  assertEquals(taken, pattern(100).subarray(40));
  const chunk = pattern(100);
  for (const [start, end] of [[0, 99], [60, 100]] as const) {
    const copy = takeToKeep(chunk, start, end);
    assertEquals([copy.buffer === chunk.buffer, copy], [false, chunk.subarray(start, end)]);
  }
});
