import { assertEquals, assertThrows } from "@std/assert";
import { NetError } from "../_core/errors.ts";
import { environmentVariable } from "./environment.ts";

Deno.test({
  name: "environmentVariable() throws ERR_ACCESS_DENIED, with the name, when it may not be read",
  permissions: { env: false },
  fn() {
    const error = assertThrows(() => environmentVariable("ALL_PROXY"), NetError, "ALL_PROXY");
    assertEquals(error.code, "ERR_ACCESS_DENIED");
  },
});
