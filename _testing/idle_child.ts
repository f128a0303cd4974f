/**
 * Helper module of T53: a server whose idle sockets have a `data` listener each. On `measure N` it
 * waits for N connections and collects its garbage, so that the caller can look at its memory.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers";
import { createServer } from "../tcp/mod.ts";
import { isMain } from "./child.ts";
import { garbageCollector } from "./collect_garbage.ts";

/** Source path of this module. */
export const IDLE_CHILD = "_testing/idle_child.ts";

async function main(): Promise<void> {
  const collect = garbageCollector();
  let wanted = Infinity;
  let onEnough = () => {};
  const server = createServer((socket) => {
    socket.on("data", () => {});
    if (server.connections >= wanted) onEnough();
  });
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const { address } = server;
  console.log(`port ${address.transport === "tcp" ? address.port : 0}`);
  for await (const line of createInterface({ input: process.stdin })) {
    wanted = Number(line.split(" ")[1]);
    if (server.connections < wanted) await new Promise<void>((resolve) => onEnough = resolve);
    // Twice, with a turn between: what the first frees may free more.
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    console.log("measured");
  }
}

if (isMain(IDLE_CHILD)) main();
