/**
 * Runs a program of cases in Deno, and in Node over the npm build where that is there. Its last line
 * is `N passed, N failed`.
 *
 * @module
 */

import { toJavaScript } from "../to_javascript.ts";

const PACKAGE = new URL("../../npm/", import.meta.url);

/** Whether a program is there that tells its version. */
export async function exists(program: string, argument = "version"): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: [argument], stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether the package is there: its README comes last. */
async function isBuilt(): Promise<boolean> {
  try {
    return (await Deno.stat(new URL("README.md", PACKAGE))).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Makes a folder of the program in which Node finds the package as it would the published one. */
async function emit(sources: URL, folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(sources)) {
    const source = await Deno.readTextFile(new URL(name, sources));
    const text = name.endsWith(".ts") ? toJavaScript(source) : source;
    await Deno.writeTextFile(`${folder}/${name.replace(/\.ts$/, ".js")}`, text);
  }
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify({ type: "module" }));
  await Deno.mkdir(`${folder}/node_modules/@netstd`, { recursive: true });
  const target = decodeURIComponent(PACKAGE.pathname);
  await Deno.symlink(target, `${folder}/node_modules/@netstd/net`);
}

/** Passes on what a run says, and gives its last line. */
async function lastLine(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command(command, {
    args: [...args, ...Deno.args],
    // For cases that have a program of their own run by Deno.
    env: { DENO_PROGRAM: Deno.execPath() },
    stderr: "inherit",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  const last = lines.pop() ?? "";
  console.log(lines.join("\n"));
  return last;
}

async function inNode(sources: URL): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "netstd-in-node-" });
  try {
    await emit(sources, folder);
    return await lastLine("node", [`${folder}/main.js`]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs `main.ts` of a folder in both; gives the exit code. */
export async function inBothRuntimes(sources: URL): Promise<number> {
  const program = decodeURIComponent(new URL("main.ts", sources).pathname);
  const ends = [await lastLine(Deno.execPath(), ["run", "-A", program])];
  if (await isBuilt() && await exists("node", "--version")) ends.push(await inNode(sources));
  else console.log("Not in Node: there is no npm build (deno task build:npm), or no node");
  let passed = 0;
  let failed = 0;
  for (const end of ends) {
    const counts = /^(\d+) passed, (\d+) failed$/.exec(end);
    // A run without an end is one failure.
    passed += Number(counts?.[1] ?? 0);
    failed += Number(counts?.[2] ?? 1);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
