/** Multicast groups: what can be joined, and what is joined. @module */

import { checkHost, ipVersion, isIPv4, isIPv6, unbracket } from "../_core/address.ts";
import { type NetError, netError } from "../_core/errors.ts";
import type { DatagramHandle } from "../_runtime/datagram.ts";
import { systemError } from "../_runtime/map_error.ts";
import { isMulticast } from "./address.ts";

/** A group to join or leave. */
export interface Group {
  /** Its IP address. */
  readonly address: string;
  /** The interface as runtimes want it: an IPv4 address, or `::%name`. */
  readonly networkInterface: string | undefined;
}

/** The name of an interface as runtimes want it; an IPv4 address stays as it is. */
export function interfaceName(text: unknown): string {
  if (typeof text === "string") {
    if (isIPv4(text)) return text;
    const name = text.replace(/^(::)?%/, "");
    if (/^[^\s%:/]+$/.test(name)) return `::%${name}`;
    // The unspecified address: back to the system's choice.
    if (text === "::") return text;
  }
  throw netError(
    "ERR_INVALID_ARG_VALUE",
    `Cannot use the interface ${JSON.stringify(text)}: it is no IPv4 address and no name`,
  );
}

/**
 * Checks a group and its interface. Throws `ERR_INVALID_ARG_VALUE` for what is no IP address, and
 * `EINVAL` for one that is of no group.
 */
export function readGroup(address: unknown, networkInterface: unknown, syscall: string): Group {
  const text = unbracket(String(address));
  if (ipVersion(text) === 0) {
    const message = `Cannot use the group ${JSON.stringify(address)}: it is no IP address`;
    throw netError("ERR_INVALID_ARG_VALUE", message);
  }
  if (!isMulticast(text)) throw systemError("EINVAL", { syscall, address: text });
  if (networkInterface === undefined) return { address: text, networkInterface: undefined };
  const name = interfaceName(networkInterface);
  if (isIPv6(text) === name.startsWith("::")) return { address: text, networkInterface: name };
  const wanted = isIPv6(text) ? "the name of an interface" : "an IPv4 address of this machine";
  const message = `Cannot use the interface ${name} for the group ${text}: it takes ${wanted}`;
  throw netError("ERR_INVALID_ARG_VALUE", message);
}

/** The part of a socket that groups need. */
export type GroupHandle = Pick<DatagramHandle, "address" | "join" | "leave">;

/** The groups of one socket. Joining twice and leaving twice do nothing. */
export class Memberships {
  readonly #joined = new Map<string, Promise<void>>();

  /** Joins unless it has joined. */
  join(handle: GroupHandle, group: Group): Promise<void> {
    const key = keyOf(group);
    const known = this.#joined.get(key);
    if (known !== undefined) return known;
    const joining = this.#join(handle, group);
    this.#joined.set(key, joining);
    joining.catch(() => this.#joined.delete(key));
    return joining;
  }

  /** Leaves if it has joined. */
  async leave(handle: GroupHandle, group: Group): Promise<void> {
    const key = keyOf(group);
    const joining = this.#joined.get(key);
    if (joining === undefined) return;
    this.#joined.delete(key);
    await joining;
    await handle.leave(group.address, group.networkInterface);
  }

  async #join(handle: GroupHandle, { address, networkInterface }: Group): Promise<void> {
    if (address.includes(":") && !handle.address.includes(":")) {
      throw systemError("EAFNOSUPPORT", { syscall: "addMembership", address });
    }
    try {
      await handle.join(address, networkInterface);
    } catch (error) {
      // It has joined on the interface of the system's choice, and now on the same by its name.
      if ((error as NetError).code !== "EADDRINUSE") throw error;
    }
  }
}

function keyOf({ address, networkInterface }: Group): string {
  return `${checkHost(address).toLowerCase()} ${networkInterface ?? ""}`;
}
