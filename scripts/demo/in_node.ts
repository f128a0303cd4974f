/**
 * The demonstration in Node, on the npm build: `deno run -A scripts/demo/in_node.ts [--once]`
 * after `deno task build:npm`.
 *
 * The sources import the package by its name. Here they are stripped of their types into a folder
 * of their own, whose `node_modules` has the built package: Node finds it as it would find the
 * published one, and nothing of the demonstration gets into that.
 *
 * @module
 */

import ts from "typescript";

const SOURCES = new URL("./", import.meta.url);
const PACKAGE = new URL("../../npm", import.meta.url);

/** Types out, and `./x.ts` to `./x.js`; `await using` is not in Node 20. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

async function emit(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(SOURCES)) {
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
    const source = await Deno.readTextFile(new URL(name, SOURCES));
    const { outputText } = ts.transpileModule(source, { compilerOptions });
    await Deno.writeTextFile(`${folder}/${name.replace(/\.ts$/, ".js")}`, outputText);
  }
  await Deno.mkdir(`${folder}/page`);
  for await (const { name } of Deno.readDir(new URL("page/", SOURCES))) {
    await Deno.copyFile(new URL(`page/${name}`, SOURCES), `${folder}/page/${name}`);
  }
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify({ type: "module" }));
  await Deno.mkdir(`${folder}/node_modules/@netstd`, { recursive: true });
  await Deno.symlink(decodeURIComponent(PACKAGE.pathname), `${folder}/node_modules/@netstd/net`);
}

/** Runs a program of Node to its end; it gets the signals that would end it. */
async function runNode(args: string[]): Promise<number> {
  const child = new Deno.Command("node", { args }).spawn();
  // Ctrl-C reaches both processes: Node's is the one to decide what follows.
  const ignore = () => {};
  const passOn = () => child.kill("SIGTERM");
  Deno.addSignalListener("SIGINT", ignore);
  Deno.addSignalListener("SIGTERM", passOn);
  const { code } = await child.status;
  Deno.removeSignalListener("SIGINT", ignore);
  Deno.removeSignalListener("SIGTERM", passOn);
  return code;
}

/** Tells whether the package is there: its README comes last. */
async function isBuilt(): Promise<boolean> {
  try {
    return (await Deno.stat(`${decodeURIComponent(PACKAGE.pathname)}/README.md`)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function main(): Promise<number> {
  if (!await isBuilt()) {
    console.error("There is no npm build yet: run deno task build:npm first");
    return 2;
  }
  const folder = await Deno.makeTempDir({ prefix: "netstd-demo-node-" });
  try {
    await emit(folder);
    return await runNode([`${folder}/main.js`, ...Deno.args]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
