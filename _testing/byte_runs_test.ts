import { assert, assertEquals } from "@std/assert";
import { ByteRuns } from "./byte_runs.ts";

Deno.test("ByteRuns joins runs that go on over a chunk's end", () => {
  const seen = new ByteRuns();
  for (const chunk of [[65, 65], [65, 66], [], [66], [65]]) seen.add(Uint8Array.from(chunk));
  assertEquals(seen.total, 6);
  assertEquals(seen.runs, [[65, 3], [66, 2], [65, 1]]);
});

Deno.test("ByteRuns counts on but keeps 10,000 runs when every byte differs", () => {
  const seen = new ByteRuns();
  seen.add(Uint8Array.from({ length: 30_000 }, (_, index) => index % 2));
  assertEquals(seen.total, 30_000);
  assertEquals(seen.runs.length, 10_000);
});

Deno.test("ByteRuns counts 64 MiB fast", () => {
  const seen = new ByteRuns();
  const chunk = new Uint8Array(65_536).fill(7);
  const start = performance.now();
  for (let index = 0; index < 1024; index++) seen.add(chunk);
  const took = performance.now() - start;
  assertEquals(seen.runs, [[7, 67_108_864]]);
  assert(took < 1000, `${took} ms`);
});
