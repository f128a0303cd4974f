import { assert, assertEquals } from "@std/assert";
import { concat } from "../../_core/bytes.ts";
import type { NetError } from "../../_core/errors.ts";
import { pattern } from "../../_testing/pattern.ts";
import { everySplit } from "../../_testing/splits.ts";
import type { Inflater, InflateSink } from "./codec.ts";
import { FrameReader } from "./frame_reader.ts";
import { unmaskedFrame } from "./frame_writer.ts";
import { MessageAssembler, type MessageLimits, type MessageSink } from "./message_assembler.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const copy = (bytes: Uint8Array, start: number, end: number) => bytes.slice(start, end);

/** Writes down what it is told. */
class Log implements MessageSink {
  readonly lines: string[] = [];

  onMessage(data: string | Uint8Array): void {
    this.lines.push(typeof data === "string" ? `text ${data}` : `bytes ${[...data]}`);
  }

  onControl(opcode: number, payload: Uint8Array): void {
    this.lines.push(`${opcode} ${new TextDecoder().decode(payload)}`);
  }

  onViolation(error: NetError): void {
    this.lines.push(`${error.code} ${error.closeCode}`);
  }
}

/** "Inflates" by writing every byte twice; 0xff is no data of this kind. `!` comes at the end. */
class Doubler implements Inflater {
  push(chunk: Uint8Array, start: number, end: number, sink: InflateSink): boolean {
    for (let at = start; at < end; at++) {
      if (chunk[at] === 0xff) return false;
      if (!sink.onInflated(Uint8Array.of(chunk[at]!, chunk[at]!), 0, 2)) return true;
    }
    return true;
  }

  finish(sink: InflateSink): boolean {
    sink.onInflated(bytes("!"), 0, 1);
    return true;
  }
}

const LIMITS: MessageLimits = { maxMessageSize: 300, maxFrameSize: 200, maxFragments: 4 };

/** What is told of some frames, the same in every split. */
function assemble(frames: [first: number, payload: Uint8Array | string][]): string[] {
  const sample = concat(
    frames.map(([first, data]) =>
      unmaskedFrame(first, typeof data === "string" ? bytes(data) : data)
    ),
  );
  let expected: string[] | null = null;
  for (const pieces of everySplit(sample)) {
    const log = new Log();
    const assembler = new MessageAssembler(log, LIMITS, new Doubler(), copy);
    const reader = new FrameReader(assembler, "client", true);
    for (const piece of pieces) reader.receive(piece.slice());
    expected ??= log.lines;
    assertEquals(log.lines, expected);
  }
  return expected!;
}

Deno.test("MessageAssembler gives messages of one frame", () => {
  assertEquals(assemble([[0x81, "Hello"], [0x82, Uint8Array.of(1, 255)], [0x81, ""], [0x82, ""]]), [
    "text Hello",
    "bytes 1,255",
    "text ",
    "bytes ",
  ]);
  assertEquals(assemble([[0x81, "\ufeffκόσμε \u{1f600}"]]), ["text \ufeffκόσμε \u{1f600}"]);
});

Deno.test("MessageAssembler puts fragments together, with control frames between them", () => {
  const euro = bytes("€");
  assertEquals(
    assemble([
      [0x01, euro.subarray(0, 1)],
      [0x89, "ping"],
      [0x00, ""],
      [0x00, euro.subarray(1, 2)],
      [0x8a, ""],
      [0x80, concat([euro.subarray(2), bytes("!")])],
      [0x81, "next"],
    ]),
    ["9 ping", "10 ", "text €!", "text next"],
  );
  assertEquals(assemble([[0x02, "a"], [0x80, "b"], [0x01, ""], [0x80, ""]]), [
    "bytes 97,98",
    "text ",
  ]);
});

Deno.test("MessageAssembler refuses fragments out of order", () => {
  assertEquals(assemble([[0x80, "a"]]), ["ERR_WS_FRAGMENTATION 1002"]);
  assertEquals(assemble([[0x00, "a"]]), ["ERR_WS_FRAGMENTATION 1002"]);
  assertEquals(assemble([[0x01, "a"], [0x81, "b"]]), ["ERR_WS_FRAGMENTATION 1002"]);
  assertEquals(assemble([[0x81, "a"], [0x80, "b"]]), ["text a", "ERR_WS_FRAGMENTATION 1002"]);
});

