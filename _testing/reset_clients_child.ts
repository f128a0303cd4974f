/**
 * Helper module: raw clients that connect and at once break off with an RST. Run to its end while the
 * test waits without a turn, so that the server under test finds them dead before it could accept.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { isMain, moduleCommand } from "./child.ts";
import { rawConnect } from "./raw_client.ts";

const RESET_CLIENTS_CHILD = "_testing/reset_clients_child.ts";

/** Blocks this process while `count` clients connect to a port of 127.0.0.1 and reset. */
export function resetClients(port: number, count: number): void {
  const [command = "", ...args] = moduleCommand(RESET_CLIENTS_CHILD);
  const options = { encoding: "utf8", timeout: 20_000 } as const;
  const { status, stderr } = spawnSync(command, [...args, `${port}`, `${count}`], options);
  if (status !== 0) throw new Error(`Clients failed: ${stderr}`);
}

async function main(port: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const client = await rawConnect({ port });
    client.reset();
    await client.closed;
  }
}

if (isMain(RESET_CLIENTS_CHILD)) main(Number(process.argv[2]), Number(process.argv[3]));
