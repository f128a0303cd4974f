/** The time that a handshake may take, and who may call it off. @module */

import type { SocketAddress } from "../_core/address.ts";
import type { Connection } from "../_io/connection.ts";
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
  handshake: (signal: AbortSignal) => Promise<SecureStream>,
): Promise<SecureStream> {
  const stop = new AbortController();
  const address = remote?.transport === "tcp" ? remote.address : remote?.path ?? undefined;
  const attempt = { syscall: "handshake", address, port: remote?.port };
  const timer = sharedTimers.timeout(
    timeout,
    () => stop.abort(tlsError("ERR_TLS_HANDSHAKE_TIMEOUT", attempt)),
  );
  if (timeout !== Infinity) timer.start();
  const onAbort = () => stop.abort(signal!.reason);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  connection.abandon = () => stop.abort();
  try {
    return await handshake(stop.signal);
  } finally {
    timer.stop();
    signal?.removeEventListener("abort", onAbort);
  }
}
