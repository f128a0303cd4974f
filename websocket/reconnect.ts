/** A client that connects anew when its connection is lost. @module */

import { checkSignal } from "../_core/abort.ts";
import { checkNumber } from "../_core/check_number.ts";
import { Deferred } from "../_core/deferred.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import { connect, type WebSocketConnectOptions } from "./connect.ts";
import type { WebSocketConnection } from "./connection.ts";
import * as limits from "./limits.ts";

/** How to connect anew. */
export interface ReconnectOptions extends WebSocketConnectOptions {
  /** The first wait in ms; each failure doubles it. Default 500. */
  minDelay?: number;
  /** The longest wait in ms. Default 30,000. */
  maxDelay?: number;
  /** Failures in a row after which the last is thrown. Default no limit. */
  maxAttempts?: number;
}

/** What tests bring of their own. */
export interface ReconnectParts {
  /** Begins to connect. */
  connect(): WebSocketConnection;
  /** Calls back after so many ms; gives the way to stop it. */
  wait(ms: number, callback: () => void): () => void;
  /** A number from 0 up to 1. */
  random(): number;
}

/**
 * Gives an open connection, and another one each time the last is lost: after a wait that doubles
 * with each failure and of which chance takes up to a half, so that the clients of a server that
 * comes back do not come back all at once. A connection that opened begins the count anew.
 *
 * The next connection is waited for until the last has closed. Leaving the loop closes the last;
 * so does `signal`, which throws its reason.
 *
 * @example
 * ```ts
 * import { reconnect, serve } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * let visits = 0;
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (connection) => {
 *   connection.send(`Visit ${++visits}`);
 *   connection.close(1012, "Restarting");
 * });
 * const { port } = await server.opened;
 *
 * const messages: unknown[] = [];
 * for await (const connection of reconnect(`ws://127.0.0.1:${port}/`, { minDelay: 10 })) {
 *   for await (const message of connection) messages.push(message);
 *   if (messages.length === 2) break;
 * }
 * assertEquals(messages, ["Visit 1", "Visit 2"]);
 * ```
 */
export function reconnect(
  url: string | URL,
  options: ReconnectOptions = {},
): AsyncGenerator<WebSocketConnection, never, void> {
  return reconnecting({
    connect: () => connect(url, options),
    wait(ms, callback) {
      const timer = sharedTimers.timeout(ms, callback);
      timer.start();
      return () => timer.stop();
    },
    random: Math.random,
  }, options);
}

/** As `reconnect()`, with parts of a test's own. */
export async function* reconnecting(
  parts: ReconnectParts,
  options: ReconnectOptions,
): AsyncGenerator<WebSocketConnection, never, void> {
  const signal = checkSignal(options.signal);
  const least = checkNumber("minDelay", options.minDelay, limits.RECONNECT_MIN_DELAY);
  const most = checkNumber("maxDelay", options.maxDelay, limits.RECONNECT_MAX_DELAY);
  const attempts = checkNumber("maxAttempts", options.maxAttempts, Infinity, [1, Infinity]);
  for (let failures = 0;;) {
    signal?.throwIfAborted();
    const connection = parts.connect();
    const failure = await openedOrFailure(connection);
    if (failure === null) {
      failures = 0;
      yield* handOut(connection, signal);
    } else {
      failures += 1;
      signal?.throwIfAborted();
      if (failures >= attempts) throw failure.error;
    }
    const delay = Math.min(most, least * 2 ** Math.max(0, failures - 1));
    await pause(parts, delay * (1 - parts.random() / 2), signal);
  }
}

async function openedOrFailure(connection: WebSocketConnection) {
  try {
    await connection.opened;
    return null;
  } catch (error) {
    return { error };
  }
}

/** Gives the connection, and waits until it has closed before it goes on. */
async function* handOut(
  connection: WebSocketConnection,
  signal: AbortSignal | undefined,
): AsyncGenerator<WebSocketConnection, void, void> {
  const onAbort = () => connection.terminate();
  signal?.addEventListener("abort", onAbort);
  let left = true;
  try {
    yield connection;
    left = false;
    await connection.closed.catch(() => {});
  } finally {
    signal?.removeEventListener("abort", onAbort);
    if (left) await connection.close().catch(() => {});
  }
}

async function pause(
  parts: ReconnectParts,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const over = new Deferred<void>();
  const stop = parts.wait(ms, () => over.resolve());
  const onAbort = () => over.reject(signal!.reason);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  try {
    await over.promise;
  } finally {
    stop();
    signal?.removeEventListener("abort", onAbort);
  }
}
