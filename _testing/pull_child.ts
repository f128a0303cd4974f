/**
 * Helper module of T28: takes the `readable` of a connection, reads nothing until it is told to, and
 * then everything.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { connect } from "../tcp/mod.ts";
import { isMain } from "./child.ts";

/** Source path of this module. */
export const PULL_CHILD = "_testing/pull_child.ts";

async function main([port, command]: string[]): Promise<void> {
  const socket = connect({ port: Number(port), hostname: "127.0.0.1" });
  await socket.opened;
  socket.write(`${command}\n`);
  const reader = socket.readable.getReader();
  const input = createInterface({ input: process.stdin });
  const told = new Promise((resolve) => input.once("line", resolve));
  console.log("ready");
  await told;
  let total = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    total += value.length;
  }
  console.log(`total ${total}`);
  input.close();
}

if (isMain(PULL_CHILD)) main(process.argv.slice(2));
