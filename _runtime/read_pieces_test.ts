import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ReadPieces } from "./read_pieces.ts";

Deno.test("ReadPieces gives pieces that share no byte", () => {
  const pieces = new ReadPieces(16 * 1024);
  const taken = Array.from({ length: 9 }, () => pieces.take());
  taken.forEach((piece, at) => piece.fill(at + 1));
  for (const [at, piece] of taken.entries()) {
    assertEquals(piece.length, 16 * 1024);
    assertEquals(piece.every((byte) => byte === at + 1), true);
  }
  assertEquals(pieces.slabs, 3);
});

Deno.test("ReadPieces gives a piece again when it was given back, and not before", () => {
  const pieces = new ReadPieces(1024);
  const first = pieces.take();
  const second = pieces.take();
  assert(first !== second);
  pieces.give(first);
  assertStrictEquals(pieces.take(), first);
  assert(pieces.take() !== second);
});

Deno.test("ReadPieces lets a slab go when no piece of it is used, but keeps the last", () => {
  const pieces = new ReadPieces(32 * 1024);
  const taken = Array.from({ length: 6 }, () => pieces.take());
  assertEquals(pieces.slabs, 3);
  for (const piece of taken) pieces.give(piece);
  assertEquals(pieces.slabs, 1);
  const again = [pieces.take(), pieces.take()];
  assertEquals([new Set(again).size, pieces.slabs], [2, 1]);
});

Deno.test("ReadPieces takes back nothing that is not its own", () => {
  const pieces = new ReadPieces(1024);
  const foreign = new Uint8Array(1024);
  pieces.give(foreign);
  assert(pieces.take() !== foreign);
});
