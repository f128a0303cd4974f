/**
 * From what a caller names to what the system takes: names are resolved by the family of the
 * socket, once, and addresses get the coat that an IPv6 socket wants for IPv4.
 *
 * @module
 */

import { ipVersion } from "../_core/address.ts";
import { type NetError, netError } from "../_core/errors.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import { systemError } from "../_runtime/map_error.ts";
import { runtime } from "../_runtime/mod.ts";
import { canonical, reachable } from "./address.ts";
import type { Settled } from "./options.ts";

/** Which addresses a socket can send to. */
export type Reach = "IPv4" | "IPv6" | "both";

/** Told the address as the system takes it, or why there is none. */
export type Found = (error: unknown, address: string) => void;

interface Remembered {
  readonly address: string;
  /** When the name has to be resolved anew. */
  readonly until: number;
}

function expired({ until }: Remembered): boolean {
  return until !== Infinity && until <= sharedTimers.now();
}

/** What a socket that is bound to an address can reach. */
export function reachOf(address: string, ipv6Only: boolean): Reach {
  if (!address.includes(":")) return "IPv4";
  return address === "::" && !ipv6Only ? "both" : "IPv6";
}

/** The destinations of one bound socket. */
export class Destinations {
  readonly #reach: Reach;
  readonly #maxNames: number;
  readonly #nameLifetime: number;
  readonly #remembered = new Map<string, Remembered>();
  readonly #asking = new Map<string, Found[]>();

  /** Makes them for what a socket reaches. */
  constructor(reach: Reach, { maxNames, nameLifetime }: Settled) {
    this.#reach = reach;
    this.#maxNames = maxNames;
    this.#nameLifetime = nameLifetime;
  }

  /** The address of a host if it is remembered. */
  known(host: string): string | undefined {
    const known = this.#remembered.get(host);
    return known === undefined || expired(known) ? undefined : known.address;
  }

  /**
   * Finds the address of a host: at once where it is known. Names that are being asked for answer
   * in the order of the calls.
   */
  find(host: string, port: number, syscall: string, found: Found): void {
    const known = this.known(host);
    if (known !== undefined) return found(null, known);
    if (ipVersion(host) !== 0) return this.#findAddress(host, port, syscall, found);
    const asking = this.#asking.get(host);
    if (asking !== undefined) return void asking.push(found);
    this.#asking.set(host, [found]);
    void this.#ask(host, port);
  }

  /** Whoever still waits for a name gets this instead. */
  giveUp(error: () => NetError): void {
    const waiting = [...this.#asking.values()].flat();
    this.#asking.clear();
    for (const found of waiting) found(error(), "");
  }

  #findAddress(host: string, port: number, syscall: string, found: Found): void {
    const address = this.#wire(host);
    if (address === null) {
      return found(systemError("EAFNOSUPPORT", { syscall, address: host, port }), "");
    }
    this.#remember(host, address, Infinity);
    found(null, address);
  }

  async #ask(host: string, port: number): Promise<void> {
    let error: unknown = null;
    let address = "";
    try {
      address = await this.#lookup(host, port);
      this.#remember(host, address, sharedTimers.now() + this.#nameLifetime);
    } catch (reason) {
      error = reason;
    }
    const waiting = this.#asking.get(host) ?? [];
    this.#asking.delete(host);
    // In one go: a send that comes later finds the name remembered, and must not overtake these.
    for (const found of waiting) found(error, address);
  }

  async #lookup(host: string, port: number): Promise<string> {
    // A permission for a name does not cover its addresses: then the runtime has to resolve.
    if (!runtime.mayResolve(host, port)) return host;
    const family = this.#reach === "both" ? 0 : this.#reach === "IPv4" ? 4 : 6;
    const [first] = await runtime.lookup(host, family);
    const address = first === undefined ? null : this.#wire(first.address);
    if (address !== null) return address;
    throw netError("ENOTFOUND", `Cannot resolve ${host}: it has no address that fits the socket`, {
      syscall: "getaddrinfo",
      hostname: host,
    });
  }

  /** The address as the system takes it; null if the socket cannot reach its family. */
  #wire(host: string): string | null {
    const plain = canonical(host);
    const isIPv4 = !plain.includes(":");
    if (this.#reach === "IPv4") return isIPv4 ? reachable(plain) : null;
    if (!isIPv4) return reachable(host);
    return this.#reach === "both" ? `::ffff:${reachable(plain)}` : null;
  }

  #remember(host: string, address: string, until: number): void {
    this.#remembered.delete(host);
    if (this.#remembered.size >= this.#maxNames) {
      // The oldest; a name that is still in use is asked for again.
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest!);
    }
    this.#remembered.set(host, { address, until });
  }
}
