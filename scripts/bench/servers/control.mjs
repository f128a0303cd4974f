// @ts-check
// The control channel of every server and of the load generator, in Deno and in Node: one JSON
// line in, one JSON line out. Plain JavaScript, so that Node 20 runs it without a build.
import process from "node:process";
import { createInterface } from "node:readline";

/** @param {unknown} value */
export function tell(value) {
  process.stdout.write(JSON.stringify(value) + "\n");
}

/** CPU time of this process in microseconds, its clock in milliseconds, and its resident bytes. */
export function usage() {
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, ms: performance.now(), rss: process.memoryUsage.rss() };
}

/** Resident bytes after as much garbage collection as it takes for the level to settle. */
export async function memory() {
  const { gc } = /** @type {{ gc?: () => void }} */ (globalThis);
  for (let i = 0; i < 4; i++) {
    gc?.();
    // Memory of array buffers is given back by a thread of the engine's own after the collection.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { rss: process.memoryUsage().rss };
}

/**
 * Answers the commands that arrive on standard input, one after the other.
 * @param {Record<string, (argument: Record<string, unknown>) => unknown>} commands
 */
export function obey(commands) {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", async (line) => {
    const argument = JSON.parse(line);
    const run = commands[argument.command];
    if (run === undefined) throw new Error(`No command ${argument.command}`);
    tell(await run(argument));
  });
  // The benchmark is gone: a server must not outlive it.
  lines.on("close", () => process.exit(0));
}

/**
 * Announces the port, then reports on request.
 * @param {number} port
 */
export function report(port) {
  tell({ port });
  obey({ usage, memory });
}
