/**
 * Runs programs of a folder under `scripts/` in Node, on the npm build.
 *
 * They are stripped of their types into a folder of their own, where the package is found by its
 * name as an application finds it, and the library's own folders lie beside them for whoever looks
 * inside.
 *
 * @module
 */

import { FOLDER_LAYERS, TESTING_FOLDER } from "./layer_table.ts";
import { exists, ROOT } from "./project_files.ts";
import { toJavaScript } from "./to_javascript.ts";

/** What programs of several folders use. */
const SHARED = "scripts/random.ts";

async function emit(from: string, to: string): Promise<void> {
  const source = await Deno.readTextFile(from);
  await Deno.writeTextFile(to.replace(/\.ts$/, ".js"), toJavaScript(source));
}

async function emitFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await emitFolder(`${from}/${name}`, `${to}/${name}`);
    else if (!name.endsWith(".ts")) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    else if (!name.endsWith("_test.ts")) await emit(`${from}/${name}`, `${to}/${name}`);
  }
}

async function layOut(folder: string, root: string): Promise<void> {
  await emitFolder(`${ROOT}${folder}`, `${root}/${folder}`);
  await emit(ROOT + SHARED, `${root}/${SHARED}`);
  await Deno.writeTextFile(`${root}/package.json`, JSON.stringify({ type: "module" }));
  await Deno.mkdir(`${root}/node_modules/@netstd`, { recursive: true });
  await Deno.symlink(`${ROOT}npm`, `${root}/node_modules/@netstd/net`);
  for (const name of [...Object.keys(FOLDER_LAYERS), TESTING_FOLDER]) {
    await Deno.symlink(`${ROOT}npm/esm/${name}`, `${root}/${name}`);
  }
}

/** Runs a program of Node to its end; it gets the signals that would end it. */
async function runNode(args: string[]): Promise<number> {
  // For cases that have a program of their own run by Deno.
  const child = new Deno.Command("node", { args, env: { DENO_PROGRAM: Deno.execPath() } }).spawn();
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

/** Runs `program` of `folder` with arguments, and gives its status; 2 when there is no build. */
export async function runInNode(folder: string, program: string, args: string[]): Promise<number> {
  // The README comes last in a build.
  if (!await exists(`${ROOT}npm/README.md`)) {
    console.error("There is no npm build yet: run deno task build:npm first");
    return 2;
  }
  const root = await Deno.makeTempDir({ prefix: "netstd-node-" });
  try {
    await layOut(folder, root);
    return await runNode([
      "--expose-gc",
      `${root}/${folder}/${program.replace(/\.ts$/, ".js")}`,
      ...args,
    ]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
