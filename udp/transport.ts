/**
 * One UDP socket below its public face: binding, sending, connecting and closing in the right
 * order, whatever the order of the calls.
 *
 * @module
 */

import { untilAborted } from "../_core/abort.ts";
import { ipVersion } from "../_core/address.ts";
import { Deferred } from "../_core/deferred.ts";
import { type NetError, netError } from "../_core/errors.ts";
import { closedError } from "../_io/failure.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import type {
  ChosenSettings,
  DatagramHandle,
  DatagramSettings,
  DatagramSink,
  SendDone,
} from "../_runtime/datagram.ts";
import { systemError } from "../_runtime/map_error.ts";
import { runtime } from "../_runtime/mod.ts";
import { canonical, remoteInfo, type UdpAddress, udpAddress } from "./address.ts";
import { Destinations, reachOf } from "./destinations.ts";
import type { UdpMessage } from "./inbox.ts";
import * as limits from "./limits.ts";
import { type Group, Memberships } from "./multicast.ts";
import type { BindPlace, Settled } from "./options.ts";

/** Who is told what happens to a socket. */
export interface TransportOwner {
  /** It is bound. */
  onBound(): void;
  /** A datagram has come in, from the peer if there is one. */
  onMessage(message: UdpMessage): void;
  /** The system reports an error that belongs to no call. */
  onError(error: NetError): void;
}

/** The peer of a connected socket. */
interface Peer {
  readonly address: UdpAddress;
  /** The address as the system takes it. */
  readonly wire: string;
}

/** Goes on once the socket is bound; the handle is null after a failure. */
type Waiter = (error: unknown, handle: DatagramHandle | null) => void;

const ANYWHERE: BindPlace = { hostname: undefined, port: 0, signal: undefined };

/** See the module's text. */
export class Transport implements DatagramSink {
  readonly #settled: Settled;
  readonly #owner: TransportOwner;
  readonly #memberships = new Memberships();
  #settings: ChosenSettings;
  #handle: DatagramHandle | null = null;
  #address: UdpAddress | null = null;
  #destinations: Destinations | null = null;
  #binding: Promise<void> | null = null;
  #waiting: Waiter[] = [];
  #peer: Peer | null = null;
  /** Sends that wait for `connect()`; null when it is not under way. */
  #connecting: SendDone[] | null = null;
  /** The system's part of the last `connect()`, done or not. */
  #lastConnect: Promise<void> = Promise.resolve();
  #unsent = 0;
  #unsentBytes = 0;
  #flushed: Deferred<void> | null = null;
  #closing: Deferred<void> | null = null;
  #abandoned = false;
  #unref = false;

  /** Makes one that is not bound yet. */
  constructor(settled: Settled, owner: TransportOwner) {
    this.#settled = settled;
    this.#settings = settled.request.settings;
    this.#owner = owner;
  }

  /** Where it is bound, or was; null before. */
  get address(): UdpAddress | null {
    return this.#address;
  }

  /** The peer, while connected. */
  get peer(): UdpAddress | undefined {
    return this.#peer?.address;
  }

  /** Whether it was told to close. */
  get closed(): boolean {
    return this.#closing !== null;
  }

  /** Whether a host was found before, and so is one. */
  readonly knows = (host: string): boolean => this.#destinations?.known(host) !== undefined;

