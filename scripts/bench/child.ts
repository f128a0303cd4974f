import { TextLineStream } from "./line_stream.ts";

/**
 * A child process that answers each JSON line on its standard input with one JSON line on its
 * standard output. Servers and the load generator are both driven this way.
 */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();

  constructor(command: readonly string[]) {
    const [program, ...args] = command;
    this.#process = new Deno.Command(program!, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#process.stdout
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream())
      .getReader();
    this.#writer = this.#process.stdin.getWriter();
  }

  /** The next line the child prints; a child that has ended is an error. */
  async next<T>(): Promise<T> {
    const { done, value } = await this.#lines.read();
    if (done) throw new Error("The process ended before it answered");
    return JSON.parse(value) as T;
  }

  async ask<T>(command: string, argument: Readonly<Record<string, unknown>> = {}): Promise<T> {
    await this.#writer.write(this.#encoder.encode(JSON.stringify({ command, ...argument }) + "\n"));
    return await this.next<T>();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended by itself; there is nothing left to stop.
    }
    await this.#process.status;
    await this.#lines.cancel();
    await this.#writer.abort().catch(() => {});
  }
}
