/**
 * wrk as the load of a case, a process of its own for each round. Its requests and the form of its
 * report are a script in Lua that is made for the case.
 */
import type { Pinning } from "./pinning.ts";
import type { WrkLoad } from "./suite.ts";

/** What wrk did in a round. */
export interface WrkReport {
  readonly requests: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The 99th percentile of the time to an answer, in microseconds. */
  readonly p99: number;
}

/** Longer than any round: wrk takes whole seconds only, and is told by a signal when to end. */
const LONGEST = "1h";

/** Ticks in a second of the times that Linux tells of a process (`getconf CLK_TCK`). */
const TICKS = 100;

/** Why there can be no load by wrk, or undefined. */
export async function wrkObstacle(): Promise<string | undefined> {
  try {
    await new Deno.Command("wrk", { args: ["--version"], stdout: "null", stderr: "null" }).output();
    return undefined;
  } catch {
    return "there is no wrk (on Debian: apt-get install wrk)";
  }
}

/** A text of plain characters as Lua has it. */
const quoted = (text: string) => JSON.stringify(text);

/** The script of a load. */
function scriptOf({ request, pipelined }: WrkLoad): string {
  const { method, path, headers, body } = request;
  const lines = [`wrk.method, wrk.path = ${quoted(method)}, ${quoted(path)}`];
  for (const [name, value] of Object.entries(headers)) {
    lines.push(`wrk.headers[${quoted(name)}] = ${quoted(value)}`);
  }
  if (body !== undefined) lines.push(`wrk.body = ${quoted(body)}`);
  if (pipelined > 1) {
    lines.push(
      "local requests",
      `function init() requests = string.rep(wrk.format(), ${pipelined}) end`,
      "function request() return requests end",
    );
  }
  lines.push(
    "function done(summary, latency)",
    "  local e = summary.errors",
    "  local failed = e.connect + e.read + e.write + e.status + e.timeout",
    `  print(string.format('{"requests":%d,"us":%d,"failed":%d,"p99":%.1f}',`,
    "    summary.requests, summary.duration, failed, latency:percentile(99)))",
    "end",
  );
  return lines.join("\n");
}

/** Time that a running process has had of its cores so far. */
function cpuSecondsOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold anything; the times are the 12th and 13th field behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** The load of a case, ready to be run on any server. */
export class Wrk implements Disposable {
  readonly #load: WrkLoad;
  readonly #pinning: Pinning;
  readonly #script: string = Deno.makeTempFileSync({ prefix: "bench", suffix: ".lua" });

  constructor(load: WrkLoad, pinning: Pinning) {
    this.#load = load;
    this.#pinning = pinning;
    Deno.writeTextFileSync(this.#script, scriptOf(load));
  }

  /** Why the speed of a server would mean nothing: it does not answer as it should. */
  async problemOf(port: number): Promise<string | undefined> {
    const { request, expected } = this.#load;
    const { path, ...init } = request;
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      const content = await response.text();
      if (response.status === 200 && content === expected) return undefined;
      return `it answers ${response.status} with ${content.slice(0, 100)}`;
    } catch (error) {
      return `it does not answer: ${error}`;
    }
  }

  async run(port: number, ms: number): Promise<WrkReport> {
    const load = [`-t1`, `-c${this.#load.connections}`, `-d${LONGEST}`, `-s${this.#script}`];
    const [program, ...args] = this.#pinning.generator([
      "wrk",
      ...load,
      `http://127.0.0.1:${port}${this.#load.request.path}`,
    ]);
    const child = new Deno.Command(program!, { args, stdout: "piped", stderr: "inherit" }).spawn();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const cpuSeconds = cpuSecondsOf(child.pid);
    child.kill("SIGINT");
    const { stdout } = await child.output();
    const report = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
    const { requests, us, failed, p99 } = report;
    if (failed > 0) throw new Error(`Of ${requests} requests of wrk ${failed} failed`);
    return { requests, seconds: us / 1e6, cpuSeconds, p99 };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#script);
  }
}
