/**
 * Finding out that a peer is gone although TCP does not say so: after a silence we ask by a ping,
 * and whoever shows no sign of life after that is given up.
 *
 * @module
 */

import type { Timeout, TimeoutOwner, TimerQueue } from "../_io/timers.ts";

/** What goes out to a peer. */
export interface Outgoing {
  /** Bytes that the system took. */
  readonly bytesWritten: number;
  /** Bytes that wait for that. */
  readonly bufferedAmount: number;
}

/** Who wants to know. */
export interface HeartbeatOwner {
  /** Whether the peer can be heard: nobody is silent whom we do not listen to. */
  readonly listens: boolean;
  /** The peer is silent: ask. */
  onSilence(): void;
  /** The peer did not answer. */
  onLost(): void;
}

/** When to ask, in ms; all connections of a server share it. */
export interface HeartbeatSettings {
  /** Where timeouts come from. */
  readonly timers: TimerQueue;
  /** Silence before a ping; Infinity for no heartbeat. */
  readonly heartbeatInterval: number;
  /** Time for the answer. */
  readonly heartbeatTimeout: number;
}

/** Watches over one connection. */
export class Heartbeat implements TimeoutOwner {
  readonly #owner: HeartbeatOwner;
  readonly #settings: HeartbeatSettings;
  /** Runs until it is stopped. */
  #timer: Timeout | null = null;
  #asked = false;
  #outgoing: Outgoing | null = null;
  /** What the system had taken, when more waited than it would take; Infinity when nothing did. */
  #taken = Infinity;

  /** Makes one that does not run. */
  constructor(owner: HeartbeatOwner, settings: HeartbeatSettings) {
    this.#owner = owner;
    this.#settings = settings;
  }

  /** Starts, if there is to be a heartbeat. */
  start(outgoing: Outgoing): void {
    this.#outgoing = outgoing;
    const { timers, heartbeatInterval } = this.#settings;
    if (heartbeatInterval === Infinity) return;
    this.#timer = timers.timeout(heartbeatInterval, this);
    this.#timer.start();
  }

  /** The peer has shown a sign of life. */
  heard(): void {
    const timer = this.#timer;
    if (timer === null) return;
    if (!this.#asked) return timer.touch();
    this.#asked = false;
    timer.startWith(this.#settings.heartbeatInterval);
  }

  /** It is over. */
  stop(): void {
    this.#timer?.stop();
    this.#timer = null;
  }

  onExpired(timer: Timeout): void {
    if (!this.#owner.listens) return timer.start();
    const { timers, heartbeatTimeout } = this.#settings;
    if (!this.#asked) {
      this.#asked = true;
      this.noteTaken();
      timer.startWith(heartbeatTimeout);
      return this.#owner.onSilence();
    }
    // When the process was busy, this timer may come before an answer that has long been here.
    timers.defer(() => timers.defer(() => this.#decide()));
  }

  #decide(): void {
    if (this.#timer === null || !this.#asked) return;
    // The ping itself may wait behind what a slow peer has not taken yet.
    if (!this.#owner.listens || this.noteTaken()) return this.#timer.start();
    this.#owner.onLost();
  }

  /**
   * For the times that are built on this: notes how much has gone out. True when some of what waited
   * at the last note has: then the peer has taken bytes, since the system was full.
   */
  noteTaken(): boolean {
    const { bytesWritten = 0, bufferedAmount = 0 } = this.#outgoing ?? {};
    const some = bytesWritten > this.#taken;
    this.#taken = bufferedAmount > 0 ? bytesWritten : Infinity;
    return some;
  }
}
