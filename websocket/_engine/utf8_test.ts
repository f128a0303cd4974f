import { assert, assertEquals } from "@std/assert";
import { everySplit } from "../../_testing/splits.ts";
import { decodeUtf8, skipAscii, Utf8Validator } from "./utf8.ts";

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.split(" "), (byte) => parseInt(byte, 16));
}

/** How many bytes are taken before the text is refused; all of them if it is not. */
function takenOf(bytes: Uint8Array): number {
  const validator = new Utf8Validator();
  for (let at = 0; at < bytes.length; at++) {
    if (!validator.push(bytes, at, at + 1)) return at;
  }
  return bytes.length;
}

Deno.test("Utf8Validator accepts what TextDecoder accepts in every split", () => {
  const text = "ASCII, κόσμε, 日本, \u{10ffff}\u{10000}\ufeff, " + "a".repeat(100) + "é";
  const sample = new TextEncoder().encode(text);
  for (const pieces of everySplit(sample)) {
    const validator = new Utf8Validator();
    for (const piece of pieces) assert(validator.push(piece, 0, piece.length));
    assertEquals([validator.complete, validator.ascii], [true, false]);
  }
  assertEquals(decodeUtf8(sample, 0, sample.length, false), text);
});

Deno.test("Utf8Validator refuses the very byte that cannot follow", () => {
  for (
    const [sample, at] of [
      ["80", 0],
      ["c0 80", 0],
      ["c1 bf", 0],
      ["c2 41", 1],
      ["e0 9f 80", 1],
      ["ed a0 80", 1],
      ["f0 8f bf bf", 1],
      ["f4 90 80 80", 1],
      ["f5 80 80 80", 0],
      ["ff", 0],
      ["41 e2 82 41", 3],
      ["ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90 80 80 65", 12],
    ] as const
  ) {
    assertEquals(takenOf(hex(sample)), at, sample);
  }
});

Deno.test("Utf8Validator agrees with TextDecoder on every pair of bytes and many longer ones", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const agrees = (bytes: Uint8Array) => {
    const validator = new Utf8Validator();
    const ours = validator.push(bytes, 0, bytes.length) && validator.complete;
    let theirs = true;
    try {
      decoder.decode(bytes);
    } catch {
      theirs = false;
    }
    assertEquals(ours, theirs, String(bytes));
  };
  for (let first = 0x78; first < 256; first++) {
    for (let second = 0x78; second < 256; second++) {
      agrees(Uint8Array.of(first, second));
      if (first >= 0xe0) agrees(Uint8Array.of(first, second, 0xbf, 0x80));
      if (first >= 0xe0) agrees(Uint8Array.of(first, second, 0x80));
    }
  }
});

Deno.test("Utf8Validator is incomplete within a character, and new after reset()", () => {
  const validator = new Utf8Validator();
  assert(validator.push(hex("41 e2 82"), 0, 3));
  assertEquals(validator.complete, false);
  validator.reset();
  assert(validator.push(hex("41"), 0, 1));
  assertEquals([validator.complete, validator.ascii], [true, true]);
});

Deno.test("skipAscii() finds the first other byte at every alignment", () => {
  for (let offset = 0; offset < 4; offset++) {
    for (let at = 0; at <= 150; at++) {
      const bytes = new Uint8Array(160).fill(0x41).subarray(offset);
      if (at < 150) bytes[at] = 0xc3;
      assertEquals(skipAscii(bytes, 0, 150), at);
    }
  }
});
