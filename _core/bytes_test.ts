import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { concat, type Data, toBytes } from "./bytes.ts";

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
