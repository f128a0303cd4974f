import { assertEquals } from "@std/assert";
import { concat } from "../../_core/bytes.ts";
import type { NetError } from "../../_core/errors.ts";
import { pattern } from "../../_testing/pattern.ts";
import { everySplit } from "../../_testing/splits.ts";
import type { Role } from "./frame.ts";
import { FrameReader, type FrameSink } from "./frame_reader.ts";
import { mask } from "./mask.ts";

/** Writes down frames, each as one line with its payload. */
class Log implements FrameSink {
  readonly lines: string[] = [];
  onLast: () => void = () => {};
  #line = "";
  #payload: number[] = [];

  onFrame(fin: boolean, compressed: boolean, opcode: number, length: number): void {
    this.#line = `${opcode}${fin ? " fin" : ""}${compressed ? " rsv1" : ""} ${length}`;
    this.#payload = [];
  }

  onPayload(chunk: Uint8Array, start: number, end: number, last: boolean): void {
    this.#payload.push(...chunk.subarray(start, end));
    if (!last) return;
    const text = String.fromCharCode(...this.#payload.slice(0, 20));
    this.lines.push(`${this.#line} ${text}`.trimEnd());
    this.onLast();
  }

  onViolation(error: NetError): void {
    this.lines.push(`${error.code} ${error.closeCode}`);
  }
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.split(" "), (byte) => parseInt(byte, 16));
}

/** What is told of a sample, which must be the same in every split. */
function read(sample: Uint8Array, role: Role, compression = false): string[] {
  let first: string[] | null = null;
  for (const pieces of everySplit(sample)) {
    const log = new Log();
    const reader = new FrameReader(log, role, compression);
    for (const piece of pieces) {
      const chunk = piece.slice();
      assertEquals(reader.receive(chunk), chunk.length);
    }
    first ??= log.lines;
    assertEquals(log.lines, first);
  }
  return first!;
}

/** A masked frame with a short payload. */
function masked(first: number, text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  mask(payload, 0, payload.length, 0x37fa213d, 0);
  return concat([Uint8Array.of(first, 0x80 | payload.length), hex("37 fa 21 3d"), payload]);
}

Deno.test("FrameReader reads the examples of section 5.7 in every split", () => {
  assertEquals(read(hex("81 05 48 65 6c 6c 6f"), "client"), ["1 fin 5 Hello"]);
  assertEquals(read(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), "server"), ["1 fin 5 Hello"]);
  assertEquals(read(hex("01 03 48 65 6c 80 02 6c 6f"), "client"), ["1 3 Hel", "0 fin 2 lo"]);
  assertEquals(
    read(hex("89 05 48 65 6c 6c 6f 8a 00"), "client"),
    ["9 fin 5 Hello", "10 fin 0"],
  );
});

Deno.test("FrameReader reads lengths of two and eight bytes in every split", () => {
  for (const length of [126, 300]) {
    const head = Uint8Array.of(0x82, 126, length >> 8, length & 255);
    const text = String.fromCharCode(...pattern(20));
    assertEquals(read(concat([head, pattern(length)]), "client"), [`2 fin ${length} ${text}`]);
  }
  const log = new Log();
  const reader = new FrameReader(log, "client", false);
  reader.receive(hex("82 7f 00 00 00 00 00 01 00 00"));
  for (let sent = 0; sent < 65_536; sent += 4096) reader.receive(new Uint8Array(4096).fill(65));
  assertEquals(log.lines, [`2 fin 65536 ${"A".repeat(20)}`]);
  assertEquals(reader.idle, true);
});

Deno.test("FrameReader refuses lengths that are not in their shortest form", () => {
  const refused = ["ERR_WS_INVALID_FRAME 1002"];
  assertEquals(read(hex("82 7e 00 7d"), "client"), refused);
  assertEquals(read(hex("82 7f 00 00 00 00 00 00 ff ff"), "client"), refused);
  assertEquals(read(hex("82 7f 80 00 00 00 00 00 00 00"), "client"), refused);
});

Deno.test("FrameReader refuses reserved bits and opcodes, and tells nothing after that", () => {
  const refused = ["ERR_WS_INVALID_FRAME 1002"];
  for (const first of ["91", "a1", "c1", "83", "87", "8b", "8f", "c9"]) {
    assertEquals(read(hex(`${first} 00 81 00`), "client"), refused, first);
  }
});

Deno.test("FrameReader refuses control frames that are long or in fragments", () => {
  const refused = ["ERR_WS_INVALID_FRAME 1002"];
  for (const start of ["09 00", "08 00", "0a 00", "89 7e 00 7e", "88 7f"]) {
    assertEquals(read(hex(start), "client"), refused, start);
  }
});

Deno.test("FrameReader refuses masked frames of servers and unmasked ones of clients", () => {
  const refused = ["ERR_WS_INVALID_FRAME 1002"];
  assertEquals(read(hex("81 80 00 00 00 00"), "client"), refused);
  assertEquals(read(hex("81 00"), "server"), refused);
});

Deno.test("FrameReader lets reserved bit 1 begin a message when there is compression", () => {
  const refused = ["ERR_WS_INVALID_FRAME 1002"];
  assertEquals(read(hex("c1 00 42 00"), "client", true), ["1 fin rsv1 0", "2 rsv1 0"]);
  for (const first of ["c0", "c8", "c9", "ca"]) {
    assertEquals(read(hex(`${first} 00`), "client", true), refused, first);
  }
});

Deno.test("receive() stops between frames when the sink says so, and goes on later", () => {
  const sample = concat([masked(0x81, "one"), masked(0x89, ""), masked(0x82, "two")]);
  const log = new Log();
  const reader = new FrameReader(log, "server", false);
  log.onLast = () => reader.stop();
  const ends = [];
  for (let at = 0; at < sample.length; ends.push(at)) at = reader.receive(sample, at);
  assertEquals(ends, [9, 15, 24]);
  assertEquals(log.lines, ["1 fin 3 one", "9 fin 0", "2 fin 3 two"]);
});

Deno.test("kill() ends the reading, within a call of the sink too", () => {
  const log = new Log();
  const reader = new FrameReader(log, "server", false);
  log.onLast = () => reader.kill();
  const sample = concat([masked(0x81, "one"), masked(0x81, "two")]);
  assertEquals(reader.receive(sample), sample.length);
  assertEquals(log.lines, ["1 fin 3 one"]);
});
