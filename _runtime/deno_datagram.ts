/**
 * UDP sockets in Deno. With `--unstable-net` there is `Deno.listenDatagram`, which is several times
 * faster than Deno's `node:dgram`, but has no TTL, no interface for multicast and no IPv6 by itself:
 * a socket that is asked for one of these stands on `node:dgram`, or moves there, as do all of them
 * without the flag.
 *
 * @module
 */

import { formatHostPort, tcpAddress } from "../_core/address.ts";
import { type NetError, netError } from "../_core/errors.ts";
import type {
  BindUdpRequest,
  ChosenSettings,
  DatagramHandle,
  DatagramSettings,
  DatagramSink,
  SendDone,
} from "./datagram.ts";
import { type Outgoing, SendQueue } from "./datagram_send_queue.ts";
import { whySendFailed } from "./deno_datagram_failure.ts";
import { isBroadcast, NativeDatagram } from "./deno_datagram_native.ts";
import { mapError, systemError } from "./map_error.ts";
import { bindFirst, bindUdp as bindNode } from "./node_datagram.ts";

/** A socket on either of the two. */
class DenoDatagram implements DatagramHandle {
  readonly address: string;
  readonly port: number;
  readonly #request: BindUdpRequest;
  readonly #sink: DatagramSink;
  readonly #queue = new SendQueue((outgoing) => this.#transmit(outgoing));
  /** What was joined: a socket that moves joins again. */
  readonly #groups = new Map<string, readonly [string, string | undefined]>();
  #native: NativeDatagram | null;
  #node: DatagramHandle | null;
  #settings: ChosenSettings;
  #moving: Promise<DatagramHandle> | null = null;
  #unref = false;
  #closed = false;

  constructor(
    request: BindUdpRequest,
    sink: DatagramSink,
    bound: NativeDatagram | DatagramHandle,
  ) {
    this.address = bound.address;
    this.port = bound.port;
    this.#request = request;
    this.#sink = sink;
    this.#settings = request.settings;
    this.#native = bound instanceof NativeDatagram ? bound : null;
    this.#node = bound instanceof NativeDatagram ? null : bound;
  }

  send(data: Uint8Array, port: number, address: string, done: SendDone): void {
    this.#queue.push({ data, port, address, done });
  }

  /** Deno connects no UDP socket; that of its `node:dgram` would hear strangers as well. */
  connect(): Promise<void> {
    return Promise.resolve();
  }

  disconnect(): void {}

