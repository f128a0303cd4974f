/** The socket of the udp module, in its two faces: events, and promises with iteration. @module */

import { type Data, toBytes } from "../_core/bytes.ts";
import { beforeListener, EventEmitter, throwLater } from "../_core/emitter.ts";
import { netError, TransportError } from "../_core/errors.ts";
import type { RemoteInfo, UdpAddress } from "./address.ts";
import { Inbox, type UdpMessage } from "./inbox.ts";
import { interfaceName, readGroup } from "./multicast.ts";
import {
  checkMulticastTTL,
  checkTTL,
  readBindTarget,
  readTarget,
  settle,
  type UdpBindTarget,
  type UdpSocketOptions,
  type UdpTarget,
} from "./options.ts";
import { Transport } from "./transport.ts";

/** The events of a {@linkcode UdpSocket}, with the arguments of their listeners. */
export interface UdpSocketEvents {
  /** The socket is bound. */
  listening: [];
  /** A datagram came in; the bytes are the listener's to keep. */
  message: [data: Uint8Array, remote: RemoteInfo];
  /** The last event: the socket is closed. */
  close: [];
  /** Something failed. The socket stays open; a call that failed rejects as well. */
  error: [error: Error];
}

/** One datagram of {@linkcode UdpSocket.sendMany}, in the shape in which they come in. */
export interface UdpOutgoing {
  /** The bytes, or a string that goes out as UTF-8. */
  readonly data: Data;
  /** Where it goes; a connected socket knows. */
  readonly remote?: UdpTarget;
}

