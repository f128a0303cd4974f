/**
 * Helper module for the test of the namespace rig: tries each argument with raw sockets and prints
 * what came of it as one line of JSON.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { lookup } from "node:dns";
import { connect } from "node:net";
import process from "node:process";
import { isMain } from "./child.ts";

/** Source path of this module. */
export const NETNS_PROBE = "_testing/netns_probe.ts";

/** What came of one argument. */
export interface ProbeResult {
  /** The argument. */
  readonly probe: string;
  /** `connected`, an error code, or the addresses found. */
  readonly result: string;
  /** Milliseconds it took. */
  readonly ms: number;
}

/**
 * `tcp HOST PORT` connects to an address, `lookup NAME` resolves, `order NAME` tells in which order
 * the C library gives the addresses, `exit CODE` ends.
 */
function main(probes: string[]): void {
  for (const probe of probes) {
    const start = performance.now();
    run(probe.split(" "), (result) => {
      console.log(JSON.stringify({ probe, result, ms: Math.round(performance.now() - start) }));
    });
  }
}

function run([kind, name = "", port = "0"]: string[], done: (result: string) => void): void {
  if (kind === "tcp") probeTcp(name, Number(port), done);
  else if (kind === "lookup") lookup(name, (error, address) => done(error?.code ?? address));
  else if (kind === "order") done(addressOrder(name));
  else if (kind === "exit") process.exit(Number(name));
}

function probeTcp(host: string, port: number, done: (result: string) => void): void {
  const socket = connect({ host, port });
  socket.on("error", (error: Error & { code?: string }) => done(error.code ?? error.message));
  socket.on("connect", () => {
    socket.destroy();
    done("connected");
  });
}

/** From `getent`, since Deno's `node:dns` sorts IPv4 to the front. */
function addressOrder(name: string): string {
  const lines = execFileSync("getent", ["ahosts", name], { encoding: "utf8" }).split("\n");
  const addresses = lines.map((line) => line.split(" ")[0] ?? "").filter((text) => text !== "");
  return [...new Set(addresses)].join(" ");
}

if (isMain(NETNS_PROBE)) main(process.argv.slice(2));
