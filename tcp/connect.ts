/** Connecting: names, several addresses, time limits, aborts. @module */

import { checkSignal, untilAborted } from "../_core/abort.ts";
import { checkHost, formatHostPort, ipVersion } from "../_core/address.ts";
import { NetError, netError } from "../_core/errors.ts";
import type { ByteStream } from "../_io/stream.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import { systemError } from "../_runtime/map_error.ts";
import { runtime } from "../_runtime/mod.ts";
import type { ResolvedAddress, SocketSettings } from "../_runtime/runtime.ts";
import {
  checkFamily,
  type ConnectOptions,
  type ConnectTarget,
  connectWaits,
  readConnectTarget,
  socketSettings,
} from "./options.ts";
import { interleave, race, RaceFailure } from "./race.ts";
import { eventsOf, TcpSocket } from "./socket.ts";

type Place = ReturnType<typeof readConnectTarget>;

/** What `connect()` was asked for, checked. */
interface Plan {
  readonly place: Place;
  readonly settings: SocketSettings;
  readonly timeout: number;
  readonly attemptDelay: number;
  readonly family: 4 | 6 | undefined;
  readonly localAddress: string | undefined;
  readonly signal: AbortSignal | undefined;
}

function readPlan(target: ConnectTarget, options: ConnectOptions): Plan {
  const { family, localAddress } = options;
  const signal = checkSignal(options.signal);
  const place = readConnectTarget(target);
  const plan = { place, settings: socketSettings(options), ...connectWaits(options) };
  checkFamily(family);
  if (localAddress !== undefined) checkLocalAddress(localAddress);
  return { ...plan, family, localAddress, signal };
}

/**
 * Connects to a TCP port or a Unix socket. Gives the socket at once, connecting: write to it,
 * listen to it, or await `opened`. A name with several addresses is tried at all of them
 * (RFC 8305). `listener` is added for `connect`.
 *
 * Throws a RangeError (`ERR_SOCKET_BAD_PORT`), a TypeError (`ERR_INVALID_ARG_VALUE`) or
 * `ENAMETOOLONG` for a target that can be none. The socket fails with `ECONNREFUSED`, `ENOTFOUND`,
 * `EAI_AGAIN`, `ENETUNREACH`, `EHOSTUNREACH`, `ETIMEDOUT`, `ENOENT`, `ERR_ACCESS_DENIED` and the
 * like, with the single failures in `errors` when several addresses were tried; when `signal`
 * aborts, with the signal's reason. A signal that was aborted before costs no I/O and makes no
 * events.
 *
 * @example
 * ```ts
 * import { connect, createServer } from "@netstd/net/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = createServer((socket) => socket.end("Good day\n"));
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * await using socket = connect(server.address);
 * await socket.opened;
 * assertEquals(new TextDecoder().decode((await socket.read())!), "Good day\n");
 * ```
 */
export function connect(
  target: ConnectTarget,
  options: ConnectOptions = {},
  listener?: () => void,
): TcpSocket {
  const plan = readPlan(target, options);
  const socket = new TcpSocket(options);
  if (listener !== undefined) socket.on("connect", listener);
  const { signal } = plan;
  if (signal?.aborted) eventsOf(socket).connection.openRefused(signal.reason);
  else open(socket, plan);
  return socket;
}

function checkLocalAddress(address: string): void {
  if (ipVersion(checkHost(address)) === 0) {
    const message = `Cannot connect from ${JSON.stringify(address)}: it is no IP address`;
    throw netError("ERR_INVALID_ARG_VALUE", message);
  }
}

async function open(socket: TcpSocket, plan: Plan): Promise<void> {
  const events = eventsOf(socket);
  const { connection } = events;
  const { place, timeout, signal } = plan;
  const stop = new AbortController();
  const onAbort = () => {
    // Whoever aborts knows: it is no error to crash for when nobody listens.
    events.observed = true;
    stop.abort(signal!.reason);
  };
  signal?.addEventListener("abort", onAbort);
  connection.abandon = () => stop.abort();
  const timer = sharedTimers.timeout(timeout, () => stop.abort(timedOut(place)));
  if (timeout !== Infinity) timer.start();
  try {
    connection.open(await openStream(plan, stop.signal));
  } catch (error) {
    connection.destroy(error);
  } finally {
    timer.stop();
    signal?.removeEventListener("abort", onAbort);
  }
}

function timedOut(place: Place): NetError {
  if ("path" in place) return systemError("ETIMEDOUT", { syscall: "connect", address: place.path });
  const { hostname, port } = place;
  const host = ipVersion(hostname) === 0 ? { hostname } : { address: hostname };
  return systemError("ETIMEDOUT", { syscall: "connect", ...host, port });
}

async function openStream(plan: Plan, signal: AbortSignal): Promise<ByteStream> {
  const { place, family, localAddress, attemptDelay } = plan;
  if ("path" in place) return await runtime.connectUnix(place.path, signal);
  const { hostname, port } = place;
  const request = { ...plan.settings, port, localAddress, attemptDelay };
  const version = ipVersion(hostname);
  if (version !== 0 || !runtime.mayResolve(hostname, port)) {
    if (version !== 0 && family !== undefined && version !== family) {
      throw systemError("EAFNOSUPPORT", { syscall: "connect", address: hostname, port });
    }
    return await runtime.connectTcp({ ...request, host: hostname, signal });
  }
  const addresses = await untilAborted(runtime.lookup(hostname, family ?? 0), signal);
  try {
    return await race<ResolvedAddress, ByteStream>(interleave(addresses), {
      attempt: ({ address }, signal) => runtime.connectTcp({ ...request, host: address, signal }),
      discard: (stream) => stream.close(),
      delay: attemptDelay,
      signal,
    });
  } catch (error) {
    throw error instanceof RaceFailure ? allFailed(hostname, port, error) : error;
  }
}

/** One error for the failures of all addresses; the first address says why. */
function allFailed(hostname: string, port: number, failure: RaceFailure): unknown {
  const errors = failure.errors.filter((error) => error instanceof NetError);
  const first = errors[0];
  if (first === undefined) {
    return failure.errors[0] ?? systemError("ENOTFOUND", { syscall: "getaddrinfo", hostname });
  }
  const each = errors.map((error) => `${error.code} at ${error.address}`).join(", ");
  const { syscall, errno, address } = first;
  return new (first.constructor as typeof NetError)(
    first.code,
    `Cannot connect to ${formatHostPort(hostname, port)}: ${each}`,
    { syscall, errno, address, port, hostname, errors, cause: first },
  );
}
