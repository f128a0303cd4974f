/**
 * Runs a helper module in a process of its own, with the runtime that runs the test.
 *
 * A helper module is named by its source path from the root of the project, `_testing/x_child.ts`;
 * in Node its compiled file is run instead. It starts its work only if {@linkcode isMain} says so,
 * and its test imports it, or the npm build would not know of it.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { resolve as resolvePath } from "node:path";
import process from "node:process";
import { IN_DENO } from "./in_deno.ts";
import { Mailbox } from "./mailbox.ts";

/** How to run a child. */
export interface ChildOptions {
  /** Milliseconds after which it is killed, 20,000 when absent. */
  readonly timeout?: number;
  /** A command that runs the rest of its command line, as `["sh", "-c", 'exec "$@"', "--"]`. */
  readonly prefix?: readonly string[];
  /** Environment variables on top of the own ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Everything the child is to read from its standard input. */
  readonly input?: string;
}

/** How a child ended. */
export interface ChildResult {
  /** Exit code, `null` if a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it. */
  readonly signal: string | null;
  /** All of its standard output. */
  readonly stdout: string;
  /** All of its standard error. */
  readonly stderr: string;
  /** Whether it was killed for taking too long. */
  readonly timedOut: boolean;
}

/** A running child to talk with; dispose it to kill it and wait for its end. */
export interface Child extends AsyncDisposable {
  /** Process id: that of the prefix, if there is one and it does not `exec`. */
  readonly pid: number;
  /** Settles when the process is gone and its output is read; never rejects. */
  readonly exited: Promise<ChildResult>;
  /** Writes one line to its standard input. */
  writeLine(line: string): void;
  /** Ends its standard input. */
  closeInput(): void;
  /** Takes its next line of standard output that starts so, waiting for it; fails if none comes. */
  nextLine(start?: string): Promise<string>;
  /** Sends a signal, SIGKILL if none is named, and leaves waiting for the end to `exited`. */
  kill(signal?: "SIGKILL" | "SIGTERM" | "SIGINT" | "SIGSTOP" | "SIGCONT"): void;
}

/** Runs a helper module to its end. Never rejects for how it ended: look at the result. */
export async function runChild(
  module: string,
  args: readonly string[] = [],
  options: ChildOptions = {},
): Promise<ChildResult> {
  const child = startChild(module, args, options);
  child.closeInput();
  return await child.exited;
}

/** Starts a helper module and returns while it runs. */
export function startChild(
  module: string,
  args: readonly string[] = [],
  options: ChildOptions = {},
): Child {
  const [command = "", ...rest] = [...(options.prefix ?? []), ...moduleCommand(module), ...args];
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env };
  const running = spawn(command, rest, { env, stdio: ["pipe", "pipe", "pipe"] });
  return new RunningChild(running, options);
}

/** The command line that runs a helper module in this runtime. */
export function moduleCommand(module: string): string[] {
  const file = resolvePath(IN_DENO ? module : module.replace(/\.ts$/, ".js"));
  return IN_DENO ? [process.execPath, "run", "-A", "--quiet", file] : [process.execPath, file];
}

/**
 * Whether the process was started to run this helper module, rather than that a test imports it.
 * By the path, since the CommonJS build knows no `import.meta`.
 */
export function isMain(module: string): boolean {
  const main = process.argv[1] ?? "";
  const stem = "/" + module.replace(/\.ts$/, "");
  return main.endsWith(stem + ".ts") || main.endsWith(stem + ".js");
}

const DEFAULT_TIMEOUT = 20_000;

class RunningChild implements Child {
  readonly exited: Promise<ChildResult>;
  readonly #process: ChildProcess;
  readonly #lines = new Mailbox<string>();
  #stdout = "";
  #stderr = "";
  #partialLine = "";
  #timedOut = false;

  constructor(running: ChildProcess, options: ChildOptions) {
    this.#process = running;
    const timer = setTimeout(() => this.#giveUp(), options.timeout ?? DEFAULT_TIMEOUT);
    running.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    running.stderr?.setEncoding("utf8").on("data", (text: string) => this.#stderr += text);
    // The child may be gone before it has read its input; its exit says so better than EPIPE.
    running.stdin?.on("error", () => {});
    this.exited = new Promise((resolve) => {
      running.on("error", (error) => this.#stderr += `${error.message}\n`);
      // Not `exit`: only after `close` is all output read.
      running.on("close", (code, signal) => {
        clearTimeout(timer);
        this.#lines.close(`Child ended, stderr: ${this.#stderr}`);
        resolve(this.#result(code, signal));
      });
    });
    if (options.input !== undefined) running.stdin?.write(options.input);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  writeLine(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  closeInput(): void {
    this.#process.stdin?.end();
  }

  nextLine(start = ""): Promise<string> {
    return this.#lines.next((line) => line.startsWith(start));
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#process.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeInput();
    this.kill();
    await this.exited;
  }

  #take(text: string): void {
    this.#stdout += text;
    const lines = (this.#partialLine + text).split("\n");
    this.#partialLine = lines.pop() ?? "";
    for (const line of lines) this.#lines.push(line);
  }

  #giveUp(): void {
    this.#timedOut = true;
    this.kill();
    // A grandchild may hold the pipes open; without this `close` would wait for it.
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }

  #result(code: number | null, signal: string | null): ChildResult {
    return {
      code,
      signal,
      stdout: this.#stdout,
      stderr: this.#stderr,
      timedOut: this.#timedOut,
    };
  }
}
