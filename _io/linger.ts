/**
 * The time after our own end: reading goes on until the peer ends too, for as long as it does not
 * fall silent. Closing earlier, over unread input, would reset the connection and could cost the
 * peer our last words.
 *
 * @module
 */

import { lingeredError } from "./failure.ts";
import type { ReadQueue } from "./read_queue.ts";
import type { Timeout, TimerQueue } from "./timers.ts";

/** How long a connection lingers. */
export interface LingerOptions {
  /** Silence in ms after our end before the connection is given up. */
  readonly lingerTimeout: number;
  /** Time in ms without progress in which our last bytes wait to go out, before it is given up. */
  readonly stallTimeout: number;
  /** Bytes that may be dropped after our end before the connection is given up. */
  readonly lingerBytes: number;
  /** Where timeouts come from. */
  readonly timers: TimerQueue;
}

/** Who is told when the time is over. */
export interface LingerOwner {
  /** Whether a reader who is at work is cut off too. */
  cutsReader(): boolean;
  /** The peer neither sends nor ends, or nobody came for what is left; nobody reads any more. */
  onSilence(): void;
  /** The peer takes no more of what was written before our end. */
  onStall(): void;
}

/** Watches over one connection after its end. */
export class Linger {
  readonly #options: LingerOptions;
  readonly #reads: ReadQueue<Uint8Array>;
  readonly #owner: LingerOwner;
  #sending: Timeout | null = null;
  #timeout: Timeout | null = null;
  #dropped = 0;
  #streamClosed = false;

  /** Makes it for a connection with these reads. */
  constructor(options: LingerOptions, reads: ReadQueue<Uint8Array>, owner: LingerOwner) {
    this.#options = options;
    this.#reads = reads;
    this.#owner = owner;
  }

  /** Our end waits for bytes to go out before it. */
  startSending(): void {
    const { stallTimeout, timers } = this.#options;
    if (stallTimeout === Infinity) return;
    this.#sending = timers.timeout(stallTimeout, () => this.#owner.onStall());
    this.#sending.start();
  }

  /** Some of them went. */
  sent(): void {
    if (this.#sending?.active) this.#sending.touch();
  }

  /** Starts the time, or starts it anew; `streamClosed` once only the unread data is left. */
  start(streamClosed: boolean): void {
    const { lingerTimeout, timers } = this.#options;
    this.#streamClosed = streamClosed;
    this.#sending?.stop();
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
    this.#sending?.stop();
  }

  #expired(): void {
    const { consumer, paused, size, dropping } = this.#reads;
    const readerAtWork = consumer !== null && !dropping && !paused;
    const patient = readerAtWork && (this.#streamClosed || !this.#owner.cutsReader());
    // A reader who has not come yet gets the time once; then its data is dropped to learn of
    // the peer's end within a second time.
    const drain = !readerAtWork && !this.#streamClosed && size > 0;
    if (drain) this.#reads.drop();
    if (patient || drain) {
      this.#timeout?.start();
      return;
    }
    this.#reads.drop();
    if (!this.#streamClosed) this.#reads.abortPending(lingeredError());
    this.#owner.onSilence();
  }
}
