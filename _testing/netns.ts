/**
 * Runs a helper module inside a private network namespace in which names, refusals, timeouts and
 * dead addresses are made to order. Needs Linux, root, `unshare` and `ip`; nothing outside changes
 * and nothing is left behind, since namespaces end with their last process.
 *
 * What there is inside, measured with raw sockets in Node 20 and Deno 2.9 on Linux 6.18:
 *
 * | address or name | effect |
 * |---|---|
 * | `127.0.0.1`, `::1` | as everywhere; a closed port refuses at once |
 * | `localhost` | the hosts file gives `::1`, then `127.0.0.1` |
 * | `8.8.8.8`, `2001:db8::1` | no route: `ENETUNREACH` at once |
 * | `10.98.0.0/24` | `EHOSTUNREACH` at once |
 * | `10.97.0.0/24` | prohibited: `EACCES` at once |
 * | `10.99.0.0/24`, `fd01::/64` | packets vanish: `ETIMEDOUT` after 3.0 to 3.1 s (SYN at 0 and 1 s) |
 * | `both.test` | `::1`, then `127.0.0.1` |
 * | `nope.test` and any other name | `ENOTFOUND` |
 * | `servfail.test` | `EAI_AGAIN`, at once |
 * | `slow.test` | `127.0.0.1` after 5 s; a lookup holds up the natural end of the process as long |
 * | `v6dead.test` | `fd01::2` (vanishes), then `127.0.0.1` |
 * | `v4dead.test` | `::1`, then `10.99.0.2` (vanishes) |
 * | `[::1]:8085` | with `slowPeer` only: see {@linkcode NetnsOptions.slowPeer} |
 *
 * What raw connects make of it, which shows that the rig can fail a scenario:
 *
 * | connect | Node 20 and 24 | `Deno.connect` | `node:net` in Deno |
 * |---|---|---|---|
 * | `v6dead.test`, listener on 127.0.0.1 | 0.25 s | 0.25 s | 3 ms (IPv4 first) |
 * | `v4dead.test:8085` with `slowPeer` | `ETIMEDOUT` after 3.3 s | 1.03 s | 1.5 s |
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { type Child, type ChildOptions, type ChildResult, startChild } from "./child.ts";
import { NETNS_MAIN, SLOW_PEER_FLAG } from "./netns_main.ts";

/** How to run a module in the rig; a `prefix` is put before the module inside. */
export interface NetnsOptions extends ChildOptions {
  /**
   * Starts an echo peer on `[::1]:8085` whose accept queue is full, so that the kernel drops each SYN.
   * It begins to accept 0.7 s after `v4dead.test` was looked up first: the SYN that follows the
   * lookup is lost, its repetition 1.0 s later is answered. Works once per run.
   */
  readonly slowPeer?: boolean;
}

/** A namespace of its own for network, mounts and processes, which dies with `unshare`. */
const UNSHARE = ["unshare", "-n", "-m", "-p", "-f", "--mount-proc", "--kill-child"];

/** What the rig needs beyond the namespace itself: a pair of devices, and IPv6. */
const PROBE = "ip link add swallow type veth peer name beyond && " +
  "ip link set lo up && ip -6 addr show dev lo | grep -q ::1";

let reason: string | null | undefined;

/** Why the rig cannot be built here, or `null` if it can. Tries once per process. */
export function netnsAvailable(): string | null {
  if (reason === undefined) reason = whyNot();
  return reason;
}

function whyNot(): string | null {
  if (process.platform !== "linux") return "network namespaces need Linux";
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const [command = "", ...args] = [...UNSHARE, "sh", "-c", PROBE];
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8", timeout: 10_000 });
  if (error !== undefined) return `unshare cannot be run: ${error.message}`;
  if (status === 0) return null;
  return `no network namespace here: ${stderr.trim() || "no IPv6"}`;
}

/** Runs a helper module in a fresh rig; output and exit code are the module's. */
export async function runInNetns(
  module: string,
  args: readonly string[] = [],
  options: NetnsOptions = {},
): Promise<ChildResult> {
  const child = startInNetns(module, args, options);
  child.closeInput();
  return await child.exited;
}

/** Starts a helper module in a fresh rig and returns while it runs; its pid is that of the rig. */
export function startInNetns(
  module: string,
  args: readonly string[] = [],
  options: NetnsOptions = {},
): Child {
  const { slowPeer = false, prefix = [], ...rest } = options;
  const rigArgs = [slowPeer ? SLOW_PEER_FLAG : "", module, JSON.stringify(prefix), ...args];
  return startChild(NETNS_MAIN, rigArgs, { ...rest, prefix: UNSHARE });
}
