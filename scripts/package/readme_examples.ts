/** The examples of README as programs of Node. @module */

import { ROOT } from "../project_files.ts";
import { toJavaScript } from "../to_javascript.ts";
import type { Project } from "./project.ts";

/** The assertions that the examples import, under the name that they have there. */
async function writeAssertions(project: Project): Promise<void> {
  const from = `${ROOT}scripts/jsr_links/assert`;
  const to = "node_modules/@std/assert";
  for await (const { name } of Deno.readDir(from)) {
    if (!name.endsWith(".ts")) continue;
    const source = await Deno.readTextFile(`${from}/${name}`);
    await project.write(`${to}/${name.replace(/\.ts$/, ".js")}`, toJavaScript(source));
  }
  const manifest = { name: "@std/assert", type: "module", exports: "./mod.js" };
  await project.write(`${to}/package.json`, JSON.stringify(manifest));
}

/** Writes each example of README as a file, and gives the line it stands in with its path. */
export async function writeExamples(project: Project): Promise<[line: number, path: string][]> {
  await writeAssertions(project);
  const text = await Deno.readTextFile(`${ROOT}README.md`);
  const examples: [number, string][] = [];
  for (const match of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    const line = text.slice(0, match.index).split("\n").length;
    const path = await project.write(`examples/line_${line}.mjs`, toJavaScript(match[1]!));
    examples.push([line, path]);
  }
  return examples;
}
