/** The time that a handshake may take, and who may call it off. @module */

import type { SocketAddress } from "../_core/address.ts";
import { Cancellation } from "../_core/cancellation.ts";
import type { NetError } from "../_core/errors.ts";
import type { Connection } from "../_io/connection.ts";
import { closedError } from "../_io/failure.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import type { SecureStream } from "../_runtime/tls.ts";
import { tlsError } from "../_runtime/tls_error.ts";

/** One wait for a handshake. */
export interface HandshakeWait {
  /** The connection that waits; destroying it calls the handshake off. */
  readonly connection: Connection;
  /** Time in ms before `ERR_TLS_HANDSHAKE_TIMEOUT`. */
  readonly timeout: number;
  /** The peer, for the error. */
  readonly remote: SocketAddress | undefined;
  /** Calls it off, too. */
  readonly signal?: AbortSignal;
}

/** Runs a handshake that a signal can call off, within its time. */
export async function withinHandshakeTime(
  { connection, timeout, remote, signal }: HandshakeWait,
  handshake: (stop: Cancellation) => Promise<SecureStream>,
): Promise<SecureStream> {
  const stop = new Cancellation();
  const timer = sharedTimers.timeout(timeout, () => stop.cancel(timeoutError(remote)));
  if (timeout !== Infinity) timer.start();
  const onAbort = signal === undefined ? undefined : () => stop.cancel(signal.reason);
  if (onAbort !== undefined) signal!.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort!();
  connection.abandon = () => stop.cancel(closedError("handshake"));
  try {
    return await handshake(stop);
  } finally {
    timer.stop();
    if (onAbort !== undefined) signal!.removeEventListener("abort", onAbort);
  }
}

function timeoutError(remote: SocketAddress | undefined): NetError {
  const address = remote?.transport === "tcp" ? remote.address : remote?.path ?? undefined;
  const attempt = { syscall: "handshake", address, port: remote?.port };
  return tlsError("ERR_TLS_HANDSHAKE_TIMEOUT", attempt);
}
