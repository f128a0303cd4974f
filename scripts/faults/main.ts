/**
 * Faults and load, in the runtime that it runs in: `main.ts [--seconds N] [--seed N] [case...]`,
 * with N seconds for each case. The last line is `N passed, N failed`.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import type { Case } from "./check.ts";
import { churn } from "./churn.ts";
import { cuts } from "./cuts.ts";
import { slow } from "./slow.ts";
import { victims } from "./victims.ts";

const CASES: readonly Case[] = [...cuts, ...churn, ...slow, ...victims];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});
const settings = { ms: Number(values.seconds) * 1000, seed: Number(values.seed) };

let passed = 0;
let failed = 0;
process.on("unhandledRejection", (error) => {
  failed++;
  console.log("FAILED: a rejection that nobody could handle:", error);
});
for (const one of CASES) {
  if (positionals.length > 0 && !positionals.some((name) => one.name.startsWith(name))) continue;
  try {
    console.log(`ok ${one.name}: ${await one.run(settings)}`);
    passed++;
  } catch (error) {
    console.log(`FAILED ${one.name}:`, error);
    failed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
