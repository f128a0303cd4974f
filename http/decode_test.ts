import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { NetError } from "../_core/errors.ts";
import type { Coding } from "../_runtime/decompress.ts";
import { codingsOf, type DecodedBody, decodedBody } from "./decode.ts";

const TEXT = "netstd ".repeat(1000);
const LARGE = "0123456789abcdef".repeat(16 * 1024);
const LIMITS = { maxDecoded: 1024 * 1024, maxExpansion: 200 };

/** A source that notes what it is told. */
class Source {
  readonly calls: string[] = [];
  pull(): void {
    this.calls.push("pull");
  }
  pause(): void {
    this.calls.push("pause");
  }
  cancel(): void {
    this.calls.push("cancel");
  }
}

function feed({ receiver }: DecodedBody, bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) receiver.push(bytes.subarray(at, at + size));
  receiver.end(null);
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

const SAMPLES: [string, Coding[], (text: string) => Uint8Array][] = [
  ["gzip", ["gzip"], gzipSync],
  ["deflate", ["deflate"], deflateSync],
  ["deflate without a wrapper", ["deflate"], deflateRawSync],
  ["br", ["br"], brotliCompressSync],
  ["br under gzip", ["gzip", "br"], (text) => gzipSync(brotliCompressSync(text))],
];

for (const [name, codings, compress] of SAMPLES) {
  for (
    const [size, text] of [[100_000, TEXT], [7, TEXT], [100_000, LARGE], [1000, LARGE]] as const
  ) {
    Deno.test(`decodedBody() gives the content when ${name} comes by ${size} bytes of ${text.length}`, async () => {
      const decoded = decodedBody(new Source(), codings, LIMITS);
      feed(decoded, compress(text), size);
      assertEquals(await decoded.body.text(), text);
    });
  }

  Deno.test(`decodedBody() fails when ${name} is cut off`, async () => {
    for (const text of [TEXT, LARGE]) {
      const bytes = compress(text);
      const decoded = decodedBody(new Source(), codings, LIMITS);
      feed(decoded, bytes.subarray(0, bytes.length - 3), 100_000);
      assertEquals(await failure(decoded.body.bytes()), "ERR_HTTP_CONTENT_CODING");
    }
  });
}

Deno.test("decodedBody() fails when the content is in no coding", async () => {
  for (const coding of ["gzip", "deflate", "br"] as const) {
    const decoded = decodedBody(new Source(), [coding], LIMITS);
    feed(decoded, new TextEncoder().encode("(plain text)"), 100);
    assertEquals(await failure(decoded.body.bytes()), "ERR_HTTP_CONTENT_CODING");
  }
});

Deno.test("decodedBody() is empty when not a byte came", async () => {
  const decoded = decodedBody(new Source(), ["gzip"], LIMITS);
  feed(decoded, new Uint8Array(0), 1);
  assertEquals(await decoded.body.text(), "");
});

Deno.test("decodedBody() fails when the content expands to more than the limit", async () => {
  for (const compress of [gzipSync, brotliCompressSync]) {
    for (const length of [1024 * 1024 + 1, 40_000_000]) {
      const source = new Source();
      const decoded = decodedBody(source, [compress === gzipSync ? "gzip" : "br"], LIMITS);
      decoded.receiver.push(compress(new Uint8Array(length)));
      assertEquals(await failure(decoded.body.bytes()), "ERR_HTTP_DECODED_TOO_LARGE");
      assert(source.calls.includes("cancel"));
    }
  }
});

Deno.test("decodedBody() takes any expansion when it stays small, and a bomb never", async () => {
  const zeros = gzipSync(new Uint8Array(10_000_000));
  const limits = { maxDecoded: Infinity, maxExpansion: 200 };
  const harmless = decodedBody(new Source(), ["gzip"], limits);
  feed(harmless, zeros, 100_000);
  assertEquals((await harmless.body.bytes()).length, 10_000_000);
  const bomb = decodedBody(new Source(), ["gzip"], limits);
  feed(bomb, gzipSync(new Uint8Array(70_000_000)), 100_000);
  assertEquals(await failure(bomb.body.bytes()), "ERR_HTTP_DECODED_TOO_LARGE");
});

Deno.test("decodedBody() pauses its source when nobody reads, and lets it go on", async () => {
  const source = new Source();
  const decoded = decodedBody(source, ["gzip"], LIMITS);
  const random = crypto.getRandomValues(new Uint8Array(65_536));
  const bytes = gzipSync(new Uint8Array([...random, ...random, ...random]));
  decoded.receiver.push(bytes);
  assertEquals(source.calls, ["pause"]);
  const reading = decoded.body.bytes();
  decoded.receiver.end(null);
  assertEquals((await reading).length, 3 * 65_536);
});

Deno.test("decodedBody() passes a failure on when its source has one", async () => {
  const decoded = decodedBody(new Source(), ["gzip"], LIMITS);
  decoded.receiver.push(gzipSync(TEXT).subarray(0, 20));
  decoded.receiver.fail(new Error("Gone"));
  await assertRejects(() => decoded.body.bytes(), Error, "Gone");
});

Deno.test("decodedBody() cancels its source when the body is cancelled", () => {
  const source = new Source();
  const decoded = decodedBody(source, ["gzip", "br"], LIMITS);
  decoded.body.cancel();
  assertEquals(source.calls, ["cancel"]);
});

const CODINGS: [string, Coding[]][] = [
  ["gzip", ["gzip"]],
  ["X-GZIP", ["gzip"]],
  ["br, gzip", ["gzip", "br"]],
  ["identity", []],
  ["identity, deflate,", ["deflate"]],
  ["zstd", []],
  ["gzip, unknown", []],
  ["", []],
];

for (const [value, codings] of CODINGS) {
  Deno.test(`codingsOf() gives ${codings.join() || "nothing"} when the field is "${value}"`, () => {
    assertEquals(codingsOf(value), codings);
  });
}

Deno.test("codingsOf() throws when there are too many", () => {
  assertThrows(() => codingsOf("gzip, gzip, gzip, gzip, gzip"), NetError);
});
