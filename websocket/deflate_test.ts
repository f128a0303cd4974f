import { assert, assertEquals } from "@std/assert";
import { concat } from "../_core/bytes.ts";
import { pattern } from "../_testing/pattern.ts";
import type { DeflateAgreement } from "./_engine/extension.ts";
import { MessageDeflater, MessageInflater } from "./deflate.ts";

const EFFORT = { level: 6, memoryLevel: 8 };

function agreement(changes: Partial<DeflateAgreement> = {}): DeflateAgreement {
  return {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
    ...changes,
  };
}

function inflate(inflater: MessageInflater, data: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  const sink = {
    onInflated(bytes: Uint8Array, start: number, end: number) {
      pieces.push(bytes.slice(start, end));
      return true;
    },
  };
  assert(inflater.push(data, 0, data.length, sink));
  assert(inflater.finish());
  return concat(pieces);
}

const message = new TextEncoder().encode(JSON.stringify(Array.from(pattern(500))));

Deno.test("MessageDeflater and MessageInflater use what was said before, if that was agreed on", () => {
  for (
    const [changes, remembers] of [
      [{}, true],
      [{ clientNoContextTakeover: true }, true],
      [{ serverNoContextTakeover: true }, false],
    ] as const
  ) {
    const deflater = new MessageDeflater(agreement(changes), "server", EFFORT);
    const inflater = new MessageInflater(agreement(changes), "client");
    const [first, second] = [deflater.deflate(message), deflater.deflate(message)];
    assertEquals(second.length < first.length / 2, remembers);
    assertEquals([first, second].map((data) => inflate(inflater, data)), [message, message]);
    deflater.release();
    inflater.close();
  }
});

Deno.test("MessageDeflater begins anew after forget() and release(), which the peer need not know", () => {
  const deflater = new MessageDeflater(agreement(), "client", EFFORT);
  const inflater = new MessageInflater(agreement(), "server");
  const first = deflater.deflate(message);
  deflater.forget();
  const second = deflater.deflate(message);
  assertEquals(first, second);
  const third = deflater.deflate(message);
  assert(third.length < second.length / 2);
  deflater.release();
  const fourth = deflater.deflate(message);
  for (const data of [first, second, third, fourth]) {
    assertEquals(inflate(inflater, data), message);
  }
  deflater.release();
  inflater.close();
});

Deno.test("MessageDeflater gives an empty message its one byte", () => {
  const deflater = new MessageDeflater(agreement(), "client", EFFORT);
  const inflater = new MessageInflater(agreement(), "server");
  for (let count = 0; count < 2; count++) {
    const data = deflater.deflate(new Uint8Array(0));
    assertEquals([...data], [0]);
    assertEquals(inflate(inflater, data).length, 0);
    assertEquals(inflate(inflater, deflater.deflate(message)), message);
  }
  deflater.release();
  inflater.close();
});

Deno.test("MessageDeflater keeps to every window", () => {
  for (let bits = 8; bits <= 15; bits++) {
    const agreed = agreement({ serverMaxWindowBits: bits });
    const deflater = new MessageDeflater(agreed, "server", EFFORT);
    const inflater = new MessageInflater(agreed, "client");
    const large = concat([message, pattern(40_000), message]);
    assertEquals(inflate(inflater, deflater.deflate(large)), large);
    assertEquals(inflate(inflater, deflater.deflate(large)), large);
    deflater.release();
    inflater.close();
  }
});
