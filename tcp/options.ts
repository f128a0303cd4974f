/** Options of sockets and servers, and how they are read: shapes, defaults, checks. @module */

import {
  checkHost,
  checkPort,
  type SocketAddress,
  splitHostPort,
  type TcpAddress,
} from "../_core/address.ts";
import { checkInteger, checkNumber } from "../_core/check_number.ts";
import { type NetError, netError } from "../_core/errors.ts";
import type { ConnectionOptions } from "../_io/connection_owner.ts";
import type { TimerQueue } from "../_io/timers.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import { systemError } from "../_runtime/map_error.ts";
import type { SocketSettings } from "../_runtime/runtime.ts";
import * as limits from "./limits.ts";

/** How a socket behaves, whichever side opened it. */
export interface TcpSocketOptions {
  /**
   * Whether our side stays open when the peer ends its own, until `end()` or `close()`. With false,
   * the default, the socket ends itself once its reader knows of the peer's end (the `end`
   * listeners ran, or whoever pulls has taken it) and had a turn of the event loop to answer.
   * Taking `readable` or `writable` sets it.
   */
  allowHalfOpen?: boolean;
  /** Turns Nagle's algorithm off, so that small writes leave at once. Default true. */
  noDelay?: boolean;
  /** Has the system probe a silent peer. Default false. */
  keepAlive?: boolean;
  /** Silence in ms before the first probe, where the runtime can set it. Default 60,000. */
  keepAliveDelay?: number;
  /**
   * Bytes waiting to go out above which `write()` answers false, and the most that is read ahead
   * of a slow reader. Default 65,536.
   */
  highWaterMark?: number;
  /**
   * Bytes waiting to go out above which one more `write()` fails the socket with
   * `ERR_BUFFER_FULL`. Default 1,073,741,824 (1 GiB).
   */
  maxBufferedAmount?: number;
  /**
   * Silence in ms after our end before the socket is closed although the peer has not ended; each
   * byte that comes in starts it anew. Default 5,000 for a socket that a server accepted, and for
   * one that nobody reads; a reader of a socket of our own waits without limit unless this is set.
   * Also the time without progress in which a peer may hold up what was written before our end,
   * default 60,000; then the socket fails with `ETIMEDOUT`. `Infinity` turns both off.
   */
  lingerTimeout?: number;
}

/** How to connect. */
export interface ConnectOptions extends TcpSocketOptions {
  /** Aborts connecting; once connected it has no effect. */
  signal?: AbortSignal;
  /** Time in ms to connect, with name and all addresses, before `ETIMEDOUT`. Default 30,000. */
  connectTimeout?: number;
  /** Head start in ms of one address before the next is tried too (RFC 8305). Default 250. */
  attemptDelay?: number;
  /** Only addresses of IPv4, or of IPv6. Default both. */
  family?: 4 | 6;
  /** The IP address to connect from. */
  localAddress?: string;
}

/** A TCP port, on the local machine unless a host is given. */
export interface TcpTarget {
  /** The port, 0 to 65535. */
  port: number;
  /** A host name or IP address, with or without brackets. Default `localhost`. */
  hostname?: string;
}

/** A Unix socket. */
export interface UnixTarget {
  /** The path; one that starts with a zero character names an abstract socket (Linux). */
  path: string;
}

/**
 * Where to connect: a port of this machine, `host:port`, a path (with a slash in it), the parts by
 * name, or the `address` of a server.
 */
export type ConnectTarget = number | string | TcpTarget | UnixTarget | SocketAddress;

/** Listening on a TCP port. */
export interface TcpListenOptions {
  /** The port; 0 lets the system choose. */
  port: number;
  /**
   * The IP address or name to listen on; a name is bound at each of its addresses. Default every
   * address: `::`, where IPv4 clients are taken too, or `0.0.0.0` without IPv6.
   */
  hostname?: string;
  /** No IPv4 clients on `::`; where the runtime cannot: `ERR_FEATURE_UNAVAILABLE`. */
  ipv6Only?: boolean;
  /** Connections that the system holds before they are accepted. Default 511. */
  backlog?: number;
  /** Lets several processes listen on one port, where the runtime can. */
  reusePort?: boolean;
  /** Closes the server when it aborts. */
  signal?: AbortSignal;
}

/** Listening on a Unix socket. */
export interface UnixListenOptions {
  /** The path; one that starts with a zero character names an abstract socket (Linux). */
  path: string;
  /** The mode of the socket's file, such as 0o600. Default: what the umask leaves of 0o777. */
  mode?: number;
  /** Removes the file of a server that is gone; one that lives stays and has `EADDRINUSE`. */
  removeStale?: boolean;
  /** Connections that the system holds before they are accepted. Default 511; in Deno always 1,024. */
  backlog?: number;
  /** Closes the server when it aborts. */
  signal?: AbortSignal;
}

/** Where to listen: a port, a path (with a slash in it), or the parts by name. */
export type ListenTarget = number | string | TcpListenOptions | UnixListenOptions;

/** Which side of a connection a socket is. */
export type Role = "client" | "accepted";

