/** How long it takes until a module is there, beyond what an empty program takes. @module */

import { ROOT } from "../project_files.ts";
import { type Project, RUNTIMES } from "./project.ts";

/** Milliseconds that `tcp` may take. */
export const MOST_FOR_TCP = 30;

const ROUNDS = 15;
const MODULES = ["tcp", "udp", "tls", "http", "websocket"];

async function timeOf(command: readonly string[]): Promise<number> {
  const [program = "", ...args] = command;
  const began = performance.now();
  const { success } = await new Deno.Command(program, {
    args,
    stdout: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot run ${command.join(" ")}`);
  return performance.now() - began;
}

/** The difference of the fastest runs: whatever else the machine does only makes them slower. */
async function beyondEmpty(run: readonly string[], files: readonly string[]): Promise<number[]> {
  const fastest = files.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, file] of files.entries()) {
      fastest[index] = Math.min(fastest[index]!, await timeOf([...run, file]));
    }
  }
  return fastest.map((time) => time - fastest[0]!);
}

/** Milliseconds for each module, by runtime. */
export async function startTimes(project: Project): Promise<Record<string, number[]>> {
  const empty = await project.write("start/empty.mjs", "");
  const packaged = [empty];
  const sources = [empty];
  for (const name of MODULES) {
    packaged.push(await project.write(`start/${name}.mjs`, `import "@netstd/net/${name}";\n`));
    const source = `import "file://${ROOT}${name}/mod.ts";\n`;
    sources.push(await project.write(`start/deno_${name}.ts`, source));
  }
  const config = `--config=${ROOT}deno.json`;
  const times: Record<string, number[]> = {
    Deno: await beyondEmpty([Deno.execPath(), "run", "-A", config], sources),
  };
  for (const runtime of ["Node 20", "Node 24"]) {
    times[runtime] = await beyondEmpty([project.installed(RUNTIMES[runtime]!)], packaged);
  }
  return times;
}

/** Such times as a text. */
export function showTimes(times: readonly number[]): string {
  return MODULES.map((name, index) => `${name} ${times[index + 1]!.toFixed(0)} ms`).join(", ");
}
