/** Addresses of UDP sockets, in the one form in which they can be compared. @module */

import { isIPv4, tcpAddress } from "../_core/address.ts";

/** The address of a UDP socket. */
export interface UdpAddress {
  /** Tells it from the addresses of other sockets. */
  readonly transport: "udp";
  /** The IP address; an IPv4 address in an IPv6 coat (`::ffff:127.0.0.1`) is given as IPv4. */
  readonly address: string;
  /** The address family. */
  readonly family: "IPv4" | "IPv6";
  /** The port, 0 to 65535. */
  readonly port: number;
}

/** Where a datagram came from; `send()` takes it as the way back. */
export interface RemoteInfo extends UdpAddress {
  /** Bytes of the datagram. */
  readonly size: number;
}

/** The address of a UDP socket from what a runtime reports. */
export function udpAddress(text: string, port: number): UdpAddress {
  const { address, family } = tcpAddress(text, port);
  return { transport: "udp", address, family, port };
}

/** Where a datagram came from, from what a runtime reports. */
export function remoteInfo(text: string, port: number, size: number): RemoteInfo {
  // Almost every address comes without a coat, and this runs for each datagram.
  const address = text.startsWith("::ffff:") ? tcpAddress(text, port).address : text;
  const family = address.includes(":") ? "IPv6" : "IPv4";
  return { transport: "udp", address, family, port, size };
}

/** An IP address in the form in which systems report it; a zone is left out. */
export function canonical(address: string): string {
  if (isIPv4(address)) return address;
  const [plain = ""] = address.split("%");
  const uncoated = tcpAddress(plain, 0).address;
  // The only parser of IPv6 that both runtimes have; it writes as RFC 5952 says.
  return isIPv4(uncoated) ? uncoated : new URL(`http://[${plain}]`).hostname.slice(1, -1);
}

/** Where datagrams to an unspecified address end up: on this machine. */
export function reachable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return canonical(address) === "::" ? "::1" : address;
}

/** Whether an IP address is one of a group. */
export function isMulticast(address: string): boolean {
  if (address.includes(":")) return /^ff/i.test(address);
  const first = Number(address.split(".")[0]);
  return first >= 224 && first <= 239;
}