  async set<Name extends keyof DatagramSettings>(
    name: Name,
    value: DatagramSettings[Name],
  ): Promise<void> {
    // The native socket may always send to broadcast addresses: whether it does is up to us.
    if (this.#native === null || name !== "broadcast") {
      await (await this.#onNode()).set(name, value);
    }
    this.#settings = { ...this.#settings, [name]: value };
  }

  async join(group: string, networkInterface: string | undefined): Promise<void> {
    const isIPv6 = group.includes(":");
    // The native call for IPv6 wants the number of the interface, and we have its name.
    const native = isIPv6 && networkInterface !== undefined ? null : this.#native;
    if (native !== null) {
      await native.join(group, networkInterface);
    } else {
      if (!isIPv6) this.#refuseIPv4Group();
      await (await this.#onNode()).join(group, networkInterface);
    }
    this.#groups.set(`${group} ${networkInterface}`, [group, networkInterface]);
  }

  async leave(group: string, networkInterface: string | undefined): Promise<void> {
    this.#groups.delete(`${group} ${networkInterface}`);
    if (this.#native !== null) return await this.#native.leave(group, networkInterface);
    await (await this.#onNode()).leave(group, networkInterface);
  }

  ref(): void {
    this.#unref = false;
    (this.#native ?? this.#node)?.ref();
  }

  unref(): void {
    this.#unref = true;
    (this.#native ?? this.#node)?.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#moving?.catch(() => {});
    await (this.#native ?? this.#node)?.close();
  }

  async #transmit({ data, port, address }: Outgoing): Promise<number> {
    if (this.#moving !== null) await this.#moving;
    const { broadcast = false } = this.#settings;
    if (this.#native !== null) {
      if (!broadcast && isBroadcast(address)) throw systemError("EACCES", target(address, port));
      return await this.#native.transmit(data, port, address);
    }
    const node = this.#node!;
    try {
      return await new Promise<number>((resolve, reject) => {
        node.send(data, port, address, (error, sent) => {
          if (error === null) resolve(sent);
          else reject(error);
        });
      });
    } catch (error) {
      throw await whySendFailed(error as NetError, target(address, port), broadcast);
    }
  }

  /** The socket of `node:dgram`, after a move to it if need be. */
  #onNode(): Promise<DatagramHandle> {
    if (this.#node !== null) return Promise.resolve(this.#node);
    return this.#moving ??= this.#move(this.#native!).finally(() => this.#moving = null);
  }

  /** What the system holds for the socket at this moment is lost. */
  async #move(native: NativeDatagram): Promise<DatagramHandle> {
    for (const [group] of this.#groups.values()) {
      if (!group.includes(":")) this.#refuseIPv4Group();
    }
    await native.close();
    this.#native = null;
    const { address: host, port } = this;
    const node = await bindNode(
      { ...this.#request, host, port, settings: this.#settings },
      this.#sink,
    );
    this.#node = node;
    if (this.#unref) node.unref();
    if (this.#closed) await node.close();
    for (const [group, networkInterface] of this.#groups.values()) {
      await node.join(group, networkInterface);
    }
    return node;
  }

  #refuseIPv4Group(): void {
    if (!this.address.includes(":")) return;
    throw netError(
      "ERR_FEATURE_UNAVAILABLE",
      "Cannot join an IPv4 group on an IPv6 socket in this runtime: bind it to 0.0.0.0",
      { syscall: "addMembership" },
    );
  }
}

function target(address: string, port: number) {
  return { syscall: "send", address: tcpAddress(address, port).address, port };
}

/** Whether `Deno.listenDatagram` is there and can do what is asked for. */
function nativeServes({ ipv6Only, settings }: BindUdpRequest): boolean {
  // A type of its own, since the type of Deno says that it is always there.
  const { listenDatagram } = Deno as { listenDatagram?: unknown };
  const { broadcast: _, ...others } = settings;
  return listenDatagram !== undefined && !ipv6Only && Object.keys(others).length === 0;
}

function listenNative(request: BindUdpRequest, host: string): Promise<Deno.DatagramConn> {
  const { port, reuseAddress } = request;
  return new Promise((resolve) => {
    resolve(Deno.listenDatagram({ transport: "udp", hostname: host, port, reuseAddress }));
  });
}

/** The addresses for "every address" that the program may bind to. */
function everyAddress(port: number): readonly string[] {
  const hosts = ["::", "0.0.0.0"];
  const granted = hosts.filter((host) => {
    const name = formatHostPort(host, port);
    return Deno.permissions.querySync({ name: "net", host: name }).state === "granted";
  });
  return granted.length > 0 ? granted : hosts;
}

/** Binds a socket in Deno. */
export async function bindUdp(
  request: BindUdpRequest,
  sink: DatagramSink,
): Promise<DatagramHandle> {
  const hosts = request.host === undefined ? everyAddress(request.port) : [request.host];
  if (!nativeServes(request)) {
    return new DenoDatagram(request, sink, await bindNode(request, sink, hosts));
  }
  const conn = await bindFirst(hosts, async (host) => {
    try {
      return await listenNative(request, host);
    } catch (error) {
      throw mapError(error, { syscall: "bind", address: host, port: request.port });
    }
  });
  return new DenoDatagram(request, sink, new NativeDatagram(conn, sink));
}
