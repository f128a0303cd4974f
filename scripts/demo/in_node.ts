/**
 * The demonstration in Node, on the npm build: `deno run -A scripts/demo/in_node.ts [--once]`
 * after `deno task build:npm`.
 *
 * @module
 */

import { runInNode } from "../run_in_node.ts";

if (import.meta.main) Deno.exit(await runInNode("scripts/demo", "main.ts", Deno.args));
