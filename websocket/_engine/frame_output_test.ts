import { assertEquals } from "@std/assert";
import { concat } from "../../_core/bytes.ts";
import { pattern } from "../../_testing/pattern.ts";
import type { Role } from "./frame.ts";
import { FrameOutput, type SpareBuffer } from "./frame_output.ts";
import { maskedFrame, unmaskedFrame } from "./frame_writer.ts";

const KEY = 0x01020304;

/** An output, what it wrote, and who wants it back. */
function makeOutput(role: Role) {
  const chunks: Uint8Array[] = [];
  const lents: SpareBuffer[] = [];
  const sink = {
    write(bytes: Uint8Array, lent?: SpareBuffer): void {
      chunks.push(bytes);
      if (lent !== undefined) lents.push(lent);
    },
  };
  return { output: new FrameOutput(sink, role, () => KEY), chunks, lents };
}

function frameOf(role: Role, first: number, payload: Uint8Array): Uint8Array {
  return role === "client" ? maskedFrame(first, payload, KEY) : unmaskedFrame(first, payload);
}

const SIZES = [0, 1, 64, 65, 125, 126, 4082, 4083, 16_383, 16_384, 65_535, 65_536, 65_537, 100_000];

Deno.test("FrameOutput writes the same frames when they are small, buffered or large", () => {
  for (const role of ["client", "server"] as const) {
    const { output, chunks } = makeOutput(role);
    for (const size of SIZES) output.send(0x82, pattern(size));
    const expected = SIZES.map((size) => frameOf(role, 0x82, pattern(size)));
    assertEquals(concat(chunks), concat(expected));
  }
});

Deno.test("FrameOutput writes texts as their bytes when letters take 1 to 4 of them", () => {
  const texts = ["", "plain", "é".repeat(62), "é".repeat(63), "日".repeat(42), "🦕", "a\ud800b"];
  for (const role of ["client", "server"] as const) {
    const { output, chunks } = makeOutput(role);
    for (const text of [...texts, "日".repeat(3000)]) {
      output.sendText(0x81, text);
      assertEquals(concat(chunks), frameOf(role, 0x81, new TextEncoder().encode(text)));
      chunks.length = 0;
    }
  }
});

Deno.test("FrameOutput keeps the order and joins small frames when it is held", () => {
  const { output, chunks } = makeOutput("server");
  output.hold();
  output.send(0x82, pattern(10));
  output.sendText(0x81, "text");
  assertEquals([chunks.length, output.pending], [0, 18]);
  output.send(0x82, pattern(20_000));
  assertEquals([chunks.length, output.pending], [2, 0]);
  output.send(0x82, pattern(1));
  output.sendFrame(unmaskedFrame(0x82, pattern(2)));
  output.send(0x82, pattern(3));
  output.flush();
  assertEquals(chunks.length, 5);
  output.send(0x89, pattern(4));
  output.letGo();
  output.send(0x89, pattern(5));
  assertEquals(chunks.length, 7);
  const expected = [
    ...[10, 20_000, 1, 2, 3].map((size) => unmaskedFrame(0x82, pattern(size))),
    ...[4, 5].map((size) => unmaskedFrame(0x89, pattern(size))),
  ];
  expected.splice(1, 0, unmaskedFrame(0x81, new TextEncoder().encode("text")));
  assertEquals(concat(chunks), concat(expected));
});

Deno.test("FrameOutput uses a buffer again when it was given back, and not before", () => {
  const { output, chunks, lents } = makeOutput("server");
  output.send(0x82, pattern(20_000));
  output.send(0x82, pattern(20_000));
  assertEquals(chunks[0]!.buffer === chunks[1]!.buffer, false);
  lents[1]!.release();
  output.send(0x82, pattern(30_000));
  assertEquals(chunks[2]!.buffer === chunks[1]!.buffer, true);
  assertEquals(chunks[0], unmaskedFrame(0x82, pattern(20_000)));
});
