import { MemoryStream } from "./memory_stream.ts";
import { STREAM_CONTRACT, withSinks } from "./stream_contract.ts";

Deno.test("MemoryStream keeps the contract of streams when its buffers are large or small", async (t) => {
  for (const capacity of [1000, 64 * 1024]) {
    for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
      await t.step(`${rule} (${capacity})`, () => {
        return check(withSinks(...MemoryStream.pair({ capacity })));
      });
    }
  }
});
