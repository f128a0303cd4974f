/**
 * Helper module for the test of `runChild`: answers each line it reads, shows its arguments and
 * environment, and ends with the code it is told.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { isMain } from "./child.ts";

/** Source path of this module. */
export const CHILD_ECHO = "_testing/child_echo.ts";

function main(args: string[]): void {
  console.log(`args ${args.join(",")}`);
  console.log(`env ${process.env["CHILD_ECHO"] ?? ""}`);
  console.error("to stderr");
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => console.log(`line ${line}`));
  lines.on("close", () => process.exit(Number(args[0] ?? 0)));
}

if (isMain(CHILD_ECHO)) main(process.argv.slice(2));
