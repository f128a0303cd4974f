/** The times of one connection: its heartbeat, its idle time, and the time to close. @module */

import type { Timeout } from "../_io/timers.ts";
import { Heartbeat, type HeartbeatOwner } from "./heartbeat.ts";
import type { Settings } from "./options.ts";

/** Who is told what time it is. */
export interface LinkTimesOwner extends HeartbeatOwner {
  /** No message went either way for too long. */
  onIdle(): void;
  /** The peer took too long to close. */
  onCloseTimeout(): void;
}

/** See the module's text. */
export class LinkTimes {
  readonly #owner: LinkTimesOwner;
  readonly #settings: Settings;
  #heartbeat: Heartbeat | null = null;
  #idle: Timeout | null = null;
  #closing: Timeout | null = null;
  #stopped = false;

  /** Makes them for a connection; nothing runs yet. */
  constructor(owner: LinkTimesOwner, settings: Settings) {
    this.#owner = owner;
    this.#settings = settings;
  }

  /** The connection is open. */
  start(): void {
    const { timers, heartbeatInterval, heartbeatTimeout, idleTimeout } = this.#settings;
    if (heartbeatInterval !== Infinity) {
      this.#heartbeat = new Heartbeat(this.#owner, timers, heartbeatInterval, heartbeatTimeout);
      this.#heartbeat.start();
    }
    if (idleTimeout !== Infinity) {
      this.#idle = timers.timeout(idleTimeout, () => this.#owner.onIdle());
      this.#idle.start();
    }
  }

  /** Something of the peer has come. */
  heard(): void {
    this.#heartbeat?.heard();
  }

  /** A message went one way or the other. */
  moved(): void {
    this.#idle?.touch();
  }

  /** From here on the peer has to hurry, and need not be asked. */
  close(): void {
    this.stop();
    const { closeTimeout, timers } = this.#settings;
    if (closeTimeout === Infinity || this.#stopped) return;
    this.#closing ??= timers.timeout(closeTimeout, () => this.#owner.onCloseTimeout());
    this.#closing.start();
  }

  /** The connection is no more. */
  end(): void {
    this.stop();
    this.#closing?.stop();
    this.#stopped = true;
  }

  /** Nobody asks any more whether the peer is there. */
  stop(): void {
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    this.#idle?.stop();
    this.#idle = null;
  }
}
