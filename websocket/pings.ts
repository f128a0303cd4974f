/** The pings of ours that wait for their pongs (RFC 6455, section 5.5.3). @module */

import { Deferred } from "../_core/deferred.ts";
import { type NetError, netError } from "../_core/errors.ts";
import { Fifo } from "../_core/fifo.ts";

interface Pending {
  readonly payload: Uint8Array;
  readonly sentAt: number;
  readonly answered: Deferred<number>;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The error of a ping that would be one too many. */
export function tooManyPings(waiting: number): NetError {
  return netError("ERR_BUFFER_FULL", `Cannot ping: ${waiting} pings wait for their answer`);
}

/** The error of a connection whose peer did not answer. */
export function unansweredPing(timeout: number): NetError {
  const message = `Cannot wait longer for the answer to a ping: ${timeout} ms are over`;
  return netError("ERR_WS_PING_TIMEOUT", message);
}

/** What a ping of ours carries when nobody said: its number. */
export function pingPayload(number: number): Uint8Array {
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
}

/** Those who wait, in the order of their pings. */
export class PendingPings {
  readonly #pending = new Fifo<Pending>();

  /** How many wait. */
  get size(): number {
    return this.#pending.length;
  }

  /** A ping goes out; gives the time in ms until it is answered. */
  add(payload: Uint8Array, now: number): Promise<number> {
    const answered = new Deferred<number>();
    this.#pending.push({ payload, sentAt: now, answered });
    return answered.promise;
  }

  /** A pong has come: it answers its ping, and the pings before that. */
  answer(payload: Uint8Array, now: number): void {
    const waiting: Pending[] = [];
    let found = false;
    while (!found && this.#pending.length > 0) {
      const pending = this.#pending.shift()!;
      waiting.push(pending);
      found = equal(pending.payload, payload);
    }
    if (found) { for (const { answered, sentAt } of waiting) answered.resolve(now - sentAt); }
    // A pong that nobody asked for answers nothing.
    else for (const pending of waiting) this.#pending.push(pending);
  }

  /** None will be answered any more. */
  fail(error: unknown): void {
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      next.answered.reject(error);
    }
  }
}