Deno.test("MessageAssembler refuses text that is not UTF-8 at the byte that shows it", () => {
  assertEquals(assemble([[0x81, Uint8Array.of(0x41, 0xff)]]), ["ERR_WS_INVALID_UTF8 1007"]);
  assertEquals(assemble([[0x81, Uint8Array.of(0xe2, 0x82)]]), ["ERR_WS_INVALID_UTF8 1007"]);
  assertEquals(assemble([[0x01, Uint8Array.of(0xe2)], [0x80, "a"]]), ["ERR_WS_INVALID_UTF8 1007"]);
  const log = new Log();
  const reader = new FrameReader(new MessageAssembler(log, LIMITS, null, copy), "client", false);
  // The frame announces 100 bytes; the third cannot be.
  reader.receive(Uint8Array.of(0x01, 100, 0x41, 0xf4, 0x90));
  assertEquals(log.lines, ["ERR_WS_INVALID_UTF8 1007"]);
});

Deno.test("MessageAssembler keeps to its limits as soon as a head shows what comes", () => {
  const tooLarge = ["ERR_WS_MESSAGE_TOO_LARGE 1009"];
  assertEquals(assemble([[0x82, pattern(201)]]), tooLarge);
  assertEquals(assemble([[0x02, pattern(200)], [0x80, pattern(101)]]), tooLarge);
  assertEquals(assemble([[0x02, pattern(200)], [0x80, pattern(100)]]).length, 1);
  assertEquals(assemble([[0x02, ""], [0, ""], [0, ""], [0x80, ""]]), ["bytes "]);
  assertEquals(assemble([[0x02, ""], [0, ""], [0, ""], [0, ""], [0x80, ""]]), [
    "ERR_WS_TOO_MANY_FRAGMENTS 1009",
  ]);
  const log = new Log();
  const reader = new FrameReader(new MessageAssembler(log, LIMITS, null, copy), "client", false);
  reader.receive(Uint8Array.of(0x82, 126, 0, 201));
  assertEquals(log.lines, tooLarge);
});

Deno.test("MessageAssembler inflates messages, and leaves others as they are", () => {
  assertEquals(
    assemble([[0xc1, "ab"], [0x81, "ab"], [0x41, "a"], [0x89, "p"], [0x80, "b"], [0xc2, "a"]]),
    ["text aabb!", "text ab", "9 p", "text aabb!", "bytes 97,97,33"],
  );
  assertEquals(assemble([[0xc1, ""], [0x41, ""], [0x80, ""], [0xc2, ""]]), [
    "text ",
    "text ",
    "bytes ",
  ]);
});

Deno.test("MessageAssembler checks what comes out of the inflater", () => {
  assertEquals(assemble([[0xc1, Uint8Array.of(0x41, 0xff)]]), ["ERR_WS_INVALID_DEFLATE 1007"]);
  assertEquals(assemble([[0xc1, Uint8Array.of(0x80)]]), ["ERR_WS_INVALID_UTF8 1007"]);
  assertEquals(assemble([[0xc2, pattern(151)]]), ["ERR_WS_MESSAGE_TOO_LARGE 1009"]);
});

Deno.test("MessageAssembler gives memory to a large message by and by", () => {
  const log: (string | Uint8Array)[] = [];
  const limits = { maxMessageSize: 2 ** 40, maxFrameSize: 2 ** 40, maxFragments: 10 };
  const sink: MessageSink = {
    onMessage: (data) => log.push(data),
    onControl: () => {},
    onViolation: (error) => log.push(error.code),
  };
  const announcing = new FrameReader(
    new MessageAssembler(sink, limits, null, copy),
    "client",
    false,
  );
  announcing.receive(Uint8Array.of(0x82, 127, 0, 0, 0, 255, 0, 0, 0, 0, 1, 2, 3));
  const reader = new FrameReader(new MessageAssembler(sink, limits, null, copy), "client", false);
  const message = pattern(3_000_000);
  const frame = unmaskedFrame(0x82, message);
  for (let at = 0; at < frame.length; at += 50_000) reader.receive(frame.slice(at, at + 50_000));
  assert(log.length === 1 && log[0] instanceof Uint8Array);
  assertEquals(log[0].length, log[0].buffer.byteLength);
  assertEquals(log[0], message);
});
