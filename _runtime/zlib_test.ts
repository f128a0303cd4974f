import { assert, assertEquals } from "@std/assert";
import { inflateRawSync } from "node:zlib";
import { concat } from "../_core/bytes.ts";
import { pattern } from "../_testing/pattern.ts";
import { RawDeflate, RawInflate } from "./zlib.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** What comes out for an input; null if it is not DEFLATE data. */
function inflate(inflater: RawInflate, input: Uint8Array, most = Infinity): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const ok = inflater.push(input, 0, input.length, {
    onInflated(bytes, start, end) {
      pieces.push(bytes.slice(start, end));
      size += end - start;
      return size < most;
    },
  });
  return ok ? concat(pieces) : null;
}

function noise(length: number): Uint8Array {
  let seed = 1;
  return Uint8Array.from({ length }, () => (seed = (seed * 48271) % 0x7fffffff) >> 8);
}

Deno.test("RawDeflate and RawInflate carry messages of every size, with memory and without", () => {
  const deflater = new RawDeflate(15, 6, 8);
  const inflater = new RawInflate(15);
  for (const message of [bytes("Hello"), bytes(""), noise(70_000), pattern(1_000_000)]) {
    const first = deflater.deflate(message);
    assertEquals(inflate(inflater, first), message);
    const again = deflater.deflate(message);
    assert(again.length <= first.length);
    assertEquals(inflate(inflater, again), message);
    deflater.reset();
    assertEquals(inflate(inflater, deflater.deflate(message)), message);
  }
  deflater.close();
  inflater.close();
});

Deno.test("RawDeflate with 8 bits of window reaches no further back than 256 bytes", () => {
  const deflater = new RawDeflate(8, 9, 9);
  const inflater = new RawInflate(8);
  const block = noise(251);
  const message = concat([block, block, noise(3), block, block, block]);
  for (let count = 0; count < 20; count++) {
    assertEquals(inflate(inflater, deflater.deflate(message)), message);
  }
  deflater.close();
  inflater.close();
});

Deno.test("RawInflate goes on after a block that is marked as the last", () => {
  const inflater = new RawInflate(15);
  // The example of RFC 7692, section 7.2.3.4, and its four bytes.
  const sample = Uint8Array.of(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0, 0, 0, 0xff, 0xff);
  for (let count = 0; count < 3; count++) {
    for (const byte of sample.subarray(0, -1)) inflate(inflater, Uint8Array.of(byte));
    inflate(inflater, sample.subarray(-1));
    assertEquals(inflate(inflater, sample), bytes("Hello"));
  }
  inflater.close();
});

Deno.test("RawInflate stops when no more is wanted", () => {
  const deflater = new RawDeflate(15, 6, 8);
  const inflater = new RawInflate(15);
  const bomb = deflater.deflate(new Uint8Array(10_000_000));
  assert(bomb.length < 20_000);
  assertEquals(inflate(inflater, bomb, 100_000)?.length, 2 * 64 * 1024);
  deflater.close();
  inflater.close();
});

Deno.test("RawInflate tells what is no DEFLATE data", () => {
  const inflater = new RawInflate(15);
  assertEquals(inflate(inflater, new Uint8Array(8).fill(0xff)), null);
  assertEquals(inflate(inflater, bytes("Hello")), null);
  inflater.close();
});

Deno.test("RawInflate lets who takes the output inflate something else", () => {
  const deflater = new RawDeflate(15, 6, 8);
  const [outer, inner] = [new RawInflate(15), new RawInflate(15)];
  const message = pattern(200_000);
  const data = deflater.deflate(message);
  const pieces: Uint8Array[] = [];
  outer.push(data, 0, data.length, {
    onInflated(bytes, start, end) {
      const kept = bytes.slice(start, end);
      inner.reset();
      assertEquals(inflate(inner, data), message);
      assertEquals(bytes.slice(start, end), kept);
      pieces.push(kept);
      return true;
    },
  });
  assertEquals(concat(pieces), message);
  deflater.close();
  outer.close();
  inner.close();
});

Deno.test("RawDeflate ends a message at a byte boundary with an empty block", () => {
  const deflater = new RawDeflate(15, 6, 8);
  const data = deflater.deflate(bytes("Hello"));
  assertEquals([...data.subarray(-4)], [0, 0, 0xff, 0xff]);
  assertEquals(new Uint8Array(inflateRawSync(data, { finishFlush: 2 })), bytes("Hello"));
  deflater.close();
});
