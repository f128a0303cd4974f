/** Options of UDP sockets, and how they are read: shapes, defaults, checks. @module */

import { checkSignal } from "../_core/abort.ts";
import { checkHost, checkPort } from "../_core/address.ts";
import { checkInteger, checkNumber } from "../_core/check_number.ts";
import { netError } from "../_core/errors.ts";
import type { BindUdpRequest, ChosenSettings } from "../_runtime/datagram.ts";
import type { UdpAddress } from "./address.ts";
import * as limits from "./limits.ts";
import { interfaceName } from "./multicast.ts";

/** How a socket behaves. */
export interface UdpSocketOptions {
  /** No IPv4 on `::`: neither is received, nor is it sent to. Default false. */
  ipv6Only?: boolean;
  /**
   * Lets several sockets bind to one address, if all of them say so; a multicast datagram then
   * goes to each, a unicast one to one of them. Default false.
   */
  reuseAddress?: boolean;
  /** Lets datagrams go to broadcast addresses; without it they fail with `EACCES`. */
  broadcast?: boolean;
  /** Hops of unicast datagrams, 1 to 255. Default the system's, mostly 64. */
  ttl?: number;
  /** Hops of multicast datagrams, 0 to 255. Default 1: they stay in the network at hand. */
  multicastTTL?: number;
  /** Whether this machine hears its own multicast datagrams. Default true. */
  multicastLoopback?: boolean;
  /** Where multicast datagrams leave: an IPv4 address of this machine, or an interface's name. */
  multicastInterface?: string;
  /** Datagrams that wait for a reader; what comes beyond is dropped and counted. Default 1,024. */
  maxQueued?: number;
  /** Bytes that wait to be sent; what comes beyond fails with `ENOBUFS`. Default 16 MiB. */
  maxUnsentBytes?: number;
  /** Destinations whose address is remembered. Default 256. */
  maxNames?: number;
  /** Time in ms that the address of a name is remembered. Default 30,000. */
  nameLifetime?: number;
  /** Bytes that the system holds for a slow reader, in Node; Deno keeps the system's default. */
  recvBufferSize?: number;
  /** Bytes that the system holds until they can leave, in Node; Deno keeps the system's default. */
  sendBufferSize?: number;
}

/** Where to bind. */
export interface UdpBindTarget {
  /** The port; 0, the default, lets the system choose. */
  port?: number;
  /**
   * The IP address or name to bind to; of a name the first address. Default every address: `::`,
   * where IPv4 is taken in too unless `ipv6Only` is set, or `0.0.0.0` without IPv6.
   */
  hostname?: string;
  /** Closes the socket when it aborts. */
  signal?: AbortSignal;
}

/** How to make a socket, and where to bind it. */
export interface UdpBindOptions extends UdpSocketOptions, UdpBindTarget {}

/** Where a datagram goes: a host and a port, or the `remote` of one that came in. */
export interface UdpTarget {
  /** The port, 1 to 65535. */
  readonly port: number;
  /** A host name or IP address, with or without brackets. Default `localhost`. */
  readonly hostname?: string;
  /** The IP address, as in a {@linkcode UdpAddress}. */
  readonly address?: string;
}

/** The options of a socket, checked and filled in. */
export interface Settled {
  /** Datagrams that may wait for a reader. */
  readonly maxQueued: number;
  /** Bytes that may wait to be sent. */
  readonly maxUnsentBytes: number;
  /** Destinations that are remembered. */
  readonly maxNames: number;
  /** Time in ms that a name is remembered. */
  readonly nameLifetime: number;
  /** What the runtime is asked for, without the address. */
  readonly request: Omit<BindUdpRequest, "host" | "port">;
}

/** Where to bind, checked. */
export interface BindPlace {
  /** The IP address or name. */
  readonly hostname: string | undefined;
  /** The port. */
  readonly port: number;
  /** Closes the socket. */
  readonly signal: AbortSignal | undefined;
}

/** A bound of a queue: an integer, or no bound. */
function checkBound(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  return value === Infinity ? Infinity : checkInteger(name, value, [1, Infinity]);
}

function bufferSize(name: string, value: unknown): number | undefined {
  return value === undefined ? undefined : checkInteger(name, value, [1, 2 ** 31 - 1]);
}

/** Checks what is set at the system; what was not asked for is left out. */
function chosenSettings(options: UdpSocketOptions): ChosenSettings {
  const { broadcast, ttl, multicastTTL, multicastLoopback, multicastInterface } = options;
  return {
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(ttl === undefined ? {} : { ttl: checkTTL(ttl) }),
    ...(multicastTTL === undefined ? {} : { multicastTTL: checkMulticastTTL(multicastTTL) }),
    ...(multicastLoopback === undefined ? {} : { multicastLoopback }),
    ...(multicastInterface === undefined
      ? {}
      : { multicastInterface: interfaceName(multicastInterface) }),
  };
}

/** Checks the hops of unicast datagrams. */
export function checkTTL(hops: unknown): number {
  return checkInteger("ttl", hops, [1, 255]);
}

/** Checks the hops of multicast datagrams; with 0 they stay on the machine. */
export function checkMulticastTTL(hops: unknown): number {
  return checkInteger("multicastTTL", hops, [0, 255]);
}

/** Checks the options of a socket and fills in the defaults. */
export function settle(options: UdpSocketOptions): Settled {
  return {
    maxQueued: checkBound("maxQueued", options.maxQueued, limits.MAX_QUEUED),
    maxUnsentBytes: checkBound(
      "maxUnsentBytes",
      options.maxUnsentBytes,
      limits.MAX_UNSENT_BYTES,
    ),
    maxNames: checkBound("maxNames", options.maxNames, limits.MAX_NAMES),
    nameLifetime: checkNumber("nameLifetime", options.nameLifetime, limits.NAME_LIFETIME),
    request: {
      ipv6Only: options.ipv6Only ?? false,
      reuseAddress: options.reuseAddress ?? false,
      recvBufferSize: bufferSize("recvBufferSize", options.recvBufferSize),
      sendBufferSize: bufferSize("sendBufferSize", options.sendBufferSize),
      settings: chosenSettings(options),
    },
  };
}

/** Reads where to bind. */
export function readBindTarget(target: number | UdpBindTarget): BindPlace {
  const { port = 0, hostname, signal } = typeof target === "number" ? { port: target } : target;
  const host = hostname === undefined ? undefined : checkHost(hostname);
  return { port: checkPort(port), hostname: host, signal: checkSignal(signal) };
}

/**
 * Reads where a datagram goes. Checking an address takes longer than all else: a host that `known`
 * knows is not checked again.
 */
export function readTarget(
  target: UdpTarget | UdpAddress,
  known: (host: string) => boolean = () => false,
): { host: string; port: number } {
  const { hostname, address, port } = target as UdpTarget;
  const given = hostname ?? address ?? "localhost";
  const host = known(given) ? given : checkHost(given);
  if (checkPort(port) !== 0) return { host, port };
  throw netError("ERR_SOCKET_BAD_PORT", "Cannot send to the port 0: no socket has it");
}
