/**
 * UDP sockets in Deno. With `--unstable-net` there is `Deno.listenDatagram`, which is several times
 * faster than Deno's `node:dgram`, but has no TTL, no interface for multicast and no IPv6 by itself:
 * a socket that is asked for one of these stands on `node:dgram`, or moves there, as do all of them
 * without the flag.
 *
 * @module
 */

import { tcpAddress } from "../_core/address.ts";
import { netError } from "../_core/errors.ts";
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
import { WakeUp } from "./deno_datagram_wake.ts";
import { everyAddress } from "./deno_permissions.ts";
import { bindFirst } from "./every_address.ts";
import { mapError, systemError } from "./map_error.ts";
import { bindUdp as bindNode } from "./node_datagram.ts";

/** A socket on either of the two. */
class DenoDatagram implements DatagramHandle {
  readonly address: string;
  readonly port: number;
  readonly #request: BindUdpRequest;
  readonly #sink: WakeUp;
  readonly #queue = new SendQueue(
    (outgoing) => this.#transmit(outgoing),
    (error, outgoing) => this.#explain(error, outgoing),
  );
  /** What was joined: a socket that moves joins again. */
  readonly #groups = new Map<string, readonly [string, string | undefined]>();
  #native: NativeDatagram | null;
  #node: DatagramHandle | null;
  #settings: ChosenSettings;
  #moving: Promise<DatagramHandle> | null = null;
  /** Why there is neither of the two: another process took the address while it moved. */
  #lost: unknown = null;
  #unref = false;

  constructor(
    request: BindUdpRequest,
    sink: WakeUp,
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
    if (!this.#unref) return;
    this.#unref = false;
    this.#native?.ref();
    this.#node?.ref();
    if (this.#node !== null) this.#sink.wake(this.#node);
  }

  unref(): void {
    if (this.#unref) return;
    this.#unref = true;
    this.#native?.unref();
    this.#node?.unref();
    if (this.#node !== null) this.#sink.wake(this.#node);
  }

  async close(): Promise<void> {
    await this.#moving?.catch(() => {});
    await (this.#native ?? this.#node)?.close();
  }

  #transmit(outgoing: Outgoing): Promise<number> {
    const { data, port, address } = outgoing;
    if (this.#moving !== null) return this.#transmitLater(outgoing);
    if (this.#native === null) return this.#transmitByNode(outgoing);
    if (!this.#isForbidden(address)) return this.#native.transmit(data, port, address);
    return Promise.reject(systemError("EACCES", target(outgoing)));
  }

  /** What the system would see to, did Deno not allow it on every socket. */
  #isForbidden(address: string): boolean {
    return this.#settings.broadcast !== true && isBroadcast(address);
  }

  #transmitByNode({ data, port, address }: Outgoing): Promise<number> {
    const node = this.#node;
    if (node === null) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      node.send(data, port, address, (error, sent) => {
        if (error === null) resolve(sent);
        else reject(error);
      });
    });
  }

  async #transmitLater(outgoing: Outgoing): Promise<number> {
    // Where it could not move, it is as it was.
    await this.#moving?.catch(() => {});
    return await this.#transmit(outgoing);
  }

  async #explain(error: unknown, outgoing: Outgoing): Promise<unknown> {
    const { broadcast = false } = this.#settings;
    const to = target(outgoing);
    return await whySendFailed(mapError(error, to), to, broadcast);
  }

  /** The socket of `node:dgram`, after a move to it if need be. */
  #onNode(): Promise<DatagramHandle> {
    if (this.#node !== null) return Promise.resolve(this.#node);
    if (this.#native === null && this.#moving === null) return Promise.reject(this.#lost);
    return this.#moving ??= this.#move(this.#native!).finally(() => this.#moving = null);
  }

  /** What comes in between the two sockets is lost. */
  async #move(native: NativeDatagram): Promise<DatagramHandle> {
    for (const [group] of this.#groups.values()) {
      if (!group.includes(":")) this.#refuseIPv4Group();
    }
    await native.quiet();
    await native.close();
    this.#native = null;
    const { address: host, port } = this;
    const request = { ...this.#request, host, port, settings: this.#settings };
    try {
      this.#node = await bindNode(withBoundedBuffer(request), this.#sink);
    } catch (error) {
      this.#lost = error;
      throw error;
    }
    if (this.#unref) {
      this.#node.unref();
      this.#sink.wake(this.#node);
    }
    for (const [group, networkInterface] of this.#groups.values()) {
      await this.#node.join(group, networkInterface);
    }
    return this.#node;
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

function target({ address, port }: Outgoing) {
  return { syscall: "send", address: tcpAddress(address, port).address, port };
}

/** Whether `Deno.listenDatagram` is there and can do what is asked for. */
function nativeServes({ ipv6Only, settings }: BindUdpRequest): boolean {
  // A type of its own, since the type of Deno says that it is always there.
  const { listenDatagram } = Deno as { listenDatagram?: unknown };
  const { broadcast: _, ...others } = settings;
  return listenDatagram !== undefined && !ipv6Only && Object.keys(others).length === 0;
}

/** As a promise, since what fails is thrown. */
function listenNative(request: BindUdpRequest, host: string): Promise<Deno.DatagramConn> {
  const { port, reuseAddress } = request;
  try {
    const options = { transport: "udp", hostname: host, port, reuseAddress } as const;
    return Promise.resolve(Deno.listenDatagram(options));
  } catch (error) {
    return Promise.reject(mapError(error, { syscall: "bind", address: host, port }));
  }
}

/** Binds a socket in Deno. */
export async function bindUdp(
  request: BindUdpRequest,
  sink: DatagramSink,
): Promise<DatagramHandle> {
  const own = new WakeUp(sink);
  if (!nativeServes(request)) {
    const options = { everyAddress: everyAddress(request.port), losesPort: false };
    const node = await bindNode(withBoundedBuffer(request), own, options);
    return new DenoDatagram(request, own, node);
  }
  const hosts = request.host === undefined ? everyAddress(request.port) : [request.host];
  const conn = await bindFirst(hosts, (host) => listenNative(request, host));
  return new DenoDatagram(request, own, new NativeDatagram(conn, sink));
}

/** No datagram is larger. */
const LARGEST_READ = 64 * 1024;

/**
 * To Deno's `node:dgram` the size of the receive buffer is that of an array which it makes anew for
 * each datagram, and not the system's: with megabytes that takes milliseconds.
 */
function withBoundedBuffer(request: BindUdpRequest): BindUdpRequest {
  const { recvBufferSize } = request;
  if (recvBufferSize === undefined) return request;
  return { ...request, recvBufferSize: Math.min(recvBufferSize, LARGEST_READ) };
}
