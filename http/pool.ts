/**
 * The connections of a client to one place: which are free, who waits for one, when to open another.
 * A free connection goes to who waited longest; without anybody waiting the one used last is used
 * next, so that those nobody needs grow old and close.
 *
 * @module
 */

import { netError } from "../_core/errors.ts";
import { Fifo } from "../_core/fifo.ts";
import type { ByteStream } from "../_io/stream.ts";
import type { Timeout, TimerQueue } from "../_io/timers.ts";
import { ClientConnection } from "./client_connection.ts";
import type { ClientExchange, ConnectionKeeper } from "./client_exchange.ts";
import { LOOK_AGAIN } from "./client_limits.ts";
import type { ClientSettings } from "./client_options.ts";

/** Opens a stream to the pool's place. */
export type Dial = (signal: AbortSignal) => Promise<ByteStream>;

/** A request that wants a connection. */
export interface PoolRequest extends ClientExchange {
  /** Whether it takes no connection that was used before. */
  readonly needsFresh: boolean;
  /** Whether sending it twice could do harm: it takes no connection that may be ended already. */
  readonly careful: boolean;
  /** Whether it still waits; the pool drops those that do not. */
  waiting: boolean;
  /** Since when it waits, in ms of the clock. */
  queuedAt: number;
}

/** What the pools of one client share. */
export interface PoolGroup {
  readonly settings: ClientSettings;
  readonly timers: TimerQueue;
  /** Requests that wait, of all pools. */
  queued: number;
  /** Of these, those for whom no connection is being opened. */
  readonly inLine: number;
  /** Whether another connection may be opened; else the pool is called when one may be. */
  mayOpen(pool: Pool): boolean;
  /** Whether another pool has waited longer for a place than a request of this one. */
  otherWaitsLonger(pool: Pool, since: number): boolean;
  /** A connection is being opened. */
  opened(): void;
  /** A place is free again. */
  released(pool: Pool): void;
  /** A connection waits for work. */
  rested(connection: ClientConnection): void;
  /** A connection exists, until it is forgotten. */
  remember(connection: ClientConnection): void;
  /** Its descriptor is released. */
  forget(connection: ClientConnection): void;
}

/** See the module's text. */
export class Pool implements ConnectionKeeper {
  readonly settings: ClientSettings;
  readonly timers: TimerQueue;
  readonly key: string;
  readonly #group: PoolGroup;
  readonly #dial: Dial;
  readonly #idle: ClientConnection[] = [];
  readonly #waiting = new Fifo<PoolRequest>();
  #waitingCount = 0;
  #open = 0;
  readonly #dials = new Set<AbortController>();
  /** Connections that are looked at once more before a careful request takes them. */
  readonly #settling = new Set<ClientConnection>();
  #timer: Timeout | null = null;
  #closing = false;

  /** Makes an empty pool. */
  constructor(key: string, group: PoolGroup, dial: Dial) {
    this.key = key;
    this.#group = group;
    this.#dial = dial;
    this.settings = group.settings;
    this.timers = group.timers;
  }

  /** Connections that are open. */
  get size(): number {
    return this.#open;
  }

  /** Connections that wait for work. */
  get idle(): number {
    return this.#idle.length;
  }

  /** Connections that are being opened. */
  get connecting(): number {
    return this.#dials.size;
  }