/** Checks the family of an address. */
export function checkFamily(family: unknown): void {
  if (family === undefined || family === 4 || family === 6) return;
  throw netError("ERR_INVALID_ARG_VALUE", `Cannot use the family ${String(family)}: it is 4 or 6`);
}

function checkBytes(
  name: "highWaterMark" | "maxBufferedAmount",
  options: TcpSocketOptions,
  fallback: number,
): number {
  return checkNumber(name, options[name], fallback, [1, Infinity]);
}

/** Checks the options of a socket and fills in the defaults of its role. */
export function connectionOptions(
  options: TcpSocketOptions,
  role: Role,
  timers: TimerQueue = sharedTimers,
): ConnectionOptions {
  const allowHalfOpen = options.allowHalfOpen ?? false;
  const { lingerTimeout } = options;
  return {
    allowHalfOpen,
    highWaterMark: checkBytes("highWaterMark", options, limits.HIGH_WATER_MARK),
    maxBufferedAmount: checkBytes("maxBufferedAmount", options, limits.MAX_BUFFERED_AMOUNT),
    lingerTimeout: checkNumber("lingerTimeout", lingerTimeout, limits.LINGER_TIMEOUT),
    stallTimeout: lingerTimeout ?? limits.STALL_TIMEOUT,
    lingerCuts: lingerTimeout !== undefined
      ? "all"
      : role === "accepted"
      ? "unless half open"
      : "none",
    forgottenTimeout: limits.FORGOTTEN_TIMEOUT,
    lingerBytes: limits.LINGER_BYTES,
    timers,
  };
}

/** What the system is told about a socket. */
export function socketSettings(options: TcpSocketOptions): SocketSettings {
  return {
    noDelay: options.noDelay ?? true,
    keepAlive: options.keepAlive ?? false,
    keepAliveDelay: checkNumber(
      "keepAliveDelay",
      options.keepAliveDelay,
      limits.KEEP_ALIVE_DELAY,
    ),
  };
}

/** The waits of connecting, checked. */
export function connectWaits(options: ConnectOptions): { timeout: number; attemptDelay: number } {
  return {
    timeout: checkNumber("connectTimeout", options.connectTimeout, limits.CONNECT_TIMEOUT),
    attemptDelay: checkNumber("attemptDelay", options.attemptDelay, limits.ATTEMPT_DELAY),
  };
}

/** Checks a path before the system would cut it off. */
function checkPath(path: unknown, syscall: string): string {
  if (typeof path !== "string" || path === "") {
    throw netError("ERR_INVALID_ARG_VALUE", `Cannot use the path ${String(path)}`);
  }
  if (new TextEncoder().encode(path).length > limits.UNIX_PATH_BYTES) {
    throw systemError("ENAMETOOLONG", { syscall, address: path });
  }
  return path;
}

function isPath(text: string): boolean {
  return text.includes("/") || text.startsWith("\0");
}

function noPath(text: string): NetError {
  const reason = "a path has a slash in it, and a port is a number";
  return netError("ERR_INVALID_ARG_VALUE", `Cannot listen on ${JSON.stringify(text)}: ${reason}`);
}

/** Reads a target of `connect()`. */
export function readConnectTarget(
  target: ConnectTarget,
): { hostname: string; port: number } | { path: string } {
  if (typeof target === "object" && target !== null) {
    if ("path" in target && target.path !== undefined) {
      return { path: checkPath(target.path, "connect") };
    }
    const { hostname, address, port } = target as Partial<TcpTarget & TcpAddress>;
    return { hostname: checkHost(hostname ?? address ?? "localhost"), port: checkPort(port) };
  }
  if (typeof target === "string") {
    if (isPath(target)) return { path: checkPath(target, "connect") };
    const { hostname = "localhost", port } = splitHostPort(target);
    return { hostname: checkHost(hostname), port: checkPort(port) };
  }
  return { hostname: "localhost", port: checkPort(target) };
}

/** Reads a target of `listen()`. */
export function readListenTarget(
  target: ListenTarget,
): (TcpListenOptions & { backlog: number }) | (UnixListenOptions & { backlog: number }) {
  if (typeof target === "string") {
    // A port from the environment is a text, and no one wants a file of that name.
    if (target !== "" && !isPath(target)) throw noPath(target);
    return { path: checkPath(target, "listen"), backlog: limits.BACKLOG };
  }
  if (typeof target !== "object" || target === null) {
    return { port: checkPort(target), backlog: limits.BACKLOG };
  }
  const backlog = checkInteger("backlog", target.backlog ?? limits.BACKLOG, [0, Infinity]);
  if ("path" in target && target.path !== undefined) {
    if (target.mode !== undefined) checkInteger("mode", target.mode, [0, 0o777]);
    return { ...target, path: checkPath(target.path, "listen"), backlog };
  }
  const tcp = target as TcpListenOptions;
  const port = checkPort(tcp.port);
  if (tcp.hostname === undefined) return { ...tcp, port, backlog };
  return { ...tcp, port, hostname: checkHost(tcp.hostname), backlog };
}
