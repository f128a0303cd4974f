/**
 * `deno task test` with the real packages of JSR: `deno task test:jsr`. For machines that reach it.
 *
 * The project links small stand-ins for them, so that everything runs without JSR. They have to
 * behave as the real ones do, and this is the proof: the project without its links, in a copy, so
 * that no command can find the links through the configuration.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };
import { ROOT } from "./project_files.ts";

const LEFT_OUT = new Set([".git", "npm", "node_modules", "coverage", "jsr_links"]);

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (LEFT_OUT.has(name)) continue;
    if (isDirectory) await copy(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function testCopy(folder: string): Promise<boolean> {
  await copy(ROOT, folder);
  const { links: _links, ...unlinked } = config;
  await Deno.writeTextFile(`${folder}/deno.json`, `${JSON.stringify(unlinked, null, 2)}\n`);
  const command = new Deno.Command(Deno.execPath(), { args: ["task", "test"], cwd: folder });
  const { success } = await command.spawn().status;
  return success;
}

const folder = await Deno.makeTempDir({ prefix: "netstd_jsr_" });
let success = false;
try {
  success = await testCopy(folder);
} finally {
  await Deno.remove(folder, { recursive: true });
}
if (!success) Deno.exit(1);
