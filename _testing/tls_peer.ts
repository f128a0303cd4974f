/**
 * Peer TP of the scenarios: raw servers on the runtime's own `node:tls` and `node:net`, one kind of
 * behaviour each, so that no test judges this library by this library.
 *
 * @module
 */

import { createServer, type Server, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { setImmediate } from "node:timers";
import { Server as TlsServer, type TlsOptions, type TLSSocket } from "node:tls";
import { pattern } from "./pattern.ts";

const MIB = 1_048_576;

/**
 * What the peer does with a client: `clean` sends 5 bytes and ends properly; `truncating` sends 5
 * bytes and a bare FIN; `rst` sends 5 bytes and an RST; `echo`; `half` counts to the end and
 * answers `TOTAL n\n`; `big` sends 32 MiB; `plain` speaks no TLS; `silent` says nothing;
 * `closing` closes in the middle of the handshake.
 */
export type TlsPeerKind =
  | "clean"
  | "truncating"
  | "rst"
  | "echo"
  | "half"
  | "big"
  | "plain"
  | "silent"
  | "closing";

/** A running peer. */
export interface TlsPeer extends AsyncDisposable {
  /** Port it listens on, of 127.0.0.1. */
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: number;
  /** The name that each client asked for, false without one. */
  readonly servernames: readonly (string | false)[];
}

/** Starts a peer; dispose it to destroy its sockets and wait until everything is closed. */
export async function startTlsPeer(kind: TlsPeerKind, options: TlsOptions = {}): Promise<TlsPeer> {
  const peer = new RawTlsPeer(kind, options);
  await peer.listen();
  return peer;
}

/** What the peers do once the handshake is done; `raw` is the connection below. */
const SESSIONS: Partial<Record<TlsPeerKind, (socket: TLSSocket, raw: Socket) => void>> = {
  clean: (socket) => {
    // Node sends no closing message in the turn of the handshake.
    setImmediate(() => socket.resume().end("hello"));
  },
  truncating: (socket, raw) => {
    socket.resume().write("hello", () => raw.end());
  },
  rst: (socket, raw) => {
    // What a reset would overtake is acknowledged by the client's answer.
    socket.once("data", () => raw.resetAndDestroy()).write("hello");
  },
  echo: (socket) => {
    socket.pipe(socket);
  },
  half: (socket) => {
    let total = 0;
    socket.on("data", (chunk) => total += chunk.length);
    socket.on("end", () => socket.end(`TOTAL ${total}\n`));
  },
  big: (socket) => {
    socket.resume().end(pattern(32 * MIB));
  },
};

/** What the peers do that do no handshake. */
const CONNECTIONS: Partial<Record<TlsPeerKind, (raw: Socket) => void>> = {
  plain: (raw) => {
    raw.resume().write("220 This is no TLS\r\n");
  },
  silent: (raw) => {
    raw.resume();
  },
  closing: (raw) => {
    raw.once("data", () => raw.end());
  },
};

class RawTlsPeer implements TlsPeer {
  port = 0;
  connections = 0;
  readonly servernames: (string | false)[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions: TlsServer;
  readonly #raws = new Map<number, Socket>();

  constructor(kind: TlsPeerKind, options: TlsOptions) {
    this.#sessions = new TlsServer({
      ...options,
      SNICallback: (name, answer) => {
        this.servernames.push(name || false);
        answer(null);
      },
    });
    this.#sessions.on("tlsClientError", () => {});
    this.#sessions.on("secureConnection", (socket) => {
      socket.on("error", () => {});
      // The handshakes of one test's clients are done one after the other.
      SESSIONS[kind]?.(socket, this.#raws.get(this.connections)!);
    });
    this.#server = createServer({ allowHalfOpen: true }, (raw) => this.#accept(kind, raw));
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address();
        if (address !== null && typeof address === "object") this.port = address.port;
        resolve();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(kind: TlsPeerKind, raw: Socket): void {
    this.connections += 1;
    this.#sockets.add(raw);
    raw.on("error", () => {}).on("close", () => this.#sockets.delete(raw));
    const act = CONNECTIONS[kind];
    if (act !== undefined) return act(raw);
    this.#raws.set(this.connections, raw);
    const below = kind === "truncating" || kind === "rst" ? detached(raw) : raw;
    this.#sessions.emit("connection", below);
  }
}

/** The connection as a Duplex, so that it can be ended below the session. */
function detached(raw: Socket): Duplex {
  const duplex = new Duplex({
    read: () => {
      raw.resume();
    },
    write: (chunk, _encoding, done) => {
      raw.write(chunk, done);
    },
    final: (done) => {
      raw.end(done);
    },
    destroy: (error, done) => {
      raw.destroy();
      done(error);
    },
  });
  raw.on("data", (chunk) => {
    if (!duplex.push(chunk)) raw.pause();
  });
  raw.on("end", () => duplex.push(null));
  raw.on("close", () => duplex.destroy());
  return duplex;
}
