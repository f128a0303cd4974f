import { assertEquals } from "@std/assert";
import { concat } from "../_core/bytes.ts";
import { everySplit } from "./splits.ts";

Deno.test("everySplit() gives the sample whole, bytewise and in each split in two", () => {
  const sample = new Uint8Array([1, 2, 3]);
  const cuts = [...everySplit(sample)];
  assertEquals(cuts.map((cut) => cut.map((part) => part.length)), [[3], [1, 1, 1], [1, 2], [2, 1]]);
  for (const cut of cuts) assertEquals(concat(cut), sample);
});

Deno.test("everySplit() gives the sample once when it cannot be cut", () => {
  assertEquals([...everySplit(new Uint8Array())].length, 1);
  assertEquals([...everySplit(new Uint8Array(1))].length, 1);
});
