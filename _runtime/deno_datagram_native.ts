/**
 * A UDP socket over `Deno.listenDatagram`, as far as that goes: unicast, broadcast, and multicast
 * groups on the interface of the system's choice or on one named by its IPv4 address.
 *
 * @module
 */

import { tcpAddress } from "../_core/address.ts";
import { systemClock } from "./clock.ts";
import type { DatagramSink } from "./datagram.ts";
import { mapError } from "./map_error.ts";

/** Larger than any datagram: a smaller buffer would cut it off without a word. */
const RECEIVE_BUFFER = 65_536;

/** Failures to receive in a row after which there is nothing to hope for. */
const MAX_FAILURES = 16;

/** Turns of a millisecond that a socket may take to hand over what the system holds for it. */
const MAX_TURNS = 200;

/** For the types of Deno these two are missing. */
type Conn = Deno.DatagramConn & { ref(): void; unref(): void };

/** See the module's text. */
export class NativeDatagram {
  /** The IP address it is bound to. */
  readonly address: string;
  /** The port it is bound to. */
  readonly port: number;
  readonly #conn: Conn;
  readonly #sink: DatagramSink;
  readonly #memberships = new Map<string, { leave(): Promise<void> }>();
  readonly #stopped: Promise<void>;
  #received = 0;
  #closed = false;

  /** Takes over a bound socket and starts to receive. */
  constructor(conn: Deno.DatagramConn, sink: DatagramSink) {
    const { hostname, port } = conn.addr as Deno.NetAddr;
    this.address = hostname;
    this.port = port;
    this.#conn = conn as Conn;
    this.#sink = sink;
    this.#stopped = this.#receiveLoop();
  }

  /** Sends one datagram; of two at once the later may leave first. Fails with Deno's own error. */
  transmit(data: Uint8Array, port: number, hostname: string): Promise<number> {
    return this.#conn.send(data, { transport: "udp", hostname, port });
  }

  /** Joins a group. */
  async join(group: string, networkInterface: string | undefined): Promise<void> {
    try {
      const membership = group.includes(":")
        ? await this.#conn.joinMulticastV6(group, 0)
        : await this.#conn.joinMulticastV4(group, networkInterface ?? "0.0.0.0");
      this.#memberships.set(`${group} ${networkInterface}`, membership);
    } catch (error) {
      throw mapError(error, { syscall: "addMembership", address: group });
    }
  }

  /** Leaves a group. */
  async leave(group: string, networkInterface: string | undefined): Promise<void> {
    const key = `${group} ${networkInterface}`;
    const membership = this.#memberships.get(key);
    this.#memberships.delete(key);
    try {
      await membership?.leave();
    } catch (error) {
      throw mapError(error, { syscall: "dropMembership", address: group });
    }
  }

  /** Lets it hold the process. */
  ref(): void {
    this.#conn.ref();
  }

  /** Lets the process end although it is open. */
  unref(): void {
    this.#conn.unref();
  }

  /** Resolves when a turn has passed in which nothing came in: the system holds nothing more. */
  async quiet(): Promise<void> {
    for (let turns = 0, before = -1; turns < MAX_TURNS && before !== this.#received; turns++) {
      before = this.#received;
      await new Promise<void>((resolve) => void systemClock.schedule(resolve, 1));
    }
  }

  /** Resolves once the pending receive has given up the address. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#conn.close();
    }
    await this.#stopped;
  }

  /** One receive at a time: of two, Deno would give the first datagram to the second. */
  async #receiveLoop(): Promise<void> {
    const buffer = new Uint8Array(RECEIVE_BUFFER);
    for (let failures = 0; failures < MAX_FAILURES;) {
      try {
        const [data, from] = await this.#conn.receive(buffer);
        if (this.#closed) return;
        failures = 0;
        this.#received++;
        const { hostname, port } = from as Deno.NetAddr;
        this.#sink.onMessage(data.slice(), hostname, port);
      } catch (error) {
        if (this.#closed) return;
        failures++;
        this.#sink.onError(mapError(error, { syscall: "recvmsg" }));
      }
    }
  }
}

/** Broadcast addresses of every machine: "this network", and that of the loopback network. */
const EVERYWHERE: readonly string[] = ["255.255.255.255", "127.255.255.255"];

let known: ReadonlySet<string> | null = null;

/** The last address of an IPv4 network such as `10.0.0.1/24`; a network of two has none. */
export function lastAddress(cidr: string): string | undefined {
  const [address = "", length] = cidr.split("/");
  const hosts = 32 - Number(length);
  if (address.includes(":") || !(hosts >= 2)) return undefined;
  const bytes = address.split(".").map(Number);
  const last = bytes.map((byte, index) => {
    const free = Math.min(8, Math.max(0, hosts - 8 * (3 - index)));
    return byte | (2 ** free - 1);
  });
  return last.join(".");
}

/**
 * Whether an address is a broadcast address of this machine, as it was when first asked. Without
 * `--allow-sys` the networks are not known, and only those of every machine are found.
 */
export function isBroadcast(address: string): boolean {
  if (known === null) {
    const descriptor = { name: "sys", kind: "networkInterfaces" } as const;
    const granted = Deno.permissions.querySync(descriptor).state === "granted";
    const networks = granted ? Deno.networkInterfaces().map(({ cidr }) => cidr) : [];
    const last = networks.map(lastAddress).filter((text) => text !== undefined);
    known = new Set([...EVERYWHERE, ...last]);
  }
  return known.has(address.startsWith("::ffff:") ? tcpAddress(address, 0).address : address);
}
