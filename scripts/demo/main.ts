/**
 * The demonstration, `deno task demo`: servers and clients on this library talk to each other,
 * what they said is shown, and the servers stay up until Ctrl-C for whoever wants to talk to them.
 * With `--once` it ends instead: with exit code 0 if everything was as expected, else 1. `--port N`
 * is where the page is to be found.
 *
 * It names nothing of Deno, so that `in_node.ts` can run the same program in Node.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { Demonstration, outcomeOf } from "./demonstration.ts";
import { startPage } from "./page.ts";
import type { Service } from "./service.ts";
import { formatTable } from "./table.ts";

/** Time in ms that clients have to leave after Ctrl-C. */
const TIME_TO_LEAVE = 1_000;

const USAGE = "Usage: deno task demo [--once] [--port N]";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

function runtimeName(): string {
  const { deno, node } = process.versions;
  return deno === undefined ? `Node ${node}` : `Deno ${deno}`;
}

/** Lets the services talk, shows it, and tells whether all was right. */
async function talk(demonstration: Demonstration): Promise<boolean> {
  const rows = await demonstration.talk();
  const { right, total } = outcomeOf(rows);
  console.log(`@netstd/net in ${runtimeName()}\n\n${formatTable(rows)}\n`);
  console.log(`${right} of ${total} as expected`);
  return right === total;
}

/** Keeps everything up, with the page, until somebody ends it. */
async function stayUp(demonstration: Demonstration, port: number): Promise<void> {
  const exercise = async () => outcomeOf(await demonstration.talk());
  const page = await startPage({ counters: demonstration.counters, exercise, port });
  try {
    await untilInterrupted(demonstration.services, page.url);
  } finally {
    await page.stop(TIME_TO_LEAVE);
  }
}

async function untilInterrupted(services: readonly Service[], page: string): Promise<void> {
  const width = Math.max(...services.map(({ name }) => name.length));
  const hints = services.map((service) => `  ${service.name.padEnd(width)}  ${service.command()}`);
  const interrupted = new Promise<void>((resolve) => {
    // Once: a second Ctrl-C ends the process in the system's way.
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
  console.log(`\nTalk to the servers from another shell:\n${hints.join("\n")}`);
  console.log(`\nChat, counters and latency, in several tabs: ${page}\nCtrl-C closes them`);
  await interrupted;
  console.log("\nClosing");
}

/** What the command line says; null, with a word about it, when that cannot be. */
function readArguments(args: string[]): { once: boolean; port: number } | null {
  try {
    const options = { once: { type: "boolean" }, port: { type: "string" } } as const;
    const { once = false, port = "0" } = parseArgs({ args, options }).values;
    return { once, port: Number(port) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return null;
  }
}

async function main(args: string[]): Promise<number> {
  const options = readArguments(args);
  if (options === null) return 2;
  const demonstration = new Demonstration();
  try {
    await demonstration.start();
    const isRight = await talk(demonstration);
    if (!options.once) await stayUp(demonstration, options.port);
    return isRight ? 0 : 1;
  } finally {
    await demonstration.stop(TIME_TO_LEAVE);
  }
}

// No exit(): a server or socket that was forgotten would show by holding the process.
process.exitCode = await main(process.argv.slice(2));
