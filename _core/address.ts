/** Addresses of sockets: what they look like, how they are read and written as text. @module */

import { netError } from "./errors.ts";

/** The address of a TCP socket. */
export interface TcpAddress {
  /** Tells it from a Unix address. */
  readonly transport: "tcp";
  /** The IP address; an IPv4 address in an IPv6 coat (`::ffff:127.0.0.1`) is given as IPv4. */
  readonly address: string;
  /** The address family. */
  readonly family: "IPv4" | "IPv6";
  /** The port, 0 to 65535. */
  readonly port: number;
  /** Only a Unix address has one. */
  readonly path?: undefined;
}

/** The address of a Unix socket. */
export interface UnixAddress {
  /** Tells it from a TCP address. */
  readonly transport: "unix";
  /** The path, or null for the end that is bound to none (usually the client's). */
  readonly path: string | null;
  /** Only a TCP address has one. */
  readonly address?: undefined;
  /** Only a TCP address has one. */
  readonly port?: undefined;
}

/** The address of one end of a stream socket. */
export type SocketAddress = TcpAddress | UnixAddress;

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const HEXTET = /^[0-9a-f]{1,4}$/i;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Whether a text is an IPv4 address in its usual form of four decimal numbers, without leading
 * zeros: to some systems these are octal.
 */
export function isIPv4(text: string): boolean {
  return IPV4.test(text);
}

/** Whether a text is an IPv6 address (RFC 4291, section 2.2), with or without a zone. */
export function isIPv6(text: string): boolean {
  const [address = "", zone] = text.split("%", 2);
  if (zone === "" || !address.includes(":")) return false;
  const halves = address.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => half === "" ? [] : half.split(":"));
  const last = groups.at(-1)!;
  let count = 0;
  if (last.length > 0 && isIPv4(last.at(-1)!)) {
    last.pop();
    count = 2;
  }
  if (!groups.flat().every((group) => HEXTET.test(group))) return false;
  count += groups.flat().length;
  return halves.length === 2 ? count < 8 : count === 8;
}

/** 4 or 6 for an IP address, 0 for anything else. */
export function ipVersion(text: string): 0 | 4 | 6 {
  return isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0;
}

/** Takes the brackets off `[::1]`. */
export function unbracket(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

/** The address of a TCP socket from what a runtime reports; IPv4 loses its IPv6 coat. */
export function tcpAddress(address: string, port: number): TcpAddress {
  const plain = MAPPED_IPV4.exec(address)?.[1] ?? address;
  return {
    transport: "tcp",
    address: plain,
    family: plain.includes(":") ? "IPv6" : "IPv4",
    port,
  };
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Checks a port. Throws a RangeError (`ERR_SOCKET_BAD_PORT`) unless it is an integer 0-65535. */
export function checkPort(port: unknown): number {
  if (typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65535) {
    return port;
  }
  const given = typeof port === "string" ? JSON.stringify(port) : String(port);
  throw netError(
    "ERR_SOCKET_BAD_PORT",
    `Cannot use the port ${given}: it has to be an integer from 0 to 65535`,
  );
}

// No name that DNS or a hosts file can hold has blanks, control characters, or URL punctuation.
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const NOT_IN_A_HOST = /[\x00-\x20\x7f/\\?#@<>[\]^|"`{}]/;

/**
 * Checks a host name or IP address and takes the brackets off. Throws a TypeError
 * (`ERR_INVALID_ARG_VALUE`) for what can be neither, before any name server is asked.
 */
export function checkHost(host: unknown): string {
  if (typeof host === "string") {
    const plain = unbracket(host);
    const shape = plain !== "" && plain.length <= 255 && !NOT_IN_A_HOST.test(plain);
    if (shape && (!plain.includes(":") || isIPv6(plain))) return plain;
  }
  const given = typeof host === "string" ? JSON.stringify(host) : String(host);
  throw netError("ERR_INVALID_ARG_VALUE", `Cannot use the host name ${given}`);
}

/** Reads `host:port`, `[::1]:port`, or `:port`; the parts are not checked yet. */
export function splitHostPort(text: string): { hostname: string | undefined; port: unknown } {
  const colon = text.lastIndexOf(":");
  const port = text.slice(colon + 1);
  return {
    hostname: colon > 0 ? text.slice(0, colon) : undefined,
    port: colon >= 0 && /^\d+$/.test(port) ? Number(port) : port,
  };
}
