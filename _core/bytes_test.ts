import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { concat, type Data, standsAt, toBytes } from "./bytes.ts";

Deno.test("toBytes() gives UTF-8 when given a string", () => {
  assertEquals(toBytes("é"), new Uint8Array([0xc3, 0xa9]));
});

Deno.test("toBytes() gives the same array when given bytes", () => {
  const bytes = new Uint8Array([1, 2]);
  assertStrictEquals(toBytes(bytes), bytes);
});

Deno.test("toBytes() throws ERR_INVALID_ARG_TYPE when given anything else", () => {
  for (const wrong of [null, undefined, 1, {}, [1], new ArrayBuffer(1)]) {
    const error = assertThrows(() => toBytes(wrong as unknown as Data), TypeError);
    assertEquals((error as TypeError & { code?: string }).code, "ERR_INVALID_ARG_TYPE");
  }
});

Deno.test("concat() joins chunks in order", () => {
  const parts = [new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3])];
  assertEquals(concat(parts), new Uint8Array([1, 2, 3]));
  assertEquals(concat([]), new Uint8Array());
});

Deno.test("standsAt() is true when every byte stands there, and false beyond the end", () => {
  const known = new Uint8Array([1, 2, 3, 0, 0]);
  const bytes = new Uint8Array([9, 1, 2, 3]);
  assertEquals([0, 1, 2, 3, 4].map((start) => standsAt(known, 3, bytes, start)), [
    false,
    true,
    false,
    false,
    false,
  ]);
  assertEquals(standsAt(known, 4, bytes, 1), false);
  assertEquals(standsAt(known, 4, new Uint8Array([9, 1, 2, 3, 0]), 1), true);
  const long = new Uint8Array(1000).fill(7);
  for (let at = 0; at < 600; at++) {
    const other = long.slice();
    other[300 + at]! ^= 1;
    assertEquals(standsAt(long, 600, other, 300), false);
  }
});
