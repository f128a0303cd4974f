import { assert, assertEquals, assertThrows } from "@std/assert";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { concat } from "../_core/bytes.ts";
import { type Coding, createDecompressor, decompressAll } from "./decompress.ts";

const TEXT = new TextEncoder().encode("netstd ".repeat(20_000));

const SAMPLES: [string, Coding, Uint8Array][] = [
  ["gzip", "gzip", new Uint8Array(gzipSync(TEXT))],
  ["zlib", "deflate", new Uint8Array(deflateSync(TEXT))],
  ["raw deflate", "deflate", new Uint8Array(deflateRawSync(TEXT))],
  ["brotli", "br", new Uint8Array(brotliCompressSync(TEXT))],
];

/** Decompresses in chunks; gives the output, or the error. */
function run(coding: Coding, chunks: Uint8Array[]): Promise<Uint8Array | Error> {
  const output: Uint8Array[] = [];
  const waiting = [...chunks];
  return new Promise((resolve) => {
    const next = () => {
      const chunk = waiting.shift();
      if (chunk === undefined) decompressor.end();
      else decompressor.write(chunk);
    };
    const decompressor = createDecompressor(coding, chunks[0]![0]!, {
      onData: (chunk) => output.push(chunk),
      onTaken: next,
      onEnd: () => resolve(concat(output)),
      onError: resolve,
    });
    next();
  });
}

for (const [name, coding, sample] of SAMPLES) {
  Deno.test(`createDecompressor() gives the whole when ${name} comes in parts`, async () => {
    const half = sample.length >> 1;
    for (const chunks of [[sample], [sample.subarray(0, half), sample.subarray(half)]]) {
      assertEquals(await run(coding, chunks), TEXT);
    }
  });

  Deno.test(`createDecompressor() fails when ${name} is cut off`, async () => {
    for (const missing of [1, 2, 4, sample.length - 1]) {
      const cut = sample.subarray(0, sample.length - missing);
      assert(await run(coding, [cut]) instanceof Error, `${missing} bytes missing`);
    }
  });

  if (coding === "br") continue;
  Deno.test(`decompressAll() gives the whole, and no more than allowed, when ${name} is whole`, () => {
    assertEquals(decompressAll(coding, sample, TEXT.length), TEXT);
    assertThrows(() => decompressAll(coding, sample, TEXT.length - 1));
    assertThrows(() => decompressAll(coding, sample.subarray(0, sample.length - 4), TEXT.length));
  });
}

Deno.test("createDecompressor() tells nothing when it was closed", async () => {
  let told = 0;
  const note = () => void (told += 1);
  const decompressor = createDecompressor("gzip", 0x1f, {
    onData: note,
    onTaken: note,
    onEnd: note,
    onError: note,
  });
  decompressor.write(SAMPLES[0]![2]);
  decompressor.close();
  await run("gzip", [SAMPLES[0]![2]]);
  assertEquals(told, 0);
});
