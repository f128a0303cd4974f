/**
 * Peer P of the scenarios: a raw server that does what the first line of a connection tells it, made
 * from the runtime's own sockets, so that no test judges this library by this library.
 *
 * In Deno `node:net` answers a write that is held back with EPIPE when the other side has sent FIN
 * and never a byte. The peer is safe from that: its clients always send the command line.
 *
 * @module
 */

import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { type ByteRun, ByteRuns } from "./byte_runs.ts";
import { Mailbox } from "./mailbox.ts";
import { peerCommands, type PeerConnection } from "./peer_commands.ts";

export { type RawClient, type RawClosed, rawConnect } from "./raw_client.ts";

/** How the input of a connection ended; `close` means that the peer itself gave up first. */
export type PeerEnd = "eof" | "reset" | "close";

/** What a command that counts has logged. */
export interface PeerRecord {
  /** The tag given to `count`, or `fin`. */
  readonly tag: string;
  /** Bytes after the command line. */
  readonly total: number;
  /**
   * How the input ended. Node 20 shows a reset behind unread data as an EOF.
   */
  readonly end: PeerEnd;
  /** The bytes after the command line as runs of equal bytes. */
  readonly runs: readonly ByteRun[];
}

/** How and when a connection ended. */
export interface PeerClose {
  /** The command line, or what there was of it. */
  readonly command: string;
  /** How its input ended. */
  readonly end: PeerEnd;
  /** Bytes after the command line. */
  readonly total: number;
  /** `performance.now()` at the end of the input: EOF, reset, or the peer's own close. */
  readonly at: number;
}

/** Where the peer listens. */
export interface PeerOptions {
  /** Address to listen on, `127.0.0.1` when absent. */
  readonly host?: string;
  /** Port to listen on, a free one when absent. */
  readonly port?: number;
  /** Path of a Unix socket to listen on instead. */
  readonly path?: string;
  /** Length of the accept queue. */
  readonly backlog?: number;
}

/** A running peer. */
export interface Peer extends AsyncDisposable {
  /** Port it listens on, 0 for a Unix socket. */
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Everything that was logged so far. */
  readonly log: readonly PeerRecord[];
  /** Takes the oldest record with this tag, waiting for it if need be. */
  nextRecord(tag: string): Promise<PeerRecord>;
  /** Takes the oldest end of a connection's input (of that command, if given), waiting for it. */
  nextClose(command?: string): Promise<PeerClose>;
  /** Waits for the next accepted connection and gives its number, counted from 1. */
  nextConnection(): Promise<number>;
  /** Lets scenario time pass; ends early when the peer is disposed. */
  after(ms: number): Promise<void>;
}

/** Starts a peer; dispose it to destroy its sockets and wait until everything is closed. */
export async function startPeer(options: PeerOptions = {}): Promise<Peer> {
  const peer = new RawPeer();
  await peer.listen(options);
  return peer;
}

const NEWLINE = 10;
/** Longer than any command; a client that sends no newline by then is not one of ours. */
const MAX_COMMAND = 200;

class RawPeer implements Peer {
  port = 0;
  connections = 0;
  readonly log: PeerRecord[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Map<ReturnType<typeof setTimeout>, () => void>();
  readonly #records = new Mailbox<PeerRecord>();
  readonly #closes = new Mailbox<PeerClose>();
  readonly #accepted = new Mailbox<number>();

  constructor() {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  get open(): number {
    return this.#sockets.size;
  }

  listen(options: PeerOptions): Promise<void> {
    const { host = "127.0.0.1", port = 0, path, backlog } = options;
    const where: ListenOptions = path === undefined ? { host, port } : { path };
    if (backlog !== undefined) where.backlog = backlog;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(where, () => {
        this.#server.removeListener("error", reject);
        const address = this.#server.address();
        if (address !== null && typeof address === "object") this.port = address.port;
        resolve();
      });
    });
  }

  nextRecord(tag: string): Promise<PeerRecord> {
    return this.#records.next((record) => record.tag === tag);
  }

