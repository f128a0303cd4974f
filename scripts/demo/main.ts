/**
 * The demonstration, `deno task demo`: servers and clients on this library talk to each other,
 * what they said is shown, and the servers stay up until Ctrl-C for whoever wants to talk to them.
 * With `--once` it ends instead: with exit code 0 if everything was as expected, else 1.
 *
 * It names nothing of Deno, so that `in_node.ts` can run the same program in Node.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Outcome } from "./chat.ts";
import { Counters } from "./counters.ts";
import { httpServices } from "./http.ts";
import { startPage } from "./page.ts";
import { certify } from "./secure.ts";
import type { Service } from "./service.ts";
import { formatTable, isExpected, type Row } from "./table.ts";
import { tcpServices } from "./tcp.ts";
import { udpServices } from "./udp.ts";
import { webSocketServices } from "./websocket.ts";

/** Time in ms that clients have to leave after Ctrl-C. */
const TIME_TO_LEAVE = 1_000;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

function runtimeName(): string {
  const { deno, node } = process.versions;
  return deno === undefined ? `Node ${node}` : `Deno ${deno}`;
}

async function exercise(service: Service): Promise<Row[]> {
  const started = performance.now();
  try {
    return (await service.exercise()).map((row) => ({ service: service.name, ...row }));
  } catch (error) {
    const milliseconds = performance.now() - started;
    const received = String(error);
    const expected = "A conversation";
    return [{ service: service.name, sent: "(talks)", received, expected, milliseconds }];
  }
}

/** Lets the services talk one after the other. */
async function exerciseAll(services: readonly Service[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const service of services) rows.push(...await exercise(service));
  return rows;
}

function outcomeOf(rows: readonly Row[]): Outcome {
  return { right: rows.filter(isExpected).length, total: rows.length };
}

/** Lets the services talk, shows it, and tells whether all was right. */
async function talk(services: readonly Service[]): Promise<boolean> {
  const rows = await exerciseAll(services);
  const { right, total } = outcomeOf(rows);
  console.log(`@netstd/net in ${runtimeName()}\n\n${formatTable(rows)}\n`);
  console.log(`${right} of ${total} as expected`);
  return right === total;
}

/** Keeps everything up, with the page, until somebody ends it. */
async function stayUp(services: readonly Service[], counters: Counters): Promise<void> {
  const exercise = async () => outcomeOf(await exerciseAll(services));
  const page = await startPage({ counters, exercise });
  try {
    await untilInterrupted(services, page.url);
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

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((argument) => argument !== "--once");
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(" ")}\nUsage: deno task demo [--once]`);
    return 2;
  }
  const folder = await mkdtemp(join(tmpdir(), "netstd-demo-"));
  const tls = await certify(folder);
  const counters = new Counters();
  const services = [
    ...tcpServices(folder, counters),
    ...udpServices(counters),
    ...httpServices(tls, counters),
    ...webSocketServices(tls, counters),
  ];
  try {
    await Promise.all(services.map((service) => service.start()));
    const isRight = await talk(services);
    if (!args.includes("--once")) await stayUp(services, counters);
    return isRight ? 0 : 1;
  } finally {
    await Promise.all(services.map((service) => service.stop(TIME_TO_LEAVE)));
    await rm(folder, { recursive: true });
  }
}

// No exit(): a server or socket that was forgotten would show by holding the process.
process.exitCode = await main(process.argv.slice(2));
