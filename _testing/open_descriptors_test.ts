import { assertEquals } from "@std/assert";
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { descriptorsBackTo, openDescriptors } from "./open_descriptors.ts";

Deno.test("openDescriptors() counts one more for an open file", async () => {
  const before = openDescriptors();
  if (before === null) return;
  const file = openSync(process.execPath, "r");
  assertEquals(openDescriptors(), before + 1);
  assertEquals(await descriptorsBackTo(before, 20), before + 1);
  closeSync(file);
  assertEquals(await descriptorsBackTo(before), before);
});
