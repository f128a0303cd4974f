/**
 * First process of the namespace rig: builds it, serves its names, runs the wanted module in it and
 * ends with that module's exit code. See `netns.ts` for what the rig offers.
 *
 * @module
 */

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isMain, moduleCommand, startChild } from "./child.ts";
import { startDns } from "./netns_dns.ts";
import { SLOW_PEER, SLOW_PEER_PORT } from "./netns_slow_peer.ts";
import { rawConnect } from "./raw_client.ts";

/** Source path of this module. */
export const NETNS_MAIN = "_testing/netns_main.ts";

/** First argument that asks for the slow peer; any other means none. */
export const SLOW_PEER_FLAG = "slow-peer";

/** Exit code when the rig itself could not be built: not one that a test module uses. */
const RIG_FAILED = 97;

/** After the lookup: later than the first SYN even of a busy client, before its repetition at 1 s. */
const OPEN_AFTER = 700;

const FILES: Readonly<Record<string, string>> = {
  hosts: "::1 localhost\n127.0.0.1 localhost\n",
  // One attempt, or SERVFAIL and NXDOMAIN are asked for twice; longer than slow.test takes.
  "resolv.conf": "nameserver 127.0.0.1\noptions timeout:10 attempts:1\n",
  "nsswitch.conf": "hosts: files dns\n",
  // Empty means the C library's own order, which puts a global IPv6 address before IPv4.
  "gai.conf": "",
};

/**
 * The devices and routes. `arp off` makes the kernel send without asking for a link address, and the
 * other end of the pair then takes each packet for someone else's: it vanishes, where an address
 * that nobody claims would become EHOSTUNREACH. `nodad`: usable as a source address at once.
 */
const SETUP = `
for file in hosts resolv.conf nsswitch.conf gai.conf; do
  if [ -e /etc/$file ]; then mount --bind "$1/$file" /etc/$file; fi
done
ip link set lo up
ip link add swallow type veth peer name beyond
ip link set swallow arp off
ip link set beyond up
ip link set swallow up
ip addr add 10.99.0.1/24 dev swallow
ip addr add fd01::1/64 dev swallow nodad
ip route add unreachable 10.98.0.0/24
ip route add prohibit 10.97.0.0/24
echo 1 > /proc/sys/net/ipv4/tcp_syn_retries
`;

async function main(flag = "", module = "", prefix = "[]", ...args: string[]): Promise<void> {
  buildRig();
  const openSlowPeer = flag === SLOW_PEER_FLAG ? await startSlowPeer() : () => {};
  await startDns(53, (name) => {
    if (name === "v4dead.test") openSlowPeer();
  });
  const outer: string[] = JSON.parse(prefix);
  const [command = "", ...rest] = [...outer, ...moduleCommand(module), ...args];
  const child = spawn(command, rest, { stdio: "inherit" });
  child.on("error", fail);
  // The end of this process, the first of its namespace, ends every other one in it.
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
}

function buildRig(): void {
  const folder = mkdtempSync(join(tmpdir(), "netns-"));
  try {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
    execFileSync("sh", ["-ec", SETUP, "sh", folder], { stdio: ["ignore", "inherit", "inherit"] });
  } finally {
    // What is bound over /etc stays readable without its name here.
    rmSync(folder, { recursive: true });
  }
}

/** Starts the peer that does not accept, fills its queue, and returns what lets it accept later. */
async function startSlowPeer(): Promise<() => void> {
  const peer = startChild(SLOW_PEER, [], { timeout: 600_000 });
  await peer.nextLine("listening");
  // A queue of length 1 is full with two connections in it.
  for (let count = 0; count < 2; count++) await rawConnect({ host: "::1", port: SLOW_PEER_PORT });
  let opening = false;
  return () => {
    if (opening) return;
    opening = true;
    setTimeout(() => peer.writeLine("accept"), OPEN_AFTER);
  };
}

function fail(error: unknown): void {
  console.error("namespace rig:", error);
  process.exit(RIG_FAILED);
}

if (isMain(NETNS_MAIN)) main(...process.argv.slice(2)).catch(fail);
