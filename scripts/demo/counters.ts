/**
 * What went through the servers of the demonstration so far, by protocol.
 *
 * @module
 */

/** The protocols, as the page names them. */
export const PROTOCOLS = ["TCP", "Unix", "UDP", "HTTP", "HTTPS", "WS", "WSS"] as const;

/** A protocol of the demonstration. */
export type Protocol = typeof PROTOCOLS[number];

/** What the servers of a protocol have seen. */
export interface Counts {
  /** Connections that are open now. */
  open: number;
  /** Connections so far. */
  connections: number;
  /** Messages, lines, datagrams or requests that came in. */
  messagesIn: number;
  /** Those that went out. */
  messagesOut: number;
  /** Bytes of those that came in, without what the protocol adds. */
  bytesIn: number;
  /** Bytes of those that went out, likewise. */
  bytesOut: number;
}

/** A server that tells of its connections. */
interface Watched {
  readonly connections: number;
  on(event: "connection", listener: () => void): unknown;
}

const encoder = new TextEncoder();

function sizeOf(data: string | Uint8Array): number {
  return typeof data === "string" ? encoder.encode(data).length : data.length;
}

/** Counts what goes through the servers of one protocol. */
export class Meter {
  readonly #counts = { connections: 0, messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0 };
  readonly #openings: (() => number)[] = [];

  /** Counts the connections of a server from now on. */
  watch(server: Watched): void {
    this.#openings.push(() => server.connections);
    server.on("connection", () => this.connected());
  }

  /** Adds somebody who knows how many connections are open, and calls `connected()` for each. */
  addOpen(open: () => number): void {
    this.#openings.push(open);
  }

  /** Notes a connection. */
  connected(): void {
    this.#counts.connections++;
  }

  /** Notes what came in, and gives it back. */
  received<T extends string | Uint8Array>(data: T): T {
    this.#counts.messagesIn++;
    this.#counts.bytesIn += sizeOf(data);
    return data;
  }

  /** Notes what goes out, and gives it back. */
  sent<T extends string | Uint8Array>(data: T): T {
    this.#counts.messagesOut++;
    this.#counts.bytesOut += sizeOf(data);
    return data;
  }

  /** What was counted. */
  counts(): Counts {
    const open = this.#openings.reduce((sum, count) => sum + count(), 0);
    return { open, ...this.#counts };
  }
}

/** A meter for each protocol. */
export class Counters {
  readonly #meters = new Map<Protocol, Meter>(PROTOCOLS.map((name) => [name, new Meter()]));

  /** The meter of a protocol. */
  of(protocol: Protocol): Meter {
    return this.#meters.get(protocol)!;
  }

  /** What all of them counted. */
  counts(): { protocol: Protocol; counts: Counts }[] {
    return PROTOCOLS.map((protocol) => ({ protocol, counts: this.of(protocol).counts() }));
  }
}