  onMessage(data: Uint8Array, address: string, port: number): void {
    if (this.#peer !== null && !this.#isPeer(address, port)) return;
    this.#owner.onMessage({ data, remote: remoteInfo(address, port, data.length) });
  }

  onError(error: NetError): void {
    this.#owner.onError(error);
  }

  /** Binds. After a failure it may be tried again. */
  async bind(place: BindPlace): Promise<void> {
    if (this.#closing !== null) throw closedError("bind");
    if (this.#handle !== null || this.#binding !== null) {
      throw netError("ERR_SOCKET_ALREADY_BOUND", "Cannot bind: the socket is bound already");
    }
    place.signal?.throwIfAborted();
    this.#binding = this.#bind(place);
    try {
      await (place.signal ? untilAborted(this.#binding, place.signal) : this.#binding);
    } catch (error) {
      this.#wake(error, null);
      throw error;
    }
  }

  /**
   * Sends to a host, or to the peer if there is none. The arguments were checked. What waits for a
   * name or for binding is overtaken by what does not.
   */
  send(data: Uint8Array, host: string | null, port: number, done: SendDone): void {
    if (this.#closing !== null) return done(closedError("send"), 0);
    const cost = data.length + limits.SEND_COST;
    if (this.#unsentBytes + cost > this.#settled.maxUnsentBytes) {
      const attempt = { syscall: "send", ...(host === null ? {} : { address: host, port }) };
      return done(systemError("ENOBUFS", attempt), 0);
    }
    this.#unsentBytes += cost;
    this.#unsent++;
    const finish: SendDone = (error, sent) => {
      this.#unsentBytes -= cost;
      this.#unsent--;
      done(error !== null && this.#abandoned ? closedError("send") : error, sent);
      if (this.#unsent === 0) this.#flushed?.resolve();
    };
    if (host === null) this.#sendToPeer(data, finish);
    else if (this.#peer !== null || this.#connecting !== null) finish(isConnected("send"), 0);
    else if (this.#handle !== null) this.#sendTo(this.#handle, data, host, port, finish);
    else this.#sendOnceBound(data, host, port, finish);
  }

  /** Sets the peer. Sends without an address wait for it meanwhile. */
  async connect(host: string, port: number): Promise<void> {
    if (this.#closing !== null) throw closedError("connect");
    if (this.#peer !== null || this.#connecting !== null) throw isConnected("connect");
    const waiting: SendDone[] = this.#connecting = [];
    // A disconnect() or close() meanwhile has told those who wait already.
    const current = () => this.#connecting === waiting;
    try {
      const handle = await this.#bound();
      const wire = await this.#findForConnect(host, port);
      await this.#connectSystem(handle, port, wire, current);
      if (!current()) {
        throw this.#closing === null ? notConnected("connect") : closedError("connect");
      }
      this.#peer = { address: udpAddress(canonical(wire), port), wire };
    } catch (error) {
      if (current()) this.#connecting = null;
      for (const send of waiting.splice(0)) send(error, 0);
      throw error;
    }
    this.#connecting = null;
    for (const send of waiting) send(null, 0);
  }

  /** Has the system connect, and takes that back if it is no longer wanted. One after the other. */
  #connectSystem(
    handle: DatagramHandle,
    port: number,
    wire: string,
    wanted: () => boolean,
  ): Promise<void> {
    const connected = this.#lastConnect.then(async () => {
      if (!wanted()) return;
      await handle.connect(port, wire);
      if (!wanted() && this.#closing === null) handle.disconnect();
    });
    this.#lastConnect = connected.catch(() => {});
    return connected;
  }

  /** Takes the peer back. */
  disconnect(): void {
    if (this.#closing !== null) throw closedError("disconnect");
    if (this.#peer === null && this.#connecting === null) throw notConnected("disconnect");
    this.#giveUpConnecting(notConnected("send"));
    if (this.#peer !== null) this.#handle?.disconnect();
    this.#peer = null;
  }

  /** Changes a setting, once bound. */
  async set<Name extends keyof DatagramSettings>(
    name: Name,
    value: DatagramSettings[Name],
  ): Promise<void> {
    if (this.#handle === null && this.#binding === null && this.#closing === null) {
      this.#settings = { ...this.#settings, [name]: value };
      await this.#bound("when the caller binds");
    } else {
      await (await this.#bound()).set(name, value);
    }
  }

  /** Joins a group, once bound. */
  async join(group: Group): Promise<void> {
    await this.#memberships.join(await this.#bound("when the caller binds"), group);
  }

  /** Leaves a group, once bound. */
  async leave(group: Group): Promise<void> {
    await this.#memberships.leave(await this.#bound("when the caller binds"), group);
  }

  /** Lets it hold the process, or not. */
  hold(on: boolean): void {
    this.#unref = !on;
    if (on) this.#handle?.ref();
    else this.#handle?.unref();
  }

  /** Sends what can be sent at once, then closes; what waits for something else is given up. */
  close(): Promise<void> {
    if (this.#closing === null) {
      const closing = this.#closing = new Deferred<void>();
      this.#close().then(() => closing.resolve(), (error) => closing.reject(error));
    }
    return this.#closing.promise;
  }

  async #bind({ hostname, port }: BindPlace): Promise<void> {
    // What fails is told in a later turn, also where the runtime throws at once.
    await Promise.resolve();
    const { request } = this.#settled;
    try {
      const host = await this.#localAddress(hostname, port);
      const settings = this.#settings;
      const handle = await runtime.bindUdp({ ...request, settings, host, port }, this);
      if (this.#closing !== null) {
        await handle.close();
        throw closedError("bind");
      }
      this.#handle = handle;
      this.#address = udpAddress(handle.address, handle.port);
      this.#destinations = new Destinations(
        reachOf(handle.address, request.ipv6Only),
        this.#settled,
      );
      if (this.#unref) handle.unref();
    } finally {
      this.#binding = null;
    }
    this.#owner.onBound();
    this.#wake(null, this.#handle);
  }

  async #localAddress(hostname: string | undefined, port: number): Promise<string | undefined> {
    if (hostname === undefined || ipVersion(hostname) !== 0) return hostname;
    if (!runtime.mayResolve(hostname, port)) return hostname;
    const [first] = await runtime.lookup(hostname, this.#settled.request.ipv6Only ? 6 : 0);
    return first?.address;
  }

  /** In one go: a call that comes later must not overtake those who wait. */
  #wake(error: unknown, handle: DatagramHandle | null): void {
    for (const waiter of this.#waiting.splice(0)) waiter(error, handle);
  }

  #whenBound(binds: "now" | "when the caller binds", waiter: Waiter): void {
    if (this.#closing !== null) return waiter(closedError("continue"), null);
    if (this.#handle !== null) return waiter(null, this.#handle);
    this.#waiting.push(waiter);
    // Those who wait are told of the failure.
    if (binds === "now" && this.#binding === null) this.bind(ANYWHERE).catch(() => {});
  }

  #bound(binds: "now" | "when the caller binds" = "now"): Promise<DatagramHandle> {
    return new Promise((resolve, reject) => {
      this.#whenBound(binds, (error, handle) => {
        if (handle === null) reject(error);
        else resolve(handle);
      });
    });
  }

  #sendOnceBound(data: Uint8Array, host: string, port: number, done: SendDone): void {
    this.#whenBound("now", (error, handle) => {
      if (handle === null) done(error, 0);
      else this.#sendTo(handle, data, host, port, done);
    });
  }

  #sendTo(
    handle: DatagramHandle,
    data: Uint8Array,
    host: string,
    port: number,
    done: SendDone,
  ): void {
    const known = this.#destinations!.known(host);
    if (known !== undefined) return transmit(handle, data, port, known, done);
    this.#destinations!.find(host, port, "send", (error, address) => {
      if (error !== null) done(error, 0);
      else transmit(handle, data, port, address, done);
    });
  }

  #sendToPeer(data: Uint8Array, done: SendDone): void {
    if (this.#peer !== null) {
      return transmit(this.#handle!, data, this.#peer.address.port, this.#peer.wire, done);
    }
    if (this.#connecting === null) return done(notConnected("send"), 0);
    this.#connecting.push((error) => {
      if (error === null) this.#sendToPeer(data, done);
      else done(error, 0);
    });
  }

  #findForConnect(host: string, port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#destinations!.find(host, port, "connect", (error, address) => {
        if (error === null) resolve(address);
        else reject(error);
      });
    });
  }

  #giveUpConnecting(error: NetError): void {
    const waiting = this.#connecting ?? [];
    this.#connecting = null;
    for (const send of waiting.splice(0)) send(error, 0);
  }

  #isPeer(address: string, port: number): boolean {
    const peer = this.#peer!;
    if (port !== peer.address.port) return false;
    return address === peer.wire || canonical(address) === peer.address.address;
  }

  async #close(): Promise<void> {
    this.#wake(closedError("continue"), null);
    this.#giveUpConnecting(closedError("send"));
    this.#destinations?.giveUp(() => closedError("send"));
    await this.#binding?.catch(() => {});
    if (this.#unsent > 0) await this.#flush();
    this.#abandoned = true;
    await this.#handle?.close();
  }

  async #flush(): Promise<void> {
    const flushed = this.#flushed = new Deferred<void>();
    const timeout = sharedTimers.timeout(limits.FLUSH_TIMEOUT, () => flushed.resolve());
    timeout.start();
    await flushed.promise;
    timeout.stop();
  }
}

/** The system's own limit, known before it is asked: some runtimes lose what is too long. */
function transmit(
  handle: DatagramHandle,
  data: Uint8Array,
  port: number,
  wire: string,
  done: SendDone,
): void {
  // Most datagrams are far below, whatever the family.
  if (data.length > limits.MAX_IPV4_PAYLOAD) {
    const { address, family } = udpAddress(wire, port);
    const most = family === "IPv4" ? limits.MAX_IPV4_PAYLOAD : limits.MAX_IPV6_PAYLOAD;
    if (data.length > most) {
      return done(systemError("EMSGSIZE", { syscall: "send", address, port }), 0);
    }
  }
  handle.send(data, port, wire, done);
}

function isConnected(action: string): NetError {
  const message = `Cannot ${action} to an address: the socket is connected`;
  return netError("ERR_SOCKET_DGRAM_IS_CONNECTED", message);
}

function notConnected(action: string): NetError {
  return netError(
    "ERR_SOCKET_DGRAM_NOT_CONNECTED",
    `Cannot ${action}: the socket is not connected`,
  );
}
