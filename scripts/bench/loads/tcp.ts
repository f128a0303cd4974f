import type { Load, LoadFactory } from "./load.ts";
import { readBytes, writeAll } from "../bare_conn.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Connections of one load, with the count of what they have done. */
class Clients {
  count = 0;
  #open = true;
  readonly #conns = new Set<Deno.TcpConn>();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  get open(): boolean {
    return this.#open;
  }

  async connect(): Promise<Deno.TcpConn> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    conn.setNoDelay(true);
    this.#conns.add(conn);
    return conn;
  }

  /** Runs a client until it ends; that it fails while the load is being closed is expected. */
  run(client: () => Promise<void>): void {
    client().catch((error: unknown) => {
      if (this.#open) throw error;
    });
  }

  /** Closes one connection before the load's end. */
  drop(conn: Deno.TcpConn): void {
    this.#conns.delete(conn);
    conn.close();
  }

  close(): void {
    this.#open = false;
    for (const conn of this.#conns) conn.close();
    this.#conns.clear();
  }
}

function asLoad(clients: Clients, divisor = 1): Load {
  return { operations: () => clients.count / divisor, close: () => clients.close() };
}

/** 64 bytes there and back, one message in flight on each of 50 connections. */
async function pingPong(port: number): Promise<Load> {
  const clients = new Clients(port);
  const message = new Uint8Array(64).fill(97);
  const conns = await Promise.all(Array.from({ length: 50 }, () => clients.connect()));
  for (const conn of conns) {
    clients.run(async () => {
      const buffer = new Uint8Array(4 * KIB);
      do {
        await writeAll(conn, message);
        if (!await readBytes(conn, buffer, message.length)) return;
        clients.count++;
      } while (clients.open);
    });
  }
  return asLoad(clients);
}

/** Chunks of 64 KiB there and back on two connections, eight outstanding on each. */
async function bulkEcho(port: number): Promise<Load> {
  const clients = new Clients(port);
  const chunk = new Uint8Array(64 * KIB).fill(97);
  const window = 8 * chunk.length;
  for (let i = 0; i < 2; i++) {
    const conn = await clients.connect();
    let outstanding = 0;
    let writing = false;
    const fill = async () => {
      if (writing) return;
      writing = true;
      while (outstanding + chunk.length <= window) {
        outstanding += chunk.length;
        await writeAll(conn, chunk);
      }
      writing = false;
    };
    clients.run(async () => {
      const buffer = new Uint8Array(64 * KIB);
      for (;;) {
        clients.run(fill);
        const count = await conn.read(buffer);
        if (count === null) return;
        outstanding -= count;
        clients.count += count;
      }
    });
  }
  return asLoad(clients, MIB);
}

/** As many bytes as the server takes, on one connection. */
async function send(port: number): Promise<Load> {
  const clients = new Clients(port);
  const conn = await clients.connect();
  const chunk = new Uint8Array(256 * KIB).fill(97);
  clients.run(async () => {
    while (clients.open) clients.count += await conn.write(chunk);
  });
  return asLoad(clients, MIB);
}

/** Each byte asks for a burst of 64 writes of 1 KiB; two requests in flight on four connections. */
async function requestBursts(port: number): Promise<Load> {
  const clients = new Clients(port);
  const request = new Uint8Array(1).fill(97);
  for (let i = 0; i < 4; i++) {
    const conn = await clients.connect();
    clients.run(async () => {
      const buffer = new Uint8Array(256 * KIB);
      let rest = 64 * KIB;
      await writeAll(conn, request);
      await writeAll(conn, request);
      for (;;) {
        const count = await conn.read(buffer);
        if (count === null) return;
        clients.count += count;
        rest -= count;
        for (; rest <= 0; rest += 64 * KIB) await writeAll(conn, request);
      }
    });
  }
  return asLoad(clients, KIB);
}

/** Connects and waits for the server's end of stream, 32 at a time. */
function connectAndWait(port: number): Promise<Load> {
  const clients = new Clients(port);
  for (let i = 0; i < 32; i++) {
    clients.run(async () => {
      const buffer = new Uint8Array(64);
      while (clients.open) {
        const conn = await clients.connect();
        await readBytes(conn, buffer, Infinity);
        clients.drop(conn);
        clients.count++;
      }
    });
  }
  return Promise.resolve(asLoad(clients));
}

/** Connections that say nothing. */
async function idle(port: number, count: number): Promise<Load> {
  const clients = new Clients(port);
  const grow = async (more: number) => {
    // In groups: a listener's backlog does not take thousands at once.
    for (let left = more; left > 0; left -= 50) {
      await Promise.all(Array.from({ length: Math.min(50, left) }, () => clients.connect()));
    }
  };
  await grow(count);
  return { ...asLoad(clients), grow };
}

export const tcpLoads: Readonly<Record<string, LoadFactory>> = {
  "tcp.pingPong": pingPong,
  "tcp.bulkEcho": bulkEcho,
  "tcp.send": send,
  "tcp.requestBursts": requestBursts,
  "tcp.connectAndWait": connectAndWait,
  "tcp.idle": idle,
};
