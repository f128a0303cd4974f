/**
 * Why a send through Deno's `node:dgram` failed. For all but a datagram that is too long Deno gives
 * the code UNKNOWN; what it may be is found by elimination.
 *
 * @module
 */

import { formatHostPort } from "../_core/address.ts";
import type { ErrorCode } from "../_core/error_codes.ts";
import type { NetError } from "../_core/errors.ts";
import { systemClock } from "./clock.ts";
import { isBroadcast } from "./deno_datagram_native.ts";
import { mayReach } from "./deno_permissions.ts";
import { type Attempt, mapError, systemError } from "./map_error.ts";

/** Time in ms for the system to say that there is no route: it says so at once. */
const ROUTE_TIMEOUT = 50;

/** What a missing or prohibited route looks like. */
const NO_ROUTE: readonly ErrorCode[] = ["ENETUNREACH", "EHOSTUNREACH", "EACCES", "EPERM"];

/** The error with the code that it has everywhere else; the same error if that cannot be told. */
export async function whySendFailed(
  error: NetError,
  attempt: Attempt & { readonly address: string; readonly port: number },
  broadcast: boolean,
): Promise<NetError> {
  if (error.code !== "UNKNOWN") return error;
  const { address, port } = attempt;
  const host = formatHostPort(address, port);
  if (!mayReach(host)) {
    return mapError(new Deno.errors.NotCapable(`Requires net access to "${host}"`), attempt);
  }
  if (!broadcast && isBroadcast(address)) return systemError("EACCES", attempt);
  const code = await routeFailure(address, port);
  // Most networks have 255 at the end of their broadcast address, and TCP has no route to one.
  if (code === "ENETUNREACH" && !broadcast && /\.255$/.test(address)) {
    return systemError("EACCES", attempt);
  }
  return code === undefined ? error : systemError(code, attempt);
}

/**
 * What the system says of the route. It takes the same way for TCP, and where there is none it says
 * so before a packet leaves.
 */
async function routeFailure(hostname: string, port: number): Promise<ErrorCode | undefined> {
  const abort = new AbortController();
  const stop = systemClock.schedule(() => abort.abort(), ROUTE_TIMEOUT);
  try {
    (await Deno.connect({ hostname, port, signal: abort.signal })).close();
    return undefined;
  } catch (error) {
    const { code } = mapError(error, { syscall: "send" });
    return NO_ROUTE.find((known) => known === code);
  } finally {
    stop();
  }
}
