/**
 * UDP sockets by node's `dgram`. The npm build stands on it; in Deno it serves where there is no
 * `Deno.listenDatagram`, and for what that lacks.
 *
 * @module
 */

// Deno's `dgram` tells of its close by `process.nextTick`, which does not run before this is loaded.
import "node:process";
import * as dgram from "node:dgram";
import { tcpAddress } from "../_core/address.ts";
import type {
  BindUdpRequest,
  DatagramHandle,
  DatagramSettings,
  DatagramSink,
  SendDone,
} from "./datagram.ts";
import { bindFirst, EVERY_ADDRESS } from "./every_address.ts";
import { mapError } from "./map_error.ts";

/** How often a port that the system chose may be lost before it is taken. */
const PORT_TRIES = 10;

type Lookup = NonNullable<dgram.SocketOptions["lookup"]>;

/**
 * Every address that comes here is an IP address already. The default would put each of them to
 * the name service all the same, a turn of the loop per datagram.
 */
const noLookup: Lookup = (address, _options, callback) => {
  callback(null, address, address.includes(":") ? 6 : 4);
};

/** Node's `dgram` answers within the turn; whoever waits for each send would never give up his. */
const SENDS_PER_TURN = 64;

function bound(socket: dgram.Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    // In Deno a missing permission is thrown here; the promise makes a rejection of it.
    socket.bind({ port, address }, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}

async function openSocket(
  request: BindUdpRequest,
  host: string,
  port: number,
): Promise<dgram.Socket> {
  const { ipv6Only, reuseAddress, recvBufferSize, sendBufferSize } = request;
  const socket = dgram.createSocket({
    type: host.includes(":") ? "udp6" : "udp4",
    reuseAddr: reuseAddress,
    ipv6Only,
    lookup: noLookup,
    ...(recvBufferSize === undefined ? {} : { recvBufferSize }),
    ...(sendBufferSize === undefined ? {} : { sendBufferSize }),
  });
  try {
    await bound(socket, port, host);
    return socket;
  } catch (error) {
    socket.on("error", () => {}).close();
    throw mapError(error, { syscall: "bind", address: host, port });
  }
}

/**
 * Binds to a port that the system chooses, in two steps. A socket that took port 0 loses its port
 * with `disconnect()` on Linux; one that named its port keeps it.
 */
async function openAnyPort(request: BindUdpRequest, host: string): Promise<dgram.Socket> {
  for (let tries = 1;; tries++) {
    const scout = await openSocket({ ...request, reuseAddress: false }, host, 0);
    const { port } = scout.address();
    await new Promise<void>((resolve) => scout.close(() => resolve()));
    try {
      return await openSocket(request, host, port);
    } catch (error) {
      const taken = (error as { code?: string }).code === "EADDRINUSE";
      if (!taken || tries === PORT_TRIES) throw error;
    }
  }
}

/** How each setting is called, in words of `dgram` and of the system. */
const APPLY: {
  [Name in keyof DatagramSettings]: (socket: dgram.Socket, value: DatagramSettings[Name]) => void;
} = {
  broadcast: (socket, on) => socket.setBroadcast(on),
  ttl: (socket, hops) => void socket.setTTL(hops),
  // Deno takes no 0 here, and NaN for 0; so does Node, where 0 is fine by itself.
  multicastTTL: (socket, hops) => void socket.setMulticastTTL(hops === 0 ? NaN : hops),
  multicastLoopback: (socket, on) => void socket.setMulticastLoopback(on),
  multicastInterface: (socket, address) => socket.setMulticastInterface(address),
};

/** See the module's text. */
export class NodeDatagram implements DatagramHandle {
  readonly address: string;
  readonly port: number;
  readonly #socket: dgram.Socket;
  readonly #sink: DatagramSink;
  #connected = false;
  #sends = 0;
  #closing: Promise<void> | null = null;

  /** Takes over a bound socket. */
  constructor(socket: dgram.Socket, sink: DatagramSink) {
    this.#socket = socket;
    this.#sink = sink;
    const { address, port } = socket.address();
    this.address = address;
    this.port = port;
    socket.on("message", (data: Uint8Array, { address, port }) => {
      if (this.#closing === null) sink.onMessage(ownBytes(data), address, port);
    });
    socket.on("error", (error) => this.#failed(error));
  }

  send(data: Uint8Array, port: number, address: string, done: SendDone): void {
    this.#transmit(data, port, address, (error, sent) => {
      if (error === null) {
        if (++this.#sends % SENDS_PER_TURN === 0) setImmediate(done, null, sent);
        else done(null, sent);
        return;
      }
      if ((error as { code?: string }).code !== "ECONNREFUSED") {
        return done(this.#sendError(error, port, address), 0);
      }
      // The system tells of an earlier datagram that nobody took, and has not sent this one; in Bun of
      // one to anybody, which is no failure of this socket.
      if (this.#connected) this.#failed(error as Error);
      this.#transmit(data, port, address, (error, sent) => {
        if (error === null) done(null, sent);
        else done(this.#sendError(error, port, address), 0);
      });
    });
  }

  connect(port: number, address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        if (error !== undefined) {
          const plain = tcpAddress(address, port).address;
          return reject(mapError(error, { syscall: "connect", address: plain, port }));
        }
        this.#connected = true;
        resolve();
      };
      // The types know nothing of the error that the callback is given.
      this.#socket.connect(port, address, settle as () => void);
    });
  }

  disconnect(): void {
    this.#connected = false;
    this.#socket.disconnect();
  }

  set<Name extends keyof DatagramSettings>(
    name: Name,
    value: DatagramSettings[Name],
  ): Promise<void> {
    const address = name === "multicastInterface" ? String(value) : undefined;
    return attempt(() => APPLY[name](this.#socket, value), `set ${name}`, address);
  }

  join(group: string, networkInterface: string | undefined): Promise<void> {
    const join = () => this.#socket.addMembership(group, networkInterface);
    return attempt(join, "addMembership", group);
  }

  leave(group: string, networkInterface: string | undefined): Promise<void> {
    const leave = () => this.#socket.dropMembership(group, networkInterface);
    return attempt(leave, "dropMembership", group);
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  close(): Promise<void> {
    return this.#closing ??= new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #transmit(data: Uint8Array, port: number, address: string, done: SendDone): void {
    try {
      if (this.#connected) this.#socket.send(data, done);
      else this.#socket.send(data, port, address, done);
    } catch (error) {
      done(error, 0);
    }
  }

  #sendError(error: unknown, port: number, address: string): unknown {
    return mapError(error, { syscall: "send", address: tcpAddress(address, port).address, port });
  }

  #failed(error: Error): void {
    if (this.#closing === null) this.#sink.onError(mapError(error, { syscall: "recvmsg" }));
  }
}

/**
 * A Buffer is not what we promise: its slice() shares memory. And in Deno each datagram comes in
 * 64 KiB of its own, which five bytes that somebody keeps would hold on to.
 */
function ownBytes(data: Uint8Array): Uint8Array {
  if (data.byteLength !== data.buffer.byteLength) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** As a promise, since what fails is thrown. */
function attempt(act: () => void, syscall: string, address?: string): Promise<void> {
  try {
    act();
    return Promise.resolve();
  } catch (error) {
    return Promise.reject(mapError(error, { syscall, address }));
  }
}

/** Binds one IP address. */
async function bindTo(
  request: BindUdpRequest,
  host: string,
  sink: DatagramSink,
  losesPort: boolean,
): Promise<NodeDatagram> {
  const socket = request.port === 0 && losesPort
    ? await openAnyPort(request, host)
    : await openSocket(request, host, request.port);
  const handle = new NodeDatagram(socket, sink);
  try {
    for (const [name, value] of Object.entries(request.settings)) {
      await handle.set(name as keyof DatagramSettings, value);
    }
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** What differs where Deno runs this module. */
export interface NodeBinding {
  /** The addresses for "every address", the one to try first in front. */
  readonly everyAddress: readonly string[];
  /** Whether the system is told to disconnect, and a port that it chose is lost by that. */
  readonly losesPort: boolean;
}

const IN_NODE: NodeBinding = { everyAddress: EVERY_ADDRESS, losesPort: true };

/** Binds a socket of node's. */
export function bindUdp(
  request: BindUdpRequest,
  sink: DatagramSink,
  { everyAddress, losesPort }: NodeBinding = IN_NODE,
): Promise<NodeDatagram> {
  const hosts = request.host === undefined ? everyAddress : [request.host];
  return bindFirst(hosts, (host) => bindTo(request, host, sink, losesPort));
}
