/**
 * A server on the runtime's own sockets that says what a test tells it to, for what the tests do to
 * this library's HTTP client.
 *
 * @module
 */

import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** One connection of a client, in the hands of a script. */
export interface ScriptedConnection {
  /** Its number, from 0 on. */
  readonly index: number;
  /** The next request head, without the empty line; rejects when the client ends before. */
  head(): Promise<string>;
  /** The next bytes of content, one letter each. */
  bytes(count: number): Promise<string>;
  /** Everything up to and with a text. */
  upTo(text: string): Promise<string>;
  /** Sends; resolves when the system has taken it. */
  write(data: string | Uint8Array): Promise<void>;
  /** Sends, and ends the side. */
  end(data?: string | Uint8Array): void;
  /** Breaks off with an RST. */
  reset(): void;
  /** Closes at once. */
  destroy(): void;
  /** Stops reading, or goes on. */
  pause(on: boolean): void;
  /** Resolves when the client has ended or broken the connection. */
  readonly ended: Promise<void>;
}

/** A running server. */
export interface ScriptedServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** The port, or 0 on a Unix socket. */
  readonly port: number;
  /** How many connections there were. */
  readonly accepted: number;
  /** How many are open. */
  readonly open: number;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

/** What is done with each connection; what it throws ends it. */
export type Script = (connection: ScriptedConnection) => Promise<void> | void;

/** A script that answers every request by the same text. */
export function always(text: string | Uint8Array): Script {
  return async (connection) => {
    for (;;) {
      await connection.head();
      await connection.write(text);
    }
  };
}

/** A whole response with a length. */
export function response(body: string, head = "", status = "200 OK"): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${head}\r\n${body}`;
}

/** Listens on a port of this machine, or on a path. */
export function scriptedServer(
  script: Script,
  where: { port?: number; path?: string } = {},
): Promise<ScriptedServer> {
  const { port = 0, path } = where;
  const server = new Running(script);
  return server.listen(path === undefined ? { port, host: "127.0.0.1" } : { path });
}

class Running implements ScriptedServer {
  accepted = 0;
  readonly #script: Script;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(script: Script) {
    this.#script = script;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      this.#run(new Connection(socket, this.accepted++), socket);
    });
  }

  async listen(where: { port: number; host: string } | { path: string }): Promise<ScriptedServer> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(where, () => resolve());
    });
    return this;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? (address as AddressInfo).port : 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get open(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const sockets = [...this.#sockets].map((socket) => {
      socket.destroy();
      return new Promise<void>((resolve) => socket.once("close", () => resolve()));
    });
    await Promise.all([closed, ...sockets]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(connection: Connection, socket: Socket): Promise<void> {
    try {
      await this.#script(connection);
    } catch {
      // The client has gone, as many tests want it.
      socket.destroy();
    }
  }
}

class Connection implements ScriptedConnection {
  readonly index: number;
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  #text = "";
  #over = false;
  #onProgress: (() => void)[] = [];

  constructor(socket: Socket, index: number) {
    this.index = index;
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#text += text;
      this.#progress();
    });
    this.ended = new Promise((resolve) => {
      for (const event of ["end", "error", "close"]) {
        socket.on(event, () => {
          this.#over = true;
          this.#progress();
          resolve();
        });
      }
    });
  }

  async head(): Promise<string> {
    return (await this.upTo("\r\n\r\n")).slice(0, -4);
  }

  bytes(count: number): Promise<string> {
    return this.#take(() => this.#text.length >= count ? count : -1);
  }

  upTo(text: string): Promise<string> {
    return this.#take(() => {
      const at = this.#text.indexOf(text);
      return at === -1 ? -1 : at + text.length;
    });
  }

  write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string"
      ? Uint8Array.from(data, (letter) => letter.charCodeAt(0))
      : data;
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve());
    });
  }

  end(data?: string | Uint8Array): void {
    if (data !== undefined) this.write(data).catch(() => {});
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(on: boolean): void {
    if (on) this.#socket.pause();
    else this.#socket.resume();
  }

  #take(find: () => number): Promise<string> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const end = find();
        if (end !== -1) {
          const taken = this.#text.slice(0, end);
          this.#text = this.#text.slice(end);
          resolve(taken);
        } else if (this.#over) {
          reject(new Error(`The client ended after ${this.#text.length} bytes`));
        } else this.#onProgress.push(check);
      };
      check();
    });
  }

  #progress(): void {
    for (const check of this.#onProgress.splice(0)) check();
  }
}
