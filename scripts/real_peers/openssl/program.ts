/** A foreign program: what it says, what it is told, how it ends. Runs in Deno and in Node. @module */

import { type ChildProcess, spawn } from "node:child_process";

/** A running program. */
export class Program {
  /** All that it has said so far, on both of its outputs. */
  output = "";
  /** What it ended with; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #running = true;

  /** Starts it. */
  constructor(command: string, args: readonly string[], folder?: string) {
    this.#child = spawn(command, [...args], {
      ...(folder === undefined ? {} : { cwd: folder }),
      stdio: ["pipe", "pipe", "pipe"],
    });
    const hear = (chunk: Uint8Array) => {
      this.output += new TextDecoder().decode(chunk);
      this.#tell();
    };
    this.#child.stdout!.on("data", hear);
    this.#child.stderr!.on("data", hear);
    // It may have ended before it read what it was told.
    this.#child.stdin!.on("error", () => {});
    this.ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code) => {
        this.#running = false;
        resolve(code);
        this.#tell();
      });
    });
    this.ended.catch(() => {});
  }

  /** Resolves when it has said what fits; rejects when it ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.output);
        if (found === null && this.#running) return;
        this.#watchers.delete(look);
        if (found !== null) resolve(found);
        else reject(new Error(`Cannot find ${pattern} in what it said: ${this.output}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Tells it something. */
  tell(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Tells it no more. */
  end(): void {
    this.#child.stdin!.end();
  }

  /** Ends it at once: its connections are cut. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.ended.catch(() => {});
  }

  #tell(): void {
    for (const look of [...this.#watchers]) look();
  }
}

/** Runs a program to its end. */
export async function run(
  command: string,
  args: readonly string[],
  folder?: string,
): Promise<{ code: number | null; output: string }> {
  await using program = new Program(command, args, folder);
  program.end();
  const code = await program.ended;
  return { code, output: program.output };
}
