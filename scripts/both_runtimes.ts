/**
 * Runs a program that knows no runtime in Deno and then, on the npm build, in Node:
 * `both_runtimes.ts scripts/FOLDER [argument...]` runs the folder's `main.ts`.
 *
 * @module
 */

import { ROOT } from "./project_files.ts";
import { runInNode } from "./run_in_node.ts";

const [folder = "", ...args] = Deno.args;
Deno.chdir(ROOT);

console.log("# Deno");
const command = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "--v8-flags=--expose-gc", `${folder}/main.ts`, ...args],
});
const inDeno = (await command.spawn().status).code;
console.log("# Node");
const inNode = await runInNode(folder, "main.ts", args);
Deno.exit(inDeno || inNode);
