/** The time that a handshake may take, and who may call it off. @module */

import type { SocketAddress } from "../_core/address.ts";
import { Cancellation } from "../_core/cancellation.ts";
import type { NetError } from "../_core/errors.ts";
import type { Connection } from "../_io/connection.ts";
import { closedError } from "../_io/failure.ts";
import type { Timeout } from "../_io/timers.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import type { HandshakeResult, SecureStream } from "../_runtime/tls.ts";
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

/** Watches over one handshake, and is told what comes of it. */
class Watch implements HandshakeResult {
  readonly stop = new Cancellation();
  readonly #result: HandshakeResult;
  readonly #timer: Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: (() => void) | undefined;

  constructor({ connection, timeout, remote, signal }: HandshakeWait, result: HandshakeResult) {
    const { stop } = this;
    this.#result = result;
    this.#timer = sharedTimers.timeout(timeout, () => stop.cancel(timeoutError(remote)));
    if (timeout !== Infinity) this.#timer.start();
    connection.abandon = () => stop.cancel(closedError("handshake"));
    this.#signal = signal;
    if (signal === undefined) return;
    this.#onAbort = () => stop.cancel(signal.reason);
    signal.addEventListener("abort", this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  opened(stream: SecureStream): void {
    this.#end();
    this.#result.opened(stream);
  }

  failed(error: unknown): void {
    this.#end();
    this.#result.failed(error);
  }

  #end(): void {
    this.#timer.stop();
    if (this.#onAbort !== undefined) this.#signal!.removeEventListener("abort", this.#onAbort);
  }
}

/**
 * Begins a handshake that can be called off, within its time. Its result is told at once, not in a
 * later microtask: what a server writes then leaves with the last messages of the handshake.
 */
export function startHandshake(
  wait: HandshakeWait,
  begin: (stop: Cancellation, result: HandshakeResult) => void,
  result: HandshakeResult,
): void {
  const watch = new Watch(wait, result);
  try {
    begin(watch.stop, watch);
  } catch (error) {
    watch.failed(error);
  }
}

/** The same for a handshake that gives a promise. */
export function withinHandshakeTime(
  wait: HandshakeWait,
  handshake: (stop: Cancellation) => Promise<SecureStream>,
): Promise<SecureStream> {
  return new Promise((opened, failed) =>
    startHandshake(wait, (stop, result) => {
      handshake(stop).then((stream) => result.opened(stream), (error) => result.failed(error));
    }, { opened, failed })
  );
}

function timeoutError(remote: SocketAddress | undefined): NetError {
  const address = remote?.transport === "tcp" ? remote.address : remote?.path ?? undefined;
  const attempt = { syscall: "handshake", address, port: remote?.port };
  return tlsError("ERR_TLS_HANDSHAKE_TIMEOUT", attempt);
}
