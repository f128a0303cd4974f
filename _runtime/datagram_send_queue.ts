/**
 * One datagram at a time to each destination, for Deno: it resolves the address of each send by
 * itself in the background, so that of two sends at once the later may leave first. Between
 * destinations nobody can tell the order, and several at once cost half as much as one by one.
 *
 * @module
 */

import type { SendDone } from "./datagram.ts";

/** A datagram that waits for its turn. */
export interface Outgoing {
  /** The bytes. */
  readonly data: Uint8Array;
  /** Where to. */
  readonly port: number;
  /** Where to. */
  readonly address: string;
  /** Who is told. */
  readonly done: SendDone;
}

/**
 * What goes to one port, there only while something does. Destinations that share a port share a
 * lane: that costs less than to tell them apart by their addresses each time.
 */
interface Lane {
  waiting: Outgoing[];
  /** Those before it were sent: taking from the front of a long array is slow. */
  next: number;
}

/** Datagrams that were sent and are kept in front of those that wait, before they are dropped. */
const KEPT = 1024;

/** See the module's text. How much may wait is bounded by the socket above. */
export class SendQueue {
  readonly #transmit: (outgoing: Outgoing) => Promise<number>;
  readonly #explain: (error: unknown, outgoing: Outgoing) => Promise<unknown>;
  readonly #lanes = new Map<number, Lane>();

  /** Makes an empty queue in front of what sends one datagram, and what makes our error of its. */
  constructor(
    transmit: (outgoing: Outgoing) => Promise<number>,
    explain: (error: unknown, outgoing: Outgoing) => Promise<unknown>,
  ) {
    this.#transmit = transmit;
    this.#explain = explain;
  }

  /** Sends after all that was given before for the same destination. */
  push(outgoing: Outgoing): void {
    const { port } = outgoing;
    const lane = this.#lanes.get(port);
    if (lane !== undefined) return void lane.waiting.push(outgoing);
    const opened: Lane = { waiting: [], next: 0 };
    this.#lanes.set(port, opened);
    this.#send(outgoing, opened);
  }

  #send(outgoing: Outgoing, lane: Lane): void {
    // No async function and no further promise: these few lines run for each datagram.
    this.#transmit(outgoing).then((sent) => {
      this.#sendNext(outgoing.port, lane);
      outgoing.done(null, sent);
    }, async (error) => {
      const explained = await this.#explain(error, outgoing);
      this.#sendNext(outgoing.port, lane);
      outgoing.done(explained, 0);
    });
  }

  #sendNext(port: number, lane: Lane): void {
    const next = lane.waiting[lane.next++];
    if (next === undefined) return void this.#lanes.delete(port);
    if (lane.next === KEPT) {
      lane.waiting = lane.waiting.slice(KEPT);
      lane.next = 0;
    }
    this.#send(next, lane);
  }
}
