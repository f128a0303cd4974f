/** Starts, asks and kills the server that runs in a process of its own. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { rule, within } from "./check.ts";

/** Time in ms in which it has to answer. */
const PATIENCE = 20_000;

/** The server in its process; see victim.ts. */
export class Victim {
  /** Its port, the same after each start. */
  port: number;
  readonly #limit: number | null;
  readonly #reusePort: boolean;
  /** Whether it runs. */
  lives = false;
  #child: ChildProcess | null = null;
  #lines: AsyncIterator<string> | null = null;

  /** Makes one that may hold so many descriptors, null for the usual number, and share its port. */
  constructor(limit: number | null, reusePort = false) {
    this.port = 0;
    this.#limit = limit;
    this.#reusePort = reusePort;
  }

  /** Starts it, and waits until it listens. */
  async start(): Promise<void> {
    const isNode = !("Deno" in globalThis);
    const program = new URL(isNode ? "victim.js" : "victim.ts", import.meta.url).pathname;
    // Garbage is no memory that somebody holds: it is collected before memory is told.
    const flags = isNode ? ["--expose-gc"] : ["run", "-A", "--v8-flags=--expose-gc"];
    const args = [...flags, program, `${this.port}`, ...(this.#reusePort ? ["reusePort"] : [])];
    const limit = this.#limit === null ? "" : `ulimit -n ${this.#limit}; `;
    const script = `${limit}exec "$0" "$@"`;
    this.#child = spawn("sh", ["-c", script, process.execPath, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.lives = true;
    this.#child.once("exit", () => this.lives = false);
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    const [, port] = await this.#line(/^ready (\d+)$/);
    this.port = Number(port);
  }

  /** How it fares: connections that are open and that were dropped, and the KiB that it holds. */
  async report(): Promise<{ dropped: number; open: number; held: number }> {
    // A child of Deno takes one signal by its own kill().
    process.kill(this.#child!.pid!, "SIGUSR2");
    const [, dropped, open, held] = await this.#line(/^dropped (\d+) open (\d+) held (\d+)$/);
    return { dropped: Number(dropped), open: Number(open), held: Number(held) };
  }

  /** The next line of its output, which has to be like this. */
  async #line(shape: RegExp): Promise<RegExpExecArray> {
    const { value } = await within(PATIENCE, `the server says ${shape}`, this.#lines!.next());
    const match = shape.exec(String(value));
    rule(match !== null, `the server says ${value}`);
    return match;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    if (!this.lives) return;
    const exited = once(this.#child!, "exit");
    this.#child!.kill("SIGKILL");
    await exited;
  }
}
