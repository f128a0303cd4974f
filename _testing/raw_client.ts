/**
 * A client on the runtime's own sockets, for what the tests do to this library's servers.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { type ByteRun, ByteRuns } from "./byte_runs.ts";

/** Where to connect and how. */
export interface RawConnectOptions {
  /** Port of the server; not needed with `path`. */
  readonly port?: number;
  /** Address of the server, `127.0.0.1` when absent. */
  readonly host?: string;
  /** Path of a Unix socket instead. */
  readonly path?: string;
  /** Reads nothing until `resume()`. */
  readonly paused?: boolean;
  /** Keeps the own side open after the server's FIN. */
  readonly allowHalfOpen?: boolean;
}

/** How a raw connection ended. */
export interface RawClosed {
  /** `eof`: the server's FIN; `reset`: an error; `close`: destroyed here first. */
  readonly how: "eof" | "reset" | "close";
  /** Bytes received in all. */
  readonly received: number;
  /** `code` of the error behind `reset`. */
  readonly code: string | null;
  /** `performance.now()` at that moment. */
  readonly at: number;
}

/** A connected raw client. */
export interface RawClient extends AsyncDisposable {
  /** Own port, 0 on a Unix socket. */
  readonly localPort: number;
  /** Bytes received so far. */
  readonly received: number;
  /** What was received as runs of equal bytes. */
  readonly runs: readonly ByteRun[];
  /** What was received so far as text; only the first 64 KiB are kept. */
  readonly text: string;
  /** Settles when the server's side has ended: EOF, error, or a destroy here. */
  readonly ended: Promise<RawClosed>;
  /** Settles when the socket is closed altogether. */
  readonly closed: Promise<RawClosed>;
  /** Writes; resolves when the system has taken the bytes, rejects when it has not. */
  write(data: Uint8Array | string): Promise<void>;
  /** Sends FIN, after `data` if given. */
  end(data?: Uint8Array | string): void;
  /** Ends with an RST (SO_LINGER 0). */
  reset(): void;
  /** Closes at once. */
  destroy(): void;
  /** Stops reading. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  /** Resolves once `bytes` bytes were received in all; rejects if the server ends before. */
  waitFor(bytes: number): Promise<void>;
}

/** Connects; rejects with the runtime's own error. */
export function rawConnect(options: RawConnectOptions): Promise<RawClient> {
  const { host = "127.0.0.1", port = 0, path, allowHalfOpen = false, paused = false } = options;
  const socket = connect(
    path === undefined ? { host, port, allowHalfOpen } : { path, allowHalfOpen },
  );
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(new Client(socket, paused));
    });
  });
}

const TEXT_LIMIT = 65_536;

class Client implements RawClient {
  readonly localPort: number;
  readonly ended: Promise<RawClosed>;
  readonly closed: Promise<RawClosed>;
  readonly #socket: Socket;
  readonly #seen = new ByteRuns();
  readonly #decoder = new TextDecoder();
  #text = "";
  #code: string | null = null;
  #end: RawClosed | null = null;
  #onProgress: (() => void)[] = [];

  constructor(socket: Socket, paused: boolean) {
    this.#socket = socket;
    this.localPort = socket.localPort ?? 0;
    this.closed = new Promise((resolve) => {
      socket.on("close", () => resolve(this.#endedAs("close")));
    });
    this.ended = new Promise((resolve) => {
      // Bun emits an `end` for what was destroyed here as well.
      socket.on("end", () => socket.destroyed || resolve(this.#endedAs("eof")));
      socket.on("error", (error: Error & { code?: string }) => {
        this.#code = error.code ?? error.name;
        resolve(this.#endedAs("reset"));
      });
      socket.on("close", () => resolve(this.#endedAs("close")));
    });
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    if (paused) socket.pause();
  }

  get received(): number {
    return this.#seen.total;
  }

  get runs(): readonly ByteRun[] {
    return this.#seen.runs;
  }

  get text(): string {
    return this.#text;
  }

  write(data: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(data, (error) => error ? reject(error) : resolve());
    });
  }

  end(data?: Uint8Array | string): void {
    if (data === undefined) this.#socket.end();
    else this.#socket.end(data);
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  waitFor(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (this.#seen.total >= bytes) resolve();
        else if (this.#end === null) this.#onProgress.push(check);
        else reject(new Error(`Server ended (${this.#end.how}) after ${this.#seen.total} bytes`));
      };
      check();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  #take(chunk: Uint8Array): void {
    this.#seen.add(chunk);
    if (this.#text.length < TEXT_LIMIT) {
      this.#text += this.#decoder.decode(chunk, { stream: true });
    }
    this.#progress();
  }

  /** The first reason stays: an EOF is not turned into a close by the close that follows it. */
  #endedAs(how: RawClosed["how"]): RawClosed {
    if (this.#end === null || (how === "reset" && this.#end.how !== "reset")) {
      const { total: received } = this.#seen;
      this.#end = { how, received, code: this.#code, at: performance.now() };
    }
    this.#progress();
    return this.#end;
  }

  #progress(): void {
    for (const check of this.#onProgress.splice(0)) check();
  }
}
