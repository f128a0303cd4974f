import { assert } from "@std/assert";
import * as limits from "./server_limits.ts";

Deno.test("every default of the server is finite, and more than nothing", () => {
  for (const [name, value] of Object.entries(limits)) {
    assert(Number.isSafeInteger(value) && value > 0, name);
  }
});
