/**
 * What the library asks of a runtime: one interface, with one implementation for Deno (`deno.ts`)
 * and one for Node (`node.ts`). Nothing else names `Deno` or node's network modules. The contract
 * suite in `_testing/stream_contract.ts` runs over both, and over the in-memory stream.
 *
 * Every failure comes as a rejection with a `NetError` that carries `code`, `errno`, `syscall`,
 * `address` and `port`; an abort rejects with the signal's reason.
 *
 * @module
 */

import type { ByteStream, Listener, ListenerSink } from "../_io/stream.ts";
import type { BindUdpRequest, DatagramHandle, DatagramSink } from "./datagram.ts";
import type { TlsEngine } from "./tls.ts";

/** An IP address that a name resolved to. */
export interface ResolvedAddress {
  /** The address. */
  readonly address: string;
  /** Its family. */
  readonly family: 4 | 6;
}

/** What can be set on a connected socket from the start. */
export interface SocketSettings {
  /** Nagle's algorithm off. */
  readonly noDelay: boolean;
  /** Keep-alive probes of the system. */
  readonly keepAlive: boolean;
  /** Silence in ms before the first probe. */
  readonly keepAliveDelay: number;
}

/** A single attempt to connect to one IP address. */
export interface ConnectTcpRequest extends SocketSettings {
  /** The IP address, or a name where `mayResolve` said no. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** The address to connect from. */
  readonly localAddress: string | undefined;
  /** Delay in ms between attempts, for a runtime that is given a name. */
  readonly attemptDelay: number;
  /** Stops the attempt. */
  readonly signal: AbortSignal;
}

/** Where and how to listen. */
export interface ListenTcpRequest extends SocketSettings {
  /** The IP address, a name where `mayResolve` said no, or undefined for every address. */
  readonly host: string | undefined;
  /** The port; 0 lets the system choose. */
  readonly port: number;
  /** Connections that the system may hold before they are accepted. */
  readonly backlog: number;
  /** No IPv4 on an IPv6 address. */
  readonly ipv6Only: boolean;
  /** Several processes on one port. */
  readonly reusePort: boolean;
}

/** What can be asked of a Unix socket's path. */
export interface ListenUnixRequest {
  /** The path, or a name in the abstract namespace that starts with a zero character. */
  readonly path: string;
  /** Connections that the system may hold before they are accepted. */
  readonly backlog: number;
  /** The file's mode. */
  readonly mode: number | undefined;
}

/** One runtime. */
export interface Runtime {
  /** Whether names may be resolved to addresses here, rather than left to the runtime. */
  mayResolve(host: string, port: number): boolean;
  /** Resolves a name to its addresses, in the resolver's order. */
  lookup(hostname: string, family: 0 | 4 | 6): Promise<ResolvedAddress[]>;
  /** Connects by TCP. */
  connectTcp(request: ConnectTcpRequest): Promise<ByteStream>;
  /** Connects to a Unix socket. */
  connectUnix(path: string, signal: AbortSignal): Promise<ByteStream>;
  /** Listens on TCP. */
  listenTcp(request: ListenTcpRequest, sink: ListenerSink): Promise<Listener>;
  /** Listens on a Unix socket. */
  listenUnix(request: ListenUnixRequest, sink: ListenerSink): Promise<Listener>;
  /** Binds a UDP socket. */
  bindUdp(request: BindUdpRequest, sink: DatagramSink): Promise<DatagramHandle>;
  /** The runtime's TLS, loaded when it is used first. */
  loadTls(): Promise<TlsEngine>;
  /** Removes the file of a Unix socket; a missing one is fine. */
  removeFile(path: string): Promise<void>;
}
