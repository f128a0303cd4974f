/**
 * Finding out that a peer is gone although TCP does not say so: after a silence we ask by a ping,
 * and whoever shows no sign of life after that is given up.
 *
 * @module
 */

import type { Timeout, TimerQueue } from "../_io/timers.ts";

/** Who wants to know. */
export interface HeartbeatOwner {
  /** Whether the peer can be heard: nobody is silent whom we do not listen to. */
  readonly listens: boolean;
  /** The peer is silent: ask. */
  onSilence(): void;
  /** The peer did not answer. */
  onLost(): void;
}

/** Watches over one connection. */
export class Heartbeat {
  readonly #owner: HeartbeatOwner;
  readonly #timers: TimerQueue;
  readonly #interval: number;
  readonly #timeout: number;
  readonly #timer: Timeout;
  #asked = false;
  #stopped = false;

  /** Makes one that does not run. */
  constructor(owner: HeartbeatOwner, timers: TimerQueue, interval: number, timeout: number) {
    this.#owner = owner;
    this.#timers = timers;
    this.#interval = interval;
    this.#timeout = timeout;
    this.#timer = timers.timeout(interval, () => this.#expired());
  }

  /** Starts, if there is to be a heartbeat. */
  start(): void {
    if (this.#interval !== Infinity) this.#timer.start();
  }

  /** The peer has shown a sign of life. */
  heard(): void {
    if (this.#asked) {
      this.#asked = false;
      this.#timer.startWith(this.#interval);
    } else if (this.#timer.active) {
      this.#timer.touch();
    }
  }

  /** It is over. */
  stop(): void {
    this.#stopped = true;
    this.#timer.stop();
  }

  #expired(): void {
    if (!this.#owner.listens) return this.#timer.start();
    if (!this.#asked) {
      this.#asked = true;
      this.#timer.startWith(this.#timeout);
      return this.#owner.onSilence();
    }
    // When the process was busy, this timer may come before an answer that has long been here.
    this.#timers.defer(() => this.#timers.defer(() => this.#decide()));
  }

  #decide(): void {
    if (this.#stopped || !this.#asked) return;
    if (!this.#owner.listens) return this.#timer.start();
    this.#owner.onLost();
  }
}
