import { assertEquals } from "@std/assert";
import process from "node:process";
import { environmentVariable } from "./environment.ts";

Deno.test("environmentVariable() gives the value when there is one", () => {
  process.env["NETSTD_TEST_VARIABLE"] = "there";
  assertEquals(environmentVariable("NETSTD_TEST_VARIABLE"), "there");
  delete process.env["NETSTD_TEST_VARIABLE"];
  assertEquals(environmentVariable("NETSTD_TEST_VARIABLE"), undefined);
});
