/**
 * The tests of the npm build in the runtimes that it is for, installed from npm into a folder of
 * their own: `main.ts bun` or `main.ts node` (20, 22 and 24), after `deno task build:npm`. In Node
 * all of them have to pass; in Bun exactly those of `failures.ts` fail, each for a limit of Bun's that
 * `limits.mjs` shows. The last line is `N passed, N failed`, of checks.
 *
 * @module
 */

import { need, RUNTIME_PACKAGES, RUNTIMES } from "../package/project.ts";
import { exists, ROOT } from "../project_files.ts";
import { countNode, lastLines } from "../test_summary.ts";
import { BUN_FAILURES, differences, failedTests } from "./failures.ts";

/** Milliseconds: a test may take so long, and the whole of them in one runtime. */
const TEST_LIMIT = 30_000;
const WHOLE_LIMIT = 600_000;
/** Of the output so much is shown where something is wrong. */
const SHOWN_LINES = 400;

/** A runtime that was installed. */
interface Installed {
  readonly name: string;
  /** The path of what runs programs. */
  readonly program: string;
}

async function output(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    signal: AbortSignal.timeout(WHOLE_LIMIT),
  }).output();
  return new TextDecoder().decode(stdout);
}

/** Runs the tests; gives what is wrong. */
async function testIn({ name, program }: Installed): Promise<string[]> {
  const options = ["--format=esm", `--timeout=${TEST_LIMIT}`];
  const printed = await output(program, `${ROOT}scripts/node_test_runner.cjs`, "npm", ...options);
  const counts = countNode(printed);
  if (counts === undefined || counts.passed === 0) return ["the tests did not run to their end"];
  const { passed, failed, skipped } = counts;
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  const found = differences(failedTests(printed), name === "Bun" ? BUN_FAILURES : []);
  const withoutPassed = printed.replace(/^.* \.\.\. ok .*\n/gm, "");
  return found.length === 0 ? [] : [...found, lastLines(withoutPassed, SHOWN_LINES)];
}

/** Tries the limits; gives what is wrong. */
async function limitsOf({ name, program }: Installed): Promise<string[]> {
  const printed = await output(program, `${ROOT}scripts/npm_runtimes/limits.mjs`);
  const shown = JSON.parse(printed) as Record<string, boolean | null>;
  const expected = name === "Bun";
  const known = BUN_FAILURES.map(({ limit }) => limit);
  const untold = Object.keys(shown).filter((limit) => !known.includes(limit));
  const wrong = known.filter((limit) => shown[limit] === undefined || shown[limit] === !expected);
  return [
    ...untold.map((limit) => `no test or user is said to suffer from ${limit}`),
    ...wrong.map((limit) => `the limit ${limit} is ${expected ? "gone" : "here, too"}`),
  ];
}

async function install(folder: string, names: readonly string[]): Promise<Installed[]> {
  const packages = names.map((name) => RUNTIME_PACKAGES[name]!);
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify({ private: true }));
  await need(folder, ["npm", "install", "--no-audit", "--no-fund", "--no-save", ...packages]);
  return names.map((name) => ({ name, program: `${folder}/node_modules/${RUNTIMES[name]}` }));
}

async function main(wanted: string): Promise<number> {
  if (!await exists(`${ROOT}npm/README.md`)) {
    console.error("There is no npm build yet: run deno task build:npm first");
    return 2;
  }
  const names = Object.keys(RUNTIMES).filter((name) => name.toLowerCase().startsWith(wanted));
  const folder = await Deno.makeTempDir({ prefix: "netstd-runtimes-" });
  let passed = 0;
  let failed = 0;
  try {
    for (const runtime of await install(folder, names)) {
      const checks = { "the tests": testIn, "its limits": limitsOf };
      for (const [what, check] of Object.entries(checks)) {
        const wrong = await check(runtime);
        if (wrong.length === 0) passed++;
        else failed++;
        console.log(wrong.length === 0 ? "ok" : "FAILED", `${runtime.name}, ${what}`);
        for (const line of wrong) console.log(`  ${line}`);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args[0] ?? ""));
