/**
 * Helper module of T38: a thousand small writes in one turn, for a tracer that counts system calls.
 *
 * @module
 */

import process from "node:process";
import { connect } from "../tcp/mod.ts";
import { isMain } from "./child.ts";

/** Source path of this module. */
export const BURST_CHILD = "_testing/burst_child.ts";

async function main([port]: string[]): Promise<void> {
  const socket = connect({ port: Number(port), hostname: "127.0.0.1" });
  await socket.opened;
  socket.write("count burst\n");
  await socket.flush();
  for (let index = 0; index < 1000; index++) socket.write(new Uint8Array(1024).fill(index % 256));
  await socket.close();
}

if (isMain(BURST_CHILD)) main(process.argv.slice(2));
