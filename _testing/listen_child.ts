/**
 * Helper module for the tests of `tcp/server.ts`: a server of this library in a process of its own.
 * The first argument says which part to play, see {@linkcode ROLES}.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { createServer } from "../tcp/mod.ts";
import { isMain } from "./child.ts";
import { rawConnect } from "./raw_client.ts";

/** Source path of this module. */
export const LISTEN_CHILD = "_testing/listen_child.ts";

/** What the child can do, by the name that is its first argument. */
const ROLES: Readonly<Record<string, (...args: string[]) => Promise<void>>> = {
  flood,
  localhost,
  life,
  throwing,
};

/**
 * Echoes at a port that it prints as `port N`. To each line `measure MS` it answers, that much later,
 * with `cpu MS` of its own processor time and `drops N CODE...`; to `idle` with the same word once
 * it has no connection; it ends with its input. It shares its port if `sharing` is `reusePort`.
 */
async function flood(sharing = ""): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket));
  let drops = 0;
  const reasons = new Set<string>();
  server.on("drop", ({ reason }) => {
    drops++;
    reasons.add(reason);
  });
  server.on("clientError", () => {});
  // Deno 2.9 opens what it needs for signals late, and panics if no descriptor is left by then.
  process.on("SIGUSR2", () => {});
  await server.listen({ hostname: "127.0.0.1", port: 0, reusePort: sharing === "reusePort" });
  console.log(`port ${server.address.port}`);
  const lines = createInterface({ input: process.stdin });
  const answerIdle = (): void => {
    if (server.connections === 0) console.log("idle");
    else setTimeout(answerIdle, 5);
  };
  lines.on("line", (line) => {
    if (line === "idle") return answerIdle();
    const before = process.cpuUsage();
    setTimeout(() => {
      const { user, system } = process.cpuUsage(before);
      console.log(`cpu ${Math.round((user + system) / 1000)}`);
      console.log(`drops ${drops} ${[...reasons].join(" ")}`);
    }, Number(line.split(" ")[1]));
  });
  lines.on("close", () => process.exit(0));
}

/** Listens at the name `localhost` and prints, for each address of the rig, how connecting went. */
async function localhost(): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket));
  await server.listen({ hostname: "localhost", port: 0 });
  const port = server.address.port ?? 0;
  for (const host of ["127.0.0.1", "::1"]) {
    try {
      const client = await rawConnect({ host, port });
      await client.write("abc");
      await client.waitFor(3);
      client.end();
      await client.closed;
      console.log(`${host} echoes`);
    } catch (error) {
      console.log(`${host} ${error}`);
    }
  }
  await server.close();
}

/** Listens, with the calls of `ref` and `unref` that are named, and prints `listening`. */
async function life(...calls: string[]): Promise<void> {
  const server = createServer();
  const apply = (when: string): void => {
    for (const call of calls) {
      if (call === `${when}:unref`) server.unref();
      if (call === `${when}:ref`) server.ref();
    }
  };
  apply("before");
  await server.listen({ hostname: "127.0.0.1", port: 0 });
  apply("after");
  console.log("listening");
}

/** Has a listener that throws on the first client, and prints that and what the second one sees. */
async function throwing(): Promise<void> {
  let clients = 0;
  const server = createServer((socket) => {
    if (++clients === 1) throw new Error("Thrown by a listener");
    socket.pipe(socket);
  });
  process.on("uncaughtException", (error) => console.log(`uncaught ${error.message}`));
  await server.listen({ hostname: "127.0.0.1", port: 0 });
  const port = server.address.port ?? 0;
  const first = await rawConnect({ port });
  const second = await rawConnect({ port });
  await second.write("abc");
  await second.waitFor(3);
  console.log("echoed");
  first.destroy();
  second.end();
  await server.close({ timeout: 0 });
}

async function main(role = "", ...args: string[]): Promise<void> {
  await ROLES[role]?.(...args);
}

if (isMain(LISTEN_CHILD)) main(...process.argv.slice(2));
