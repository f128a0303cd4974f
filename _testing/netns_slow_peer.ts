/**
 * Helper process of the namespace rig: listens, but accepts nothing until a line comes on its
 * standard input. Both runtimes accept by themselves as long as their loop turns, so it is held up.
 *
 * @module
 */

import { readSync, writeSync } from "node:fs";
import { isMain } from "./child.ts";
import { startPeer } from "./peer.ts";

/** Source path of this module. */
export const SLOW_PEER = "_testing/netns_slow_peer.ts";

/** Port on `::1`. */
export const SLOW_PEER_PORT = 8085;

async function main(): Promise<void> {
  await startPeer({ host: "::1", port: SLOW_PEER_PORT, backlog: 1 });
  writeSync(1, "listening\n");
  while (!inputHasCome()) Atomics.wait(NEVER, 0, 0, 10);
}

/** Memory that nobody changes: waiting for it is sleeping without a turn of the loop. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

function inputHasCome(): boolean {
  try {
    readSync(0, new Uint8Array(16));
    return true;
  } catch (error) {
    // Importing node:process in an ES module makes standard input non-blocking in Node; elsewhere
    // the read itself waits.
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return false;
    throw error;
  }
}

if (isMain(SLOW_PEER)) main();
