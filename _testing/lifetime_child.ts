/**
 * Helper module of T52: a server that listens or a client that flows, with or without `unref()`, and
 * nothing else that would hold the process.
 *
 * @module
 */

import process from "node:process";
import { connect, createServer } from "../tcp/mod.ts";
import { isMain } from "./child.ts";

/** Source path of this module. */
export const LIFETIME_CHILD = "_testing/lifetime_child.ts";

async function main([role = "", port]: string[]): Promise<void> {
  const [kind, unref] = role.split(" ");
  if (kind === "server") {
    const server = await createServer(() => {}).listen({ port: 0, hostname: "127.0.0.1" });
    if (unref) server.unref();
  } else {
    const socket = connect({ port: Number(port), hostname: "127.0.0.1" });
    await socket.opened;
    socket.on("data", () => {});
    if (unref) socket.unref();
    socket.write("stall 60000\n");
  }
  console.log("ready");
}

if (isMain(LIFETIME_CHILD)) main(process.argv.slice(2));
