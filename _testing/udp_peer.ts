/**
 * The far side of a UDP scenario: a raw socket of the runtime's own, so that no test judges this
 * library by this library.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { Mailbox } from "./mailbox.ts";

/** A datagram that the peer received. */
export interface PeerDatagram {
  /** The bytes as text. */
  readonly text: string;
  /** How many bytes there are. */
  readonly size: number;
  /** Who sent it. */
  readonly port: number;
}

/** Where the peer is bound. */
export interface UdpPeerOptions {
  /** Address to bind, `127.0.0.1` when absent. */
  readonly host?: string;
  /** Port to bind, a free one when absent. */
  readonly port?: number;
}

/** A bound raw socket. */
export interface UdpPeer extends AsyncDisposable {
  /** Port it is bound to. */
  readonly port: number;
  /** Texts of all that was received so far. */
  readonly received: readonly string[];
  /** Sends and waits until the system has it, since of two sends Deno may let the later go first. */
  send(data: string | Uint8Array, port: number, host?: string): Promise<void>;
  /** Takes the oldest datagram, waiting for it if need be. */
  next(): Promise<PeerDatagram>;
  /** Lets scenario time pass. */
  after(ms: number): Promise<void>;
}

/** Binds a peer. */
export async function startUdpPeer(options: UdpPeerOptions = {}): Promise<UdpPeer> {
  const { host = "127.0.0.1", port = 0 } = options;
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, host, () => resolve());
  });
  return new RawUdpPeer(socket, host);
}

class RawUdpPeer implements UdpPeer {
  readonly port: number;
  readonly received: string[] = [];
  readonly #socket: Socket;
  readonly #host: string;
  readonly #incoming = new Mailbox<PeerDatagram>();

  constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    this.port = socket.address().port;
    socket.on("error", () => {});
    socket.on("message", (data: Uint8Array, { port }) => {
      const text = new TextDecoder().decode(data);
      this.received.push(text);
      this.#incoming.push({ text, size: data.length, port });
    });
  }

  send(data: string | Uint8Array, port: number, host: string = this.#host): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(data, port, host, (error) => error ? reject(error) : resolve());
    });
  }

  next(): Promise<PeerDatagram> {
    return this.#incoming.next();
  }

  after(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#incoming.close("The peer is closed");
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}

/** A port that no UDP socket is bound to. */
export async function freeUdpPort(): Promise<number> {
  await using peer = await startUdpPeer();
  return peer.port;
}

/** Whether this process has `Deno.listenDatagram`, which takes `--unstable-net`. */
export function hasNativeUdp(): boolean {
  const { Deno: runtime } = globalThis as { Deno?: { listenDatagram?: unknown } };
  return runtime?.listenDatagram !== undefined;
}

/** Runs a helper module as this process runs: with `--unstable-net` if it has it. */
export const SAME_FLAGS: readonly string[] = hasNativeUdp()
  ? ["sh", "-c", 'deno=$1; shift 2; exec "$deno" run --unstable-net "$@"', "--"]
  : [];
