/**
 * One datagram at a time, for Deno: it resolves the address of each send by itself in the
 * background, so that of two sends at once the later may leave first.
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

/** See the module's text. How much may wait is bounded by the socket above. */
export class SendQueue {
  readonly #transmit: (outgoing: Outgoing) => Promise<number>;
  #waiting: Outgoing[] = [];
  #running = false;

  /** Makes an empty queue in front of what sends one datagram. */
  constructor(transmit: (outgoing: Outgoing) => Promise<number>) {
    this.#transmit = transmit;
  }

  /** Sends after all that was given before. */
  push(outgoing: Outgoing): void {
    this.#waiting.push(outgoing);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      // A whole batch, since taking from the front of a long array is slow.
      const batch = this.#waiting;
      this.#waiting = [];
      for (const outgoing of batch) await this.#sendOne(outgoing);
    }
    this.#running = false;
  }

  async #sendOne(outgoing: Outgoing): Promise<void> {
    let sent: number;
    try {
      sent = await this.#transmit(outgoing);
    } catch (error) {
      return outgoing.done(error, 0);
    }
    outgoing.done(null, sent);
  }
}