  nextClose(command?: string): Promise<PeerClose> {
    return this.#closes.next((close) => command === undefined || close.command === command);
  }

  nextConnection(): Promise<number> {
    return this.#accepted.next();
  }

  after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const fire = (): void => {
        this.#timers.delete(timer);
        resolve();
      };
      const timer = setTimeout(fire, ms);
      this.#timers.set(timer, fire);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [timer, fire] of this.#timers) {
      clearTimeout(timer);
      fire();
    }
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    for (const box of [this.#records, this.#closes, this.#accepted]) box.close("Peer disposed");
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    this.connections++;
    this.#accepted.push(this.connections);
    const connection = new Connection(socket, (ms) => this.after(ms));
    connection.onEnd = (close, tag) => {
      this.#closes.push(close);
      if (tag === null) return;
      const { total, end } = close;
      const record = { tag, total, end, runs: connection.seen.runs };
      this.log.push(record);
      this.#records.push(record);
    };
    socket.on("close", () => this.#sockets.delete(socket));
    connection.start();
  }
}

class Connection implements PeerConnection {
  readonly socket: Socket;
  readonly seen = new ByteRuns();
  args: readonly string[] = [];
  onEnd: (close: PeerClose, tag: string | null) => void = () => {};
  readonly #pause: (ms: number) => Promise<void>;
  #command = "";
  /** Bytes that came in one segment with the command line. */
  #rest: Uint8Array = new Uint8Array(0);
  #tag: string | null = null;
  #onEof: () => void = () => {};
  #reading = false;
  #atEof = false;
  #ended = false;

  constructor(socket: Socket, pause: (ms: number) => Promise<void>) {
    this.socket = socket;
    this.#pause = pause;
  }

  start(): void {
    const { socket } = this;
    let head = new Uint8Array(0);
    const onHead = (chunk: Uint8Array): void => {
      head = join(head, chunk);
      const newline = head.indexOf(NEWLINE);
      if (newline < 0 && head.length < MAX_COMMAND) return;
      socket.removeListener("data", onHead);
      // Also stops the reading: `count` with a delay and `stall` leave the rest in the kernel.
      socket.pause();
      this.#rest = head.subarray(newline + 1);
      this.#run(new TextDecoder().decode(head.subarray(0, Math.max(newline, 0))));
    };
    socket.on("data", onHead);
    socket.on("end", () => {
      // Bun emits it for what was destroyed here as well.
      if (socket.destroyed) return;
      this.#atEof = true;
      if (this.#reading) return this.#finish();
      if (this.#command !== "") return;
      // Without a command nothing else would end the own side.
      this.#finish();
      socket.end();
    });
    socket.on("error", () => this.#end("reset"));
    socket.on("close", () => this.#end("close"));
  }

  after(ms: number, action: () => void): void {
    if (ms === 0) return action();
    this.#pause(ms).then(() => {
      if (!this.socket.destroyed) action();
    });
  }

  read(onChunk?: (chunk: Uint8Array) => void, onEof?: () => void): void {
    const take = (chunk: Uint8Array): void => {
      this.seen.add(chunk);
      onChunk?.(chunk);
    };
    this.#onEof = onEof ?? (() => {});
    this.#reading = true;
    if (this.#rest.length > 0) take(this.#rest);
    // A paused socket with nothing buffered reports its EOF all the same: it counts only from here.
    if (this.#atEof) return this.#finish();
    this.socket.on("data", take);
    this.socket.resume();
  }

  record(tag: string): void {
    this.#tag = tag;
  }

  #run(command: string): void {
    this.#command = command;
    const [name = "", ...args] = command.trim().split(" ");
    this.args = args;
    const run = Object.hasOwn(peerCommands, name) ? peerCommands[name] : undefined;
    if (run !== undefined) return run(this);
    this.socket.end(`unknown command ${name}\n`);
    this.read();
  }

  #finish(): void {
    this.#end("eof");
    this.#onEof();
  }

  #end(end: PeerEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    const { total } = this.seen;
    this.onEnd({ command: this.#command, end, total, at: performance.now() }, this.#tag);
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
