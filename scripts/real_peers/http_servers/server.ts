/** A server in a process of its own. Runs in Deno and in Node. @module */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const PROGRAMS = {
  "Deno.serve": [process.env["DENO_PROGRAM"] ?? "deno", "run", "-A", "deno_serve.mjs"],
  "node:http": ["node", "node_http.mjs"],
} as const;

/** Which server. */
export type Kind = keyof typeof PROGRAMS;

/** One that can be ended and started again at its port. */
export class Server {
  readonly kind: Kind;
  #port = 0;
  #child: ChildProcess | null = null;

  /** Names it. */
  constructor(kind: Kind) {
    this.kind = kind;
  }

  /** Where it is. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts it, at the port that it had. */
  async start(): Promise<this> {
    const [command, ...args] = PROGRAMS[this.kind];
    const cwd = fileURLToPath(new URL(".", import.meta.url));
    const child = spawn(command, [...args, String(this.#port)], {
      cwd,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child = child;
    let said = "";
    this.#port = await new Promise<number>((resolve, reject) => {
      child.stdout!.on("data", (chunk: Uint8Array) => {
        said += new TextDecoder().decode(chunk);
        const port = /listening (\d+)/.exec(said)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
      child.on("error", reject);
      child.on("close", () => reject(new Error(`Cannot start the server: ${said}`)));
    });
    return this;
  }

  /** Has it close the connections that idle. */
  closeIdle(): void {
    this.#child!.stdin!.write("close\n");
  }

  /** Ends it at once. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.on("close", () => resolve()));
    child.kill("SIGKILL");
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