  /** Requests that stand in line: no connection is being opened for them. */
  get inLine(): number {
    return Math.max(0, this.#waitingCount - this.#dials.size - this.#settling.size);
  }

  /** Whether there is nothing in it. */
  get empty(): boolean {
    return this.#open === 0 && this.#dials.size === 0 && this.#waitingCount === 0;
  }

  /** Since when its first request waits; Infinity when none does. */
  get waitingSince(): number {
    return this.#first()?.queuedAt ?? Infinity;
  }

  /** Gives a request the next connection. */
  request(request: PoolRequest): void {
    if (!request.needsFresh) {
      for (let next = this.#idle.pop(); next !== undefined; next = this.#idle.pop()) {
        const { idled } = next;
        if (idled === -1) next.close();
        else if (!request.careful && idled < LOOK_AGAIN) return next.begin(request);
        else {
          this.#settle(next);
          break;
        }
      }
    }
    this.#queue(request);
  }

  /** A request does not wait any more. */
  drop(request: PoolRequest): void {
    if (!request.waiting) return;
    request.waiting = false;
    this.#count(-1);
    if (this.#waitingCount === 0) this.#timer?.stop();
    // What is being opened for nobody is given up.
    if (this.#dials.size > this.#waitingCount) [...this.#dials].at(-1)?.abort();
  }

  /** Closes the connection that has idled longest; false when there is none. */
  evict(): boolean {
    const oldest = this.#idle[0];
    oldest?.close();
    return oldest !== undefined;
  }

  /** Opens connections for those who wait, as far as that is allowed. */
  pump(): void {
    while (this.#dials.size + this.#settling.size < this.#waitingCount) {
      if (this.#open + this.#dials.size >= this.settings.maxSockets) {
        // Who waits although there are idle ones has to have a fresh one.
        if (this.#first()?.needsFresh && this.evict()) continue;
        return;
      }
      if (!this.#group.mayOpen(this)) return;
      this.#openOne();
    }
  }

  /** Takes nothing more, and closes what is idle. */
  close(): void {
    this.#closing = true;
    while (this.evict());
    if (this.#waitingCount === 0) { for (const dial of this.#dials) dial.abort(); }
  }

  /** Gives everything up that waits. */
  destroy(error: unknown): void {
    this.#closing = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      next.onFailure(error, false);
    }
    for (const dial of this.#dials) dial.abort();
    while (this.evict());
    for (const connection of this.#settling) connection.close();
  }

  // --- What the connections tell ---------------------------------------------------------------

  onFree(connection: ClientConnection): void {
    const first = this.#first();
    if (!this.settings.keepAlive || connection.idleTime <= 0) return connection.close();
    if (first !== undefined) {
      if (first.needsFresh || this.#group.otherWaitsLonger(this, first.queuedAt)) {
        return connection.close();
      }
      if (first.careful && !connection.settled) return this.#settle(connection);
      return connection.begin(this.#next()!);
    }
    if (this.#closing || this.#group.otherWaitsLonger(this, Infinity)) return connection.close();
    connection.rest();
    this.#idle.push(connection);
    this.#group.rested(connection);
  }

  onGone(connection: ClientConnection): void {
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#settling.delete(connection);
    this.#open -= 1;
    this.pump();
    this.#group.released(this);
  }

  onReleased(connection: ClientConnection): void {
    this.#group.forget(connection);
  }

  // ---------------------------------------------------------------------------------------------

  #queue(request: PoolRequest): void {
    const { maxQueued, timeouts } = this.settings;
    if (this.#group.queued >= maxQueued && this.#group.inLine >= maxQueued && !this.#hasRoom) {
      const message = `Cannot wait for a connection: ${maxQueued} requests do so already`;
      return request.onFailure(netError("ERR_HTTP_QUEUE_FULL", message), false);
    }
    request.waiting = true;
    request.queuedAt = this.timers.now();
    if (request.needsFresh) this.#waiting.unshift(request);
    else this.#waiting.push(request);
    this.#count(1);
    this.#timer ??= this.timers.timeout(timeouts.queue, () => this.#expired());
    if (!this.#timer.active) this.#timer.startWith(timeouts.queue);
    this.pump();
  }

  /** Whether one more that waits gets a connection of its own, without standing in line. */
  get #hasRoom(): boolean {
    if (this.#dials.size + this.#settling.size > this.#waitingCount) return true;
    if (this.#open + this.#dials.size >= this.settings.maxSockets) return false;
    return this.#group.mayOpen(this);
  }

  #count(change: 1 | -1): void {
    this.#waitingCount += change;
    this.#group.queued += change;
  }

  /** The one who waits longest, left where it is. */
  #first(): PoolRequest | undefined {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (next.waiting) return next;
      this.#waiting.shift();
    }
    return undefined;
  }

  #next(): PoolRequest | undefined {
    const next = this.#first();
    if (next === undefined) return undefined;
    this.#waiting.shift();
    next.waiting = false;
    this.#count(-1);
    if (this.#waitingCount === 0) this.#timer?.stop();
    return next;
  }

  #expired(): void {
    const { queue } = this.settings.timeouts;
    const now = this.timers.now();
    for (let first = this.#first(); first !== undefined; first = this.#first()) {
      const left = first.queuedAt + queue - now;
      if (left > 0) return this.#timer!.startWith(left);
      const message = `Cannot wait longer than ${queue} ms for a connection`;
      this.#next()!.onFailure(netError("ERR_HTTP_QUEUE_TIMEOUT", message), false);
    }
    // What was being opened for them is of no use.
    for (const dial of this.#dials) dial.abort();
  }

  /** The peer's end, or what else has come and was not asked for, is seen within two turns. */
  #settle(connection: ClientConnection): void {
    connection.rest();
    this.#settling.add(connection);
    this.timers.defer(() =>
      this.timers.defer(() => {
        if (!this.#settling.delete(connection)) return;
        connection.settled = true;
        this.onFree(connection);
      })
    );
  }

  #openOne(): void {
    const dial = new AbortController();
    this.#dials.add(dial);
    this.#group.opened();
    this.#dial(dial.signal).then(
      (stream) => this.#connected(dial, stream),
      (error) => this.#failed(dial, error),
    );
  }

  #connected(dial: AbortController, stream: ByteStream): void {
    this.#dials.delete(dial);
    this.#open += 1;
    const connection = new ClientConnection(this, stream);
    this.#group.remember(connection);
    const next = this.#next();
    if (next !== undefined) return connection.begin(next);
    if (this.#closing || !this.settings.keepAlive) return connection.close();
    connection.rest();
    this.#idle.push(connection);
    this.#group.rested(connection);
  }

  #failed(dial: AbortController, error: unknown): void {
    this.#dials.delete(dial);
    if (!dial.signal.aborted) this.#next()?.onFailure(error, false);
    this.pump();
    this.#group.released(this);
  }
}
