/**
 * A proxy that breaks what goes through it: it passes bytes on in pieces of any size, and after so
 * many of them, either way, it cuts the connection.
 *
 * @module
 */

import { connect, createServer, type TcpServer, type TcpSocket } from "@netstd/net/tcp";
import { Random } from "../random.ts";

/** How a connection ends before its time. */
const CUTS = ["end both", "destroy", "reset", "end one side", "stall"] as const;

/** Of so many connections one lives much longer: what is kept alive is cut as well. */
const SPARED = 4;

/** Time in ms after which a connection that stalls is destroyed: long for a client, short for us. */
const STALL = 60;

/** See the module's text. */
export class FaultProxy implements AsyncDisposable {
  /** Connections that were cut, by the way it was done. */
  readonly cuts = new Map<string, number>();
  /** Connections that came. */
  connections = 0;
  readonly #server: TcpServer;
  readonly #target: number;
  readonly #random: Random;
  readonly #most: number;
  /** The connections to the target, which are no server's to close. */
  readonly #upstreams = new Set<TcpSocket>();

  /** Makes a proxy to a port; it cuts after up to `most` bytes. */
  constructor(target: number, seed: number, most: number) {
    this.#target = target;
    this.#random = new Random(seed);
    this.#most = most;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#carry(client));
    this.#server.on("clientError", () => {});
  }

  /** Listens, and gives the port. */
  async listen(): Promise<number> {
    await this.#server.listen({ hostname: "127.0.0.1", port: 0 });
    const { address } = this.#server;
    return address.transport === "tcp" ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const upstream of this.#upstreams) upstream.destroy();
    await this.#server.close({ timeout: 0 });
  }

  #carry(client: TcpSocket): void {
    this.connections += 1;
    const target = { hostname: "127.0.0.1", port: this.#target };
    const upstream = connect(target, { allowHalfOpen: true });
    this.#upstreams.add(upstream);
    upstream.on("close", () => this.#upstreams.delete(upstream));
    const random = new Random(this.#random.bits());
    const spared = random.oneIn(SPARED);
    let left = spared ? 10 * this.#most : random.small(this.#most + 2);
    const take = (count: number) => {
      left -= count;
      if (left <= 0) this.#cut(client, upstream, random);
    };
    pass(client, upstream, random, () => left, take);
    pass(upstream, client, random, () => left, take);
    if (left <= 0) this.#cut(client, upstream, random);
  }

  #cut(client: TcpSocket, upstream: TcpSocket, random: Random): void {
    const how = random.pick(CUTS);
    this.cuts.set(how, (this.cuts.get(how) ?? 0) + 1);
    const both = [client, upstream];
    switch (how) {
      case "end both":
        for (const socket of both) void socket.close().catch(() => {});
        break;
      case "destroy":
        for (const socket of both) socket.destroy();
        break;
      case "reset":
        for (const socket of both) socket.reset();
        break;
      case "end one side":
        random.pick(both).end();
        setTimeout(() => both.forEach((socket) => socket.destroy()), STALL);
        break;
      case "stall":
        setTimeout(() => both.forEach((socket) => socket.destroy()), STALL);
    }
  }
}

/** Passes bytes on one way, in pieces, as long as some are left. */
function pass(
  from: TcpSocket,
  to: TcpSocket,
  random: Random,
  left: () => number,
  take: (count: number) => void,
): void {
  from.on("error", () => {});
  from.on("data", (chunk) => {
    for (let at = 0; at < chunk.length && left() > 0;) {
      const end = Math.min(chunk.length, at + 1 + random.small(20_000), at + left());
      to.write(chunk.subarray(at, end));
      take(end - at);
      at = end;
    }
    if (left() > 0 && to.bufferedAmount > 1_000_000) {
      from.pause();
      to.once("drain", () => from.resume());
    }
  });
  from.on("end", () => {
    if (left() > 0) to.end();
  });
}
