/** Names to addresses by node's `dns`, which asks the system's resolver in both runtimes. @module */

import { mapError } from "./map_error.ts";
import type { ResolvedAddress } from "./runtime.ts";

/** Resolves a name to its addresses, in the resolver's order. */
export async function lookup(hostname: string, family: 0 | 4 | 6): Promise<ResolvedAddress[]> {
  // Many programs never ask.
  const dns = await import("node:dns");
  return await new Promise((resolve, reject) => {
    dns.lookup(hostname, { all: true, family, verbatim: true }, (error, addresses) => {
      if (error) reject(mapError(error, { syscall: "getaddrinfo", hostname }));
      else resolve(addresses.map((a) => ({ address: a.address, family: a.family as 4 | 6 })));
    });
  });
}
