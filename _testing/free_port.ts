/**
 * Ports for tests that need one by number: to listen at again and again, or to find nobody at.
 *
 * @module
 */

import { createServer } from "node:net";

/** Below the range from which systems take the ports of clients, so that no client gets in between. */
const LOWEST = 10_000;
const HIGHEST = 30_000;

/** A port that nobody listens at, at any address. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
