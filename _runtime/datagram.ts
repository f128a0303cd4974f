/**
 * What the library asks of a runtime's UDP sockets: one interface, kept by `node_datagram.ts` and
 * by `deno_datagram.ts`. Addresses are IP addresses as the system has them: an IPv4 peer of an IPv6
 * socket wears its coat (`::ffff:127.0.0.1`) both ways.
 *
 * @module
 */

import type { NetError } from "../_core/errors.ts";

/** What can be set on a socket, before it is bound or later. */
export interface DatagramSettings {
  /** Whether datagrams may go to broadcast addresses. */
  readonly broadcast: boolean;
  /** Hops of unicast datagrams, 1 to 255. */
  readonly ttl: number;
  /** Hops of multicast datagrams, 0 to 255. */
  readonly multicastTTL: number;
  /** Whether this machine hears its own multicast datagrams. */
  readonly multicastLoopback: boolean;
  /** Where multicast datagrams leave: an IPv4 address, or `::%name`. */
  readonly multicastInterface: string;
}

/** The settings that the caller asked for; the system's defaults stay for the others. */
export type ChosenSettings = { [Name in keyof DatagramSettings]?: DatagramSettings[Name] };

/** Where and how to bind. */
export interface BindUdpRequest {
  /** The IP address, or undefined for every address of both families. */
  readonly host: string | undefined;
  /** The port; 0 lets the system choose. */
  readonly port: number;
  /** No IPv4 on an IPv6 address. */
  readonly ipv6Only: boolean;
  /** Several sockets at one address. */
  readonly reuseAddress: boolean;
  /** Bytes that the system holds back for a slow reader, where the runtime can be asked. */
  readonly recvBufferSize: number | undefined;
  /** Bytes that the system holds until they can leave, likewise. */
  readonly sendBufferSize: number | undefined;
  /** What is set right after binding. */
  readonly settings: ChosenSettings;
}

/** Who is told what comes in. Nothing comes after `close()`. */
export interface DatagramSink {
  /** A datagram; the bytes are the receiver's to keep, and pin no more memory than they fill. */
  onMessage(data: Uint8Array, address: string, port: number): void;
  /** The system reports something that no call of ours failed with, such as an ICMP message. */
  onError(error: NetError): void;
}

/** Is told what became of a datagram: null and its size, or the error. */
export type SendDone = (error: unknown, sent: number) => void;

/** A bound socket. */
export interface DatagramHandle {
  /** The IP address it is bound to. */
  readonly address: string;
  /** The port it is bound to. */
  readonly port: number;
  /** Sends to an address; to the connected one when connected. They leave in the order given. */
  send(data: Uint8Array, port: number, address: string, done: SendDone): void;
  /** Has the system take datagrams of one peer only, where it can; the caller filters anyway. */
  connect(port: number, address: string): Promise<void>;
  /** Takes that back. */
  disconnect(): void;
  /** Changes a setting. */
  set<Name extends keyof DatagramSettings>(
    name: Name,
    value: DatagramSettings[Name],
  ): Promise<void>;
  /** Joins a multicast group on an interface, or on the one that the system chooses. */
  join(group: string, networkInterface: string | undefined): Promise<void>;
  /** Leaves a group that was joined with the same arguments. */
  leave(group: string, networkInterface: string | undefined): Promise<void>;
  /** Lets it hold the process. */
  ref(): void;
  /** Lets the process end although it is open. */
  unref(): void;
  /** Resolves once the address is free. */
  close(): Promise<void>;
}
