/** Host names as they stand in a handshake and in certificates. @module */

import { checkHost, ipVersion } from "../_core/address.ts";
import { netError } from "../_core/errors.ts";

const NOT_ASCII = /[^ -~]/;

/**
 * Checks a host name or IP address and gives it as it goes over the wire: a name in ASCII (RFC 5890,
 * section 2.3.2.1), in small letters, without the dot of the root (RFC 6066, section 3). Throws a
 * TypeError (`ERR_INVALID_ARG_VALUE`).
 */
export function wireHost(given: unknown): string {
  const host = checkHost(given);
  if (ipVersion(host) !== 0) return host;
  const name = host.replace(/\.$/, "").toLowerCase();
  return NOT_ASCII.test(name) ? toAscii(name) : name;
}

function toAscii(name: string): string {
  try {
    return new URL(`http://${name}`).hostname;
  } catch (cause) {
    const message = `Cannot use the host name ${JSON.stringify(name)}`;
    throw netError("ERR_INVALID_ARG_VALUE", message, { cause });
  }
}
