/**
 * TLS with other people's programs: `openssl s_client` and `curl` against our servers, our clients
 * against `openssl s_server`, our certificates read by `openssl verify` and `openssl x509`.
 * `deno task test:openssl`, with a part of a name to run only such cases; in Node as well where the
 * npm build is there. The last line is `N passed, N failed`, or why nothing was tested.
 *
 * @module
 */

import ts from "typescript";

const SOURCES = new URL("./openssl/", import.meta.url);
const PACKAGE = new URL("../../npm/", import.meta.url);

/** Types out, and `./x.ts` to `./x.js`; `await using` is not in Node 20. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

async function exists(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["version"], stdout: "null", stderr: "null" }).output();
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

/** Makes a folder of the cases in which Node finds the package as it would the published one. */
async function emit(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(SOURCES)) {
    const source = await Deno.readTextFile(new URL(name, SOURCES));
    const { outputText } = ts.transpileModule(source, { compilerOptions });
    await Deno.writeTextFile(`${folder}/${name.replace(/\.ts$/, ".js")}`, outputText);
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
    stderr: "inherit",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  const last = lines.pop() ?? "";
  console.log(lines.join("\n"));
  return last;
}

async function inNode(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "netstd-openssl-node-" });
  try {
    await emit(folder);
    return await lastLine("node", [`${folder}/main.js`]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function main(): Promise<number> {
  for (const program of ["openssl", "curl"]) {
    if (await exists(program)) continue;
    console.log(`skipped: there is no ${program} here (on Debian: apt-get install ${program})`);
    return 0;
  }
  const program = decodeURIComponent(new URL("main.ts", SOURCES).pathname);
  const ends = [await lastLine(Deno.execPath(), ["run", "-A", program])];
  if (await isBuilt() && await exists("node")) ends.push(await inNode());
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

if (import.meta.main) Deno.exit(await main());
