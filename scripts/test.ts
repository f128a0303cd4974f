/**
 * Every check and every test of the project: `deno task test`. With `--checks` the static checks
 * alone: `deno task check`.
 *
 * The static checks and the npm build share the machine, and then the tests in Deno and those of one
 * format after the other in Node. The last line is `N passed, N failed`, with `, N skipped` if
 * tests were skipped; a step without tests counts as one.
 *
 * @module
 */

import { ROOT } from "./project_files.ts";
import { runStep, type Step, type StepResult } from "./test_step.ts";
import { countDeno, countNode, shippedByMistake, summary } from "./test_summary.ts";

const deno = Deno.execPath();

function script(name: string): string[] {
  return [deno, "run", "-A", `scripts/${name}`];
}

const CHECKS: Step[] = [
  { name: "format", command: [deno, "fmt", "--check"] },
  { name: "lint", command: [deno, "lint"] },
  { name: "types", command: [deno, "check"] },
  { name: "layers", command: script("check_layers.ts") },
  { name: "shape", command: script("check_shape.ts") },
  { name: "docs", command: script("check_docs.ts") },
  {
    name: "publish",
    command: [deno, "publish", "--dry-run", "--allow-dirty"],
    complaint: shippedByMistake,
  },
];

const PACKAGE: Step[] = [
  { name: "npm build", command: script("build_npm.ts") },
  { name: "publint", command: ["npx", "-y", "publint@0.3.25", "--strict"], folder: "npm" },
  {
    name: "attw",
    command: ["npx", "-y", "@arethetypeswrong/cli@0.18.5", "--pack", "--profile", "node16"],
    folder: "npm",
  },
];

/** `--doc` adds the examples of the sources and of README. */
const DENO_TESTS: Step = {
  name: "tests in Deno",
  command: [deno, "test", "-A", "--doc", "--trace-leaks"],
  count: countDeno,
};

const NODE_TESTS: Step[] = ["esm", "script"].map((format) => ({
  name: `tests in Node (${format})`,
  command: ["node", "scripts/node_test_runner.cjs", "npm", `--format=${format}`],
  count: countNode,
}));

/** Runs steps one after the other. */
async function inTurn(steps: Step[]): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) results.push(await runStep(step));
  return results;
}

/** Runs steps each of which needs the first to have passed. */
async function upon(first: Step, rest: Step[]): Promise<StepResult[]> {
  const result = await runStep(first);
  if (result.failed > 0) return [result];
  return [result, ...await inTurn(rest)];
}

async function main(): Promise<void> {
  Deno.chdir(ROOT);
  if (Deno.args.includes("--checks")) return finish(await inTurn(CHECKS));
  const [build, ...packageChecks] = PACKAGE;
  if (!build) throw new Error("Cannot test the npm package: no step builds it");
  const [checks, built] = await Promise.all([inTurn(CHECKS), upon(build, packageChecks)]);
  // A package that could not be built is one failure, and has no tests to run.
  const hasPackage = built.length > 1;
  // Two at a time: most of the time both wait.
  const nodeTests = hasPackage ? NODE_TESTS : [];
  const [inDeno, inNode] = await Promise.all([runStep(DENO_TESTS), inTurn(nodeTests)]);
  finish([...checks, ...built, inDeno, ...inNode]);
}

function finish(results: StepResult[]): void {
  const { line, success } = summary(results);
  console.log(line);
  if (!success) Deno.exit(1);
}

if (import.meta.main) await main();