/** How to wait for a datagram. */
export interface UdpReadOptions {
  /** Ends the wait; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * A UDP socket. {@linkcode bind} makes one that is bound, {@linkcode createSocket} one that will be:
 * by `bind()`, or at any port with the first `send()` or `connect()`. Other calls wait until then.
 *
 * Events: `listening`, `message`..., `close`. One consumer at a time: a `message` listener, `read()`
 * or an iteration; a second one while one is at work is a UsageError (`ERR_INVALID_STATE`). What
 * comes while nobody reads waits, up to `maxQueued`; what comes beyond is dropped and counted.
 *
 * Datagrams arrive whole or not at all, and sends to one host leave in the order of the calls,
 * awaited or not. What the network does with them is not known: a send succeeds when the system has
 * taken the datagram.
 *
 * Failures of the system reject the call, and where `error` has listeners they are told as well: a
 * promise that was left alone is then no unhandled rejection. What no call failed with, such as the
 * `ECONNREFUSED` of a connected socket in Node, is an `error` for those who listen.
 *
 * @example Events
 * ```ts
 * import { createSocket } from "@netstd/net/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createSocket((data, remote) => server.send(data, remote));
 * await server.bind({ hostname: "127.0.0.1" });
 *
 * const client = createSocket((data) => {
 *   assertEquals(new TextDecoder().decode(data), "hello");
 *   client.close();
 *   server.close();
 * });
 * await client.send("hello", server.address);
 * ```
 */
export class UdpSocket extends EventEmitter<UdpSocketEvents>
  implements AsyncIterable<UdpMessage>, AsyncDisposable {
  readonly #transport: Transport;
  readonly #inbox: Inbox;
  #closing: Promise<void> | null = null;
  /** Takes the abort listener off the signal of the `bind()` that succeeded. */
  #forgetSignal: () => void = () => {};

  static {
    beforeListener(this.prototype, (socket, event) => {
      if (event === "message") socket.#inbox.listen();
    });
  }

  /** Makes a socket that is not bound: `createSocket()` does. */
  constructor(options: UdpSocketOptions = {}) {
    super();
    const settled = settle(options);
    this.#inbox = new Inbox({
      deliver: (message) => this.#deliver(message),
      listening: () => this.listenerCount("message") > 0,
    }, settled.maxQueued);
    this.#transport = new Transport(settled, {
      onBound: () => this.#emit("listening"),
      onMessage: (message) => this.#inbox.push(message),
      onError: (error) => this.#report(error),
    });
  }

  /**
   * Where the socket is bound, or was. Throws a UsageError (`ERR_SOCKET_NOT_BOUND`) before it ever
   * was.
   */
  get address(): UdpAddress {
    const { address } = this.#transport;
    if (address !== null) return address;
    throw netError("ERR_SOCKET_NOT_BOUND", "Cannot tell the address: the socket is not bound");
  }

  /** The peer, while connected. */
  get remoteAddress(): UdpAddress | undefined {
    return this.#transport.peer;
  }

  /** Datagrams dropped because too many waited. What the system itself drops is not known. */
  get dropped(): number {
    return this.#inbox.dropped;
  }

  /** Datagrams that wait for a reader. */
  get waiting(): number {
    return this.#inbox.waiting;
  }

  /**
   * Binds, to a port of every address for instance. Resolves with the socket after `listening`.
   * Rejects, with an `error` event for those who listen to it: `EADDRINUSE`, `EADDRNOTAVAIL`,
   * `EACCES`, `ENOTFOUND`, `ERR_ACCESS_DENIED`; `ERR_SOCKET_ALREADY_BOUND`, `ERR_SOCKET_CLOSED`;
   * `ERR_SOCKET_BAD_PORT`, `ERR_INVALID_ARG_VALUE`; or the signal's reason. After a failure of the
   * system it may be tried again.
   */
  bind(target: number | UdpBindTarget = {}): Promise<this> {
    return this.#told(async () => {
      const place = readBindTarget(target);
      const bound = this.#transport.bind(place);
      const forget = this.#closeOnAbort(place.signal);
      try {
        await bound;
      } catch (error) {
        forget();
        throw error;
      }
      if (this.#closing === null) this.#forgetSignal = forget;
      else forget();
      return this;
    });
  }

  /**
   * Sends one datagram; on a connected socket without a target. Resolves with its size once the
   * system has taken it; leave the bytes alone until then.
   *
   * Rejects with `EMSGSIZE` above 65,507 bytes (65,527 over IPv6), `EACCES` for a broadcast address
   * without `broadcast`, `EAFNOSUPPORT` for an address of the other family, `ENETUNREACH`,
   * `EHOSTUNREACH`, `ENOTFOUND`, `ERR_ACCESS_DENIED`, `ENOBUFS` when too much waits already; with
   * `ERR_SOCKET_DGRAM_IS_CONNECTED` or `ERR_SOCKET_DGRAM_NOT_CONNECTED` when the target does not fit
   * the state, `ERR_SOCKET_CLOSED` once closed (never as an unhandled rejection), and
   * `ERR_INVALID_ARG_TYPE`, `ERR_SOCKET_BAD_PORT` or `ERR_INVALID_ARG_VALUE`.
   */
  send(data: Data, target?: UdpTarget): Promise<number> {
    return this.#start<number>((done) => {
      const bytes = toBytes(data);
      if (target === undefined) return this.#transport.send(bytes, null, 0, done);
      const { host, port } = readTarget(target, this.#transport.knows);
      this.#transport.send(bytes, host, port, done);
    });
  }

  /**
   * Sends several datagrams in their order. Resolves with their number once the system has taken
   * all. The arguments are checked before the first leaves; when one fails later the others are
   * still sent, and the promise rejects with the first failure, as `send()` does.
   */
  sendMany(datagrams: Iterable<UdpOutgoing>): Promise<number> {
    return this.#start<number>((done) => {
      const iterable = typeof datagrams === "object" && datagrams !== null &&
        Symbol.iterator in datagrams;
      if (!iterable) throw netError("ERR_INVALID_ARG_TYPE", "Cannot send: it takes an iterable");
      const checked = Array.from(datagrams, ({ data, remote }) => {
        return { bytes: toBytes(data), ...(remote === undefined ? PEER : readTarget(remote)) };
      });
      if (checked.length === 0) return done(null, 0);
      let left = checked.length;
      let failure: unknown = null;
      const sent = (error: unknown) => {
        failure ??= error;
        if (--left === 0) done(failure, checked.length);
      };
      for (const { bytes, host, port } of checked) this.#transport.send(bytes, host, port, sent);
    });
  }

  /**
   * Sets the peer: sends go there without a target, and nobody else is heard. Sends without a target
   * that come before it is done wait for it. Rejects with `ERR_SOCKET_DGRAM_IS_CONNECTED` when there
   * is one, and as `send()` does for the target.
   *
   * In Node the system tells of a peer where nobody listens, as `error` (`ECONNREFUSED`); in Deno
   * nothing is heard of that.
   */
  connect(target: UdpTarget): Promise<void> {
    return this.#told(() => {
      const { host, port } = readTarget(target);
      return this.#transport.connect(host, port);
    });
  }

  /**
   * Takes the peer back; the socket keeps its port. Throws a UsageError
   * (`ERR_SOCKET_DGRAM_NOT_CONNECTED`, `ERR_SOCKET_CLOSED`) when there is none.
   */
  disconnect(): void {
    this.#transport.disconnect();
  }

  /**
   * The next datagram. Rejects with `ERR_SOCKET_CLOSED` when the socket closes, with
   * `ERR_INVALID_STATE` while somebody else reads, or with the signal's reason.
   */
  read(options: UdpReadOptions = {}): Promise<UdpMessage> {
    return this.#inbox.read(options.signal);
  }

  /** The datagrams until the socket closes. Leaving the loop early closes it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<UdpMessage> {
    return this.#inbox.messages(() => void this.close());
  }

  /**
   * Joins a multicast group, on an interface of the system's choice unless one is named: by an IPv4
   * address of this machine for an IPv4 group, by its name for an IPv6 group. Joining twice does
   * nothing. Rejects with `EINVAL` for an address of no group, and with the system's error.
   */
  joinGroup(group: string, networkInterface?: string): Promise<void> {
    return this.#told(() => {
      return this.#transport.join(readGroup(group, networkInterface, "addMembership"));
    });
  }

  /** Leaves a group that was joined with the same arguments. Leaving twice does nothing. */
  leaveGroup(group: string, networkInterface?: string): Promise<void> {
    return this.#told(() => {
      return this.#transport.leave(readGroup(group, networkInterface, "dropMembership"));
    });
  }

  /** Lets datagrams go to broadcast addresses, or not. Resolves once it holds, as all of these. */
  setBroadcast(on: boolean = true): Promise<void> {
    return this.#told(() => this.#transport.set("broadcast", on));
  }

  /** Sets the hops of unicast datagrams, 1 to 255; rejects with `ERR_OUT_OF_RANGE` beyond. */
  setTTL(hops: number): Promise<void> {
    return this.#told(() => this.#transport.set("ttl", checkTTL(hops)));
  }

  /** Sets the hops of multicast datagrams, 0 to 255; with 0 they stay on this machine. */
  setMulticastTTL(hops: number): Promise<void> {
    return this.#told(() => this.#transport.set("multicastTTL", checkMulticastTTL(hops)));
  }

  /** Says whether this machine hears its own multicast datagrams; it does by default. */
  setMulticastLoopback(on: boolean): Promise<void> {
    return this.#told(() => this.#transport.set("multicastLoopback", on));
  }

  /**
   * Says where multicast datagrams leave: an IPv4 address of this machine, or an interface's name
   * for IPv6. Rejects with `ERR_INVALID_ARG_VALUE` for neither, and with the system's error.
   */
  setMulticastInterface(networkInterface: string): Promise<void> {
    return this.#told(() => {
      return this.#transport.set("multicastInterface", interfaceName(networkInterface));
    });
  }

  /**
   * Closes. What was sent before still leaves, unless it waits for a name or for binding; what waits
   * to be read is dropped, readers and loops end. Resolves when the port is free, after `close`. May
   * be called again.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Lets the socket hold the process, the default. */
  ref(): this {
    this.#transport.hold(true);
    return this;
  }

  /** Lets the process end although the socket is open. */
  unref(): this {
    this.#transport.hold(false);
    return this;
  }

  /** Closes the socket, as `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #closeOnAbort(signal: AbortSignal | undefined): () => void {
    const onAbort = () => void this.close();
    signal?.addEventListener("abort", onAbort);
    return () => signal?.removeEventListener("abort", onAbort);
  }

  async #close(): Promise<void> {
    const closed = this.#transport.close();
    this.#forgetSignal();
    this.#inbox.close();
    await closed;
    this.#emit("close");
  }

  /** Starts a call that answers by `done`. One promise and few closures: this runs for each send. */
  #start<T>(act: (done: (error: unknown, value: T) => void) => void): Promise<T> {
    const promise: Promise<T> = new Promise((resolve, reject) => {
      const done = (error: unknown, value: T) => {
        if (error === null) return resolve(value);
        reject(error);
        // Later, for what fails at once; a rejection counts as unhandled after that.
        if (this.#report(error)) queueMicrotask(() => promise.catch(() => {}));
      };
      try {
        act(done);
      } catch (error) {
        done(error, undefined as T);
      }
    });
    return promise;
  }

  /** The same for a call that answers by a promise. */
  #told<T>(act: () => Promise<T>): Promise<T> {
    return this.#start((done) => {
      act().then((value) => done(null, value), (error) => done(error, undefined as T));
    });
  }

  /** Whether somebody was told of a failure, or nobody needs to be: then it is no surprise. */
  #report(error: unknown): boolean {
    if (!(error instanceof TransportError)) {
      return (error as { code?: unknown }).code === "ERR_SOCKET_CLOSED";
    }
    if (this.#transport.closed || this.listenerCount("error") === 0) return false;
    return this.#emit("error", error);
  }

  /** As `#emit()`, which would take longer over its arguments. */
  #deliver({ data, remote }: UdpMessage): boolean {
    try {
      return this.emit("message", data, remote);
    } catch (error) {
      throwLater(error);
      return true;
    }
  }

  #emit<Name extends keyof UdpSocketEvents>(name: Name, ...args: UdpSocketEvents[Name]): boolean {
    try {
      return (this.emit as (name: string, ...args: unknown[]) => boolean)(name, ...args);
    } catch (error) {
      throwLater(error);
      return true;
    }
  }
}

/** No target: what is sent goes to the peer. */
const PEER = { host: null, port: 0 } as const;
