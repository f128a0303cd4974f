import { assertEquals } from "@std/assert";
import { concat } from "../../_core/bytes.ts";
import { pattern } from "../../_testing/pattern.ts";
import { FrameReader } from "./frame_reader.ts";
import { maskedFrame, unmaskedFrame, unmaskedHead } from "./frame_writer.ts";

/** The single frame in some bytes: bits and opcode, length, payload. */
function readBack(frame: Uint8Array, role: "client" | "server") {
  let head: unknown[] = [];
  const pieces: Uint8Array[] = [];
  const reader = new FrameReader(
    {
      onFrame: (...all) => head = all,
      onPayload: (chunk, start, end) => pieces.push(chunk.slice(start, end)),
      onViolation: (error) => {
        throw error;
      },
    },
    role,
    true,
  );
  reader.receive(frame);
  assertEquals(reader.idle, true);
  return { head, payload: concat(pieces) };
}

Deno.test("frames are read back as they were written at every length of length", () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 70_000]) {
    const payload = pattern(length);
    const plain = readBack(unmaskedFrame(0x82, payload), "client");
    assertEquals(plain.head, [true, false, 2, length]);
    assertEquals(plain.payload, payload);
    const frame = maskedFrame(0xc1, payload, 0x8badf00d | 0);
    const masked = readBack(frame, "server");
    assertEquals(masked.head, [true, true, 1, length]);
    assertEquals(masked.payload, payload);
    assertEquals(unmaskedFrame(0x82, payload), concat([unmaskedHead(0x82, length), payload]));
  }
});

Deno.test("maskedFrame() writes the masked example of section 5.7", () => {
  const payload = new TextEncoder().encode("Hello");
  const frame = maskedFrame(0x81, payload, 0x37fa213d);
  assertEquals(
    Array.from(frame, (byte) => byte.toString(16).padStart(2, "0")).join(" "),
    "81 85 37 fa 21 3d 7f 9f 4d 51 58",
  );
  assertEquals(new TextDecoder().decode(payload), "Hello");
});
