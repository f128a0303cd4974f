/** The times of one connection: its heartbeat, its idle time, and the time to close. @module */

import type { Timeout } from "../_io/timers.ts";
import { Heartbeat, type HeartbeatOwner, type Outgoing } from "./heartbeat.ts";
import type { Settings } from "./options.ts";

/** Who is told what time it is. */
export interface LinkTimesOwner extends HeartbeatOwner {
  /** No message went either way for too long. */
  onIdle(): void;
  /** The peer took too long to close. */
  onCloseTimeout(): void;
}

/** See the module's text. */
export class LinkTimes extends Heartbeat {
  readonly #owner: LinkTimesOwner;
  readonly #settings: Settings;
  #idle: Timeout | null = null;
  #closing: Timeout | null = null;
  #ended = false;

  /** Makes them for a connection; nothing runs yet. */
  constructor(owner: LinkTimesOwner, settings: Settings) {
    super(owner, settings);
    this.#owner = owner;
    this.#settings = settings;
  }

  /** The connection is open. */
  override start(outgoing: Outgoing): void {
    super.start(outgoing);
    const { timers, idleTimeout } = this.#settings;
    if (idleTimeout === Infinity) return;
    this.#idle = timers.timeout(idleTimeout, this);
    this.#idle.start();
  }

  /** A message went one way or the other. */
  moved(): void {
    this.#idle?.touch();
  }

  /** From here on the peer has to hurry, and need not be asked. */
  close(): void {
    this.stop();
    if (this.#closing === null) this.noteTaken();
    const { closeTimeout, timers } = this.#settings;
    if (closeTimeout === Infinity || this.#ended) return;
    this.#closing ??= timers.timeout(closeTimeout, this);
    this.#closing.start();
  }

  /** The connection is no more. */
  end(): void {
    this.stop();
    this.#closing?.stop();
    this.#ended = true;
  }

  /** Nobody asks any more whether the peer is there. */
  override stop(): void {
    super.stop();
    this.#idle?.stop();
    this.#idle = null;
  }

  override onExpired(timeout: Timeout): void {
    if (timeout === this.#idle) this.#owner.onIdle();
    else if (timeout !== this.#closing) super.onExpired(timeout);
    // Our close frame may wait behind what a slow peer has not taken yet.
    else if (this.noteTaken()) timeout.start();
    else this.#owner.onCloseTimeout();
  }
}
