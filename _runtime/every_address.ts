/** Binding to "every address": at the one of IPv6, which takes IPv4 in too, or at that of IPv4. @module */

/** The addresses that stand for it, the one to try first in front. */
export const EVERY_ADDRESS: readonly string[] = ["::", "0.0.0.0"];

/** Linux has EAFNOSUPPORT where IPv6 is not compiled in, EADDRNOTAVAIL where it is turned off. */
const NO_IPV6: readonly unknown[] = ["EAFNOSUPPORT", "EADDRNOTAVAIL"];

/** Binds at the first of some addresses that this machine has; fails with what the last failed with. */
export async function bindFirst<T>(
  hosts: readonly string[],
  bind: (host: string) => T | Promise<T>,
): Promise<T> {
  for (const host of hosts) {
    try {
      return await bind(host);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (host === hosts.at(-1) || !NO_IPV6.includes(code)) throw error;
    }
  }
  throw new Error("Every list of hosts has an entry");
}
