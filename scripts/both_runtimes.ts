/**
 * Runs a program that knows no runtime in Deno and then, on the npm build, in Node:
 * `both_runtimes.ts scripts/FOLDER [argument...]` runs the folder's `main.ts`.
 *
 * @module
 */

import { ROOT } from "./project_files.ts";
import { runInNode } from "./run_in_node.ts";

/** Runs `main.ts` of a folder in both; gives the status of the first that failed, or 0. */
export async function inBothRuntimes(folder: string, args: string[]): Promise<number> {
  console.log("# Deno");
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--v8-flags=--expose-gc", `${folder}/main.ts`, ...args],
    cwd: ROOT,
    env: { DENO_PROGRAM: Deno.execPath() },
  });
  const inDeno = (await command.spawn().status).code;
  console.log("# Node");
  const inNode = await runInNode(folder, "main.ts", args);
  return inDeno || inNode;
}

if (import.meta.main) {
  const [folder = "", ...args] = Deno.args;
  Deno.exit(await inBothRuntimes(folder, args));
}
