/**
 * Helper module for the tests of `tcp/connect.ts`: connects with this library inside the namespace
 * rig, one attempt after the other, and prints what came of each as one line of JSON.
 *
 * @module
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";
import { connect, type ConnectOptions, NetError } from "../tcp/mod.ts";
import { isMain } from "./child.ts";

/**
 * Source path of this module. Its argument is a {@linkcode ConnectTask} as JSON; or `unheard PORT`,
 * which connects and listens to nothing; or `idle PORT CALL...`, which calls `ref` and `unref`, reads
 * and waits for nothing else.
 */
export const CONNECT_CHILD = "_testing/connect_child.ts";

/** One connect. */
export interface ConnectAttempt {
  /** Name or address. */
  readonly hostname: string;
  /** Port. */
  readonly port: number;
  /** Options; a signal cannot travel as JSON. */
  readonly options?: Omit<ConnectOptions, "signal">;
  /** Aborts after that many milliseconds. */
  readonly abortAfter?: number;
  /** Milliseconds within which the descriptors have to be as before; 500 when absent. */
  readonly descriptorsWithin?: number;
}

/** What the child is to do. */
export interface ConnectTask {
  /** Connects, in this order. */
  readonly attempts: readonly ConnectAttempt[];
  /** A raw server to run meanwhile. */
  readonly listen?: { readonly host: string; readonly port: number };
}

/** The fields of an error that a connect failed with. */
export interface ConnectFailure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly errno?: number;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly errors?: readonly ConnectFailure[];
}

/** What came of one connect. */
export interface ConnectOutcome {
  /** Where it is connected to, or null. */
  readonly remote: string | null;
  /** Why it is not, or null. */
  readonly failure: ConnectFailure | null;
  /** Whether it failed with the very reason of the abort. */
  readonly isReason: boolean;
  /** Milliseconds until it was connected or failed. */
  readonly ms: number;
  /** Open descriptors before, and after the socket and what it needed are closed. */
  readonly descriptors: readonly [number, number];
}

const SHOWN = ["code", "errno", "syscall", "address", "port", "hostname"] as const;

function failureOf(error: unknown): ConnectFailure {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const { name, message } = error;
  if (!(error instanceof NetError)) return { name, message };
  const fields = Object.fromEntries(SHOWN.map((field) => [field, error[field]]));
  const errors = error.errors === undefined ? {} : { errors: error.errors.map(failureOf) };
  return { name, message, ...fields, ...errors };
}

async function attempt(
  { hostname, port, options, abortAfter, descriptorsWithin = 500 }: ConnectAttempt,
): Promise<ConnectOutcome> {
  const before = openDescriptors();
  const controller = new AbortController();
  const reason = new Error("Enough");
  const timer = abortAfter === undefined
    ? undefined
    : setTimeout(() => controller.abort(reason), abortAfter);
  const start = performance.now();
  const socket = connect({ hostname, port }, { ...options, signal: controller.signal });
  let remote: string | null = null;
  let error: unknown = null;
  try {
    remote = (await socket.opened).remoteAddress?.address ?? "";
  } catch (caught) {
    error = caught;
  }
  const ms = Math.round(performance.now() - start);
  clearTimeout(timer);
  socket.destroy();
  await socket.closed.catch(() => {});
  const after = await descriptorsBackTo(before, descriptorsWithin);
  const failure = error === null ? null : failureOf(error);
  return { remote, failure, isReason: error === reason, ms, descriptors: [before, after] };
}

/**
 * Open descriptors of this process, without Unix sockets: Deno opens a pair for itself some seconds
 * after its start, and no connect of this child makes one.
 */
function openDescriptors(): number {
  const lines = readFileSync("/proc/net/unix", "utf8").split("\n");
  const unix = new Set(lines.map((line) => line.split(/\s+/)[6]));
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1];
      return inode === undefined || !unix.has(inode);
    } catch {
      // The one that the folder itself was read with.
      return false;
    }
  }).length;
}

/** Runtimes close a socket some turns after they report its end: waits for that, within a limit. */
async function descriptorsBackTo(count: number, within: number): Promise<number> {
  const deadline = performance.now() + within;
  for (;;) {
    const open = openDescriptors();
    if (open <= count || performance.now() > deadline) return open;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Loads and opens what the first connects of a process need, and what then stays open. */
async function warmUp(): Promise<void> {
  await connect({ hostname: "127.0.0.1", port: 1 }).opened.catch(() => {});
  await connect({ hostname: "localhost", port: 1 }).opened.catch(() => {});
}

function idle(port: number, calls: string[]): void {
  const socket = connect({ hostname: "127.0.0.1", port }, {}, () => console.log("connected"));
  for (const call of calls) {
    if (call === "unref") socket.unref();
    if (call === "ref") socket.ref();
  }
  socket.on("data", () => {});
}

async function runTask(text: string): Promise<void> {
  const { attempts, listen }: ConnectTask = JSON.parse(text);
  const server = createServer((socket) => socket.on("error", () => {}).resume());
  if (listen !== undefined) {
    await new Promise<void>((resolve) => server.listen(listen.port, listen.host, () => resolve()));
  }
  await warmUp();
  for (const each of attempts) console.log(JSON.stringify(await attempt(each)));
  // Not left to end by itself: a lookup that was given up still holds the process for a while.
  process.exit(0);
}

async function main(what = "{}", port = "0", ...calls: string[]): Promise<void> {
  if (what === "unheard") connect({ hostname: "127.0.0.1", port: Number(port) });
  else if (what === "idle") idle(Number(port), calls);
  else await runTask(what);
}

if (isMain(CONNECT_CHILD)) main(...process.argv.slice(2));
