/**
 * The HTTP server with much of everything, in Deno and in Node (there on the npm build): 1 GiB up
 * and down in flat memory, 10,000 idle connections, thousands of slow ones, all closed on time.
 * `deno task test:endurance`; the last line is `N passed, N failed`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Child } from "../bench/child.ts";
import { exists, ROOT } from "../project_files.ts";
import { Crowd } from "./crowd.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Resident memory that 1 GiB may take more than a quarter of it: garbage, not what is kept. */
const MOST_GROWTH = 96 * MIB;

const KEEP_ALIVE = 4000;
const HEAD = 4000;
/** How much later than due a server may end a connection, in ms: the timer's step, and its turns. */
const LATEST = 1000;
/** How much later a client may learn of it: thousands of them share a process that is busy, too. */
const LATEST_HEARD = 5000;

const IDLE = 10_000;
const SLOW = 5000;

interface Server {
  readonly child: Child;
  readonly port: number;
  readonly pid: number;
}

interface Runtime {
  readonly name: string;
  readonly command: readonly string[];
  readonly module: string;
}

const RUNTIMES: readonly Runtime[] = [
  {
    name: "Deno",
    command: [Deno.execPath(), "run", "-A", "--v8-flags=--expose-gc"],
    module: "http/mod.ts",
  },
  { name: "Node", command: ["node", "--expose-gc"], module: "npm/esm/http/mod.js" },
];

async function start({ command, module }: Runtime): Promise<Server> {
  const program = `${ROOT}scripts/endurance/server.mjs`;
  const child = new Child([...command, program, `../../${module}`, `${KEEP_ALIVE}`, `${HEAD}`]);
  return { child, ...await child.next<{ port: number; pid: number }>() };
}

function rss(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Looks at the resident memory of a process until it is disposed of. */
class Watch implements Disposable {
  peak: number;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(pid: number) {
    this.peak = rss(pid);
    this.#timer = setInterval(() => this.peak = Math.max(this.peak, rss(pid)), 50);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The most resident memory of a server during a transfer, and the time that took in ms. */
async function peakOf(
  { pid }: Server,
  run: (size: number) => Promise<number>,
  size: number,
): Promise<{ peak: number; ms: number }> {
  using watch = new Watch(pid);
  const began = performance.now();
  assertEquals(await run(size), size);
  return { peak: watch.peak, ms: performance.now() - began };
}

/** Does a short transfer, and a long one that must not need more memory. */
async function transfer(server: Server, run: (size: number) => Promise<number>): Promise<string> {
  const short = await peakOf(server, run, GIB / 4);
  const long = await peakOf(server, run, GIB);
  const figures = `${Math.round(1024 / long.ms * 1000)} MiB/s, at most ` +
    `${Math.round(long.peak / MIB)} MiB of memory, ${Math.round(short.peak / MIB)} for a quarter`;
  assert(long.peak - short.peak <= MOST_GROWTH, figures);
  return figures;
}

function upload(server: Server): Promise<string> {
  return transfer(server, async (size) => {
    const chunk = new Uint8Array(65_536);
    let left = size;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (left === 0) return controller.close();
        left -= chunk.length;
        controller.enqueue(chunk.slice());
      },
    });
    const response = await fetch(`http://127.0.0.1:${server.port}/`, { method: "POST", body });
    return Number(await response.text());
  });
}

function download(server: Server): Promise<string> {
  return transfer(server, async (size) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/?size=${size}`);
    let got = 0;
    for await (const chunk of response.body!) got += chunk.length;
    return got;
  });
}

/** Checks how long connections were let wait, counted from what set their clocks. */
function onTime(what: string, [first, last]: [number, number], due: number, late: number): string {
  const figures = `${what} after ${Math.round(first)} to ${Math.round(last)} ms, due at ${due}`;
  assert(first >= due - 100, figures);
  assert(last <= due + late, figures);
  return figures;
}

async function idle({ child, port }: Server): Promise<string> {
  const before = (await child.ask<{ rss: number }>("memory")).rss;
  using crowd = new Crowd(port);
  // The first to come must not be closed before the last is there, or the memory is not all of it.
  await crowd.askOnce(IDLE);
  const open = await child.ask<number>("connections");
  const after = (await child.ask<{ rss: number }>("memory")).rss;
  await crowd.closed();
  const kib = (after - before) / IDLE / 1024;
  return `${open} open, ${kib.toFixed(1)} KiB each; ` +
    onTime("closed", crowd.closedAfter(), KEEP_ALIVE, LATEST_HEARD);
}

async function slowHeads({ child, port }: Server): Promise<string> {
  using crowd = new Crowd(port);
  await crowd.trickle(SLOW, HEAD / 8);
  const began = performance.now();
  assertEquals(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "Hello");
  const answered = performance.now() - began;
  await crowd.closed();
  assertEquals(crowd.answers(), ["HTTP/1.1 408 Request Timeout"]);
  const waits = (await child.ask<number[]>("waits")).toSorted((a, b) => a - b);
  assertEquals(waits.length, SLOW);
  return `another was answered within ${Math.round(answered)} ms; ` +
    `${onTime("refused", [waits[0]!, waits.at(-1)!], HEAD, LATEST)}; ` +
    onTime("closed", crowd.closedAfter(), HEAD, LATEST_HEARD);
}

async function nothingLeft({ child }: Server): Promise<string> {
  // The connections of `fetch()` are idle ones too.
  await new Promise((resolve) => setTimeout(resolve, KEEP_ALIVE + LATEST_HEARD));
  assertEquals(await child.ask<number>("connections"), 0);
  return "no connection is left";
}

const CASES: Readonly<Record<string, (server: Server) => Promise<string>>> = {
  "1 GiB up": upload,
  "1 GiB down": download,
  [`${IDLE} idle connections`]: idle,
  [`${SLOW} slow heads`]: slowHeads,
  "afterwards": nothingLeft,
};

async function main(): Promise<number> {
  let failed = 0;
  let passed = 0;
  for (const runtime of RUNTIMES) {
    if (!await exists(`${ROOT}${runtime.module}`)) {
      console.log(`Left out: ${runtime.name}, ${runtime.module} is missing`);
      continue;
    }
    const server = await start(runtime);
    await using _child = server.child;
    for (const [name, run] of Object.entries(CASES)) {
      try {
        console.log(`ok ${runtime.name}: ${name}: ${await run(server)}`);
        passed++;
      } catch (error) {
        failed++;
        console.error(`FAILED ${runtime.name}: ${name}:`, error);
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
