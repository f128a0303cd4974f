import { connect, type TLSSocket } from "node:tls";
import { ca, cert, key } from "../servers/tls_identity.mjs";
import type { Load, LoadFactory } from "./load.ts";
import { writeAll } from "../bare_conn.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Sessions that stay open after their handshake where sessions are opened and closed. */
const KEPT_OPEN = 32;

/** Sessions of one load, with the count of what they have done. */
class Sessions {
  count = 0;
  #open = true;
  readonly #conns = new Set<Deno.Conn>();

  get open(): boolean {
    return this.#open;
  }

  /** Opens a session; its handshake is done. */
  async connect(port: number): Promise<Deno.TlsConn> {
    const plain = await Deno.connect({ hostname: "127.0.0.1", port });
    plain.setNoDelay(true);
    const conn = await Deno.startTls(plain, { hostname: "localhost", caCerts: [ca] });
    await conn.handshake();
    this.keep(conn);
    return conn;
  }

  /** Closes a connection with the load. */
  keep(conn: Deno.Conn): void {
    this.#conns.add(conn);
  }

  /** Runs something until it ends; that it fails while the load is being closed is expected. */
  run(client: () => Promise<void>): void {
    client().catch((error: unknown) => {
      if (this.#open) throw error;
    });
  }

  asLoad(divisor = 1): Load {
    return { operations: () => this.count / divisor, close: () => this.#close() };
  }

  #close(): void {
    this.#open = false;
    for (const conn of this.#conns) conn.close();
    this.#conns.clear();
  }
}

/**
 * Opens sessions, so many at a time, and closes each when some more have been opened: node:tls as a
 * server leaves its closing message out, and so has less to do, when the client's comes in the turn
 * that ends the handshake. Deno's own TLS sleeps in one of its few threads at
 * each close, and a few hundred a second keep all of them: its node:tls does not.
 */
function cycle(at: number, event: "secureConnect" | "data"): LoadFactory {
  return (port) => {
    const options = { port, host: "127.0.0.1", ca, servername: "localhost" };
    const sockets = new Set<TLSSocket>();
    const done: TLSSocket[] = [];
    let count = 0;
    let open = true;
    const next = () => {
      const socket = connect(options).setNoDelay(true).resume();
      sockets.add(socket);
      socket.once(event, () => {
        count++;
        if (open) next();
        if (done.push(socket) > KEPT_OPEN) done.shift()!.end();
      });
      socket.on("close", () => sockets.delete(socket));
    };
    for (let i = 0; i < at; i++) next();
    const close = () => {
      open = false;
      for (const socket of sockets) socket.destroy();
    };
    return Promise.resolve({ operations: () => count, close });
  };
}

/** 64 bytes there and back, one message in flight on each of 20 connections. */
async function pingPong(port: number): Promise<Load> {
  const sessions = new Sessions();
  const message = new Uint8Array(64).fill(97);
  const conns = await Promise.all(Array.from({ length: 20 }, () => sessions.connect(port)));
  for (const conn of conns) {
    sessions.run(async () => {
      const buffer = new Uint8Array(4 * KIB);
      while (sessions.open) {
        await writeAll(conn, message);
        for (let have = 0; have < message.length;) have += await conn.read(buffer) ?? Infinity;
        sessions.count++;
      }
    });
  }
  return sessions.asLoad();
}

/** As many bytes as the server takes, on one connection. */
async function send(port: number): Promise<Load> {
  const sessions = new Sessions();
  const conn = await sessions.connect(port);
  const chunk = new Uint8Array(64 * KIB).fill(97);
  sessions.run(async () => {
    while (sessions.open) sessions.count += await conn.write(chunk);
  });
  return sessions.asLoad(MIB);
}

/** As many bytes as the server gives, on one connection. */
async function receive(port: number): Promise<Load> {
  const sessions = new Sessions();
  const conn = await sessions.connect(port);
  const buffer = new Uint8Array(64 * KIB);
  sessions.run(async () => {
    while (sessions.open) sessions.count += await conn.read(buffer) ?? 0;
  });
  return sessions.asLoad(MIB);
}

/** A server for a client that is told of it: as many bytes as that takes. */
async function serve(port: number): Promise<Load> {
  const sessions = new Sessions();
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, key, cert });
  const control = await Deno.connect({ hostname: "127.0.0.1", port });
  sessions.keep(control);
  await control.write(new TextEncoder().encode(String((listener.addr as Deno.NetAddr).port)));
  const conn = await listener.accept();
  sessions.keep(conn);
  const chunk = new Uint8Array(64 * KIB).fill(97);
  sessions.run(async () => {
    while (sessions.open) sessions.count += await conn.write(chunk);
  });
  return sessions.asLoad(MIB);
}

/** Sessions that say nothing. */
async function idle(port: number, count: number): Promise<Load> {
  const sessions = new Sessions();
  const grow = async (more: number) => {
    for (let left = more; left > 0; left -= 20) {
      await Promise.all(Array.from({ length: Math.min(20, left) }, () => sessions.connect(port)));
    }
  };
  await grow(count);
  return { ...sessions.asLoad(), grow };
}

export const tlsLoads: Readonly<Record<string, LoadFactory>> = {
  "tls.handshakes": cycle(16, "secureConnect"),
  "tls.firstByte": cycle(1, "data"),
  "tls.pingPong": pingPong,
  "tls.send": send,
  "tls.receive": receive,
  "tls.serve": serve,
  "tls.idle": idle,
};
