/**
 * The time after our own end: reading goes on until the peer ends too, for as long as it does not
 * fall silent. Closing earlier, over unread input, would reset the connection and could cost the
 * peer our last words.
 *
 * @module
 */

import type { ReadQueue } from "./read_queue.ts";
import type { Timeout, TimerQueue } from "./timers.ts";

/** How long a connection lingers. */
export interface LingerOptions {
  /** Silence in ms after our end before the connection is given up. */
  readonly lingerTimeout: number;
  /** Whether the linger timeout also cuts off a reader who is still at work. */
  readonly lingerCutsReader: boolean;
  /** Bytes that may be dropped after our end before the connection is given up. */
  readonly lingerBytes: number;
  /** Where timeouts come from. */
  readonly timers: TimerQueue;
}

/** Watches over one connection after its end. */
export class Linger {
  readonly #options: LingerOptions;
  readonly #reads: ReadQueue<Uint8Array>;
  readonly #giveUp: () => void;
  #timeout: Timeout | null = null;
  #dropped = 0;
  #streamClosed = false;

  /** Makes it for the reads of a connection; `giveUp` is called when the time is over. */
  constructor(options: LingerOptions, reads: ReadQueue<Uint8Array>, giveUp: () => void) {
    this.#options = options;
    this.#reads = reads;
    this.#giveUp = giveUp;
  }

  /** Starts the time, or starts it anew; `streamClosed` once only the unread data is left. */
  start(streamClosed: boolean): void {
    const { lingerTimeout, timers } = this.#options;
    this.#streamClosed = streamClosed;
    if (lingerTimeout === Infinity) return;
    this.#timeout ??= timers.timeout(lingerTimeout, () => this.#expired());
    this.#timeout.start();
  }

  /** The peer is still there. */
  touch(): void {
    if (this.#timeout?.active) this.#timeout.touch();
  }

  /** Counts dropped bytes; true when there were too many. */
  dropped(count: number): boolean {
    this.#dropped += count;
    return this.#dropped > this.#options.lingerBytes;
  }

  /** It is over. */
  stop(): void {
    this.#timeout?.stop();
  }

  #expired(): void {
    const { consumer, paused, size, dropping } = this.#reads;
    const readerAtWork = consumer !== null && !dropping && !paused;
    const patient = readerAtWork && (this.#streamClosed || !this.#options.lingerCutsReader);
    // A reader who has not come yet gets the time once; then its data is dropped to learn of
    // the peer's end within a second time.
    const drain = !readerAtWork && !this.#streamClosed && size > 0;
    if (drain) this.#reads.drop();
    if (patient || drain) this.#timeout?.start();
    else this.#giveUp();
  }
}
