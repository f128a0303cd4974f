/** All pools of one client, and what they share: places, the queue's bound, the way to close. @module */

import { Deferred } from "../_core/deferred.ts";
import type { TimerQueue } from "../_io/timers.ts";
import type { ClientConnection } from "./client_connection.ts";
import type { ClientSettings } from "./client_options.ts";
import { type Dial, Pool, type PoolGroup } from "./pool.ts";

/** How many connections and waiting requests there are. */
export interface PoolCounts {
  /** Connections that are open. */
  readonly open: number;
  /** Of these, those that wait for work. */
  readonly idle: number;
  /** Connections that are being opened. */
  readonly connecting: number;
  /** Requests that wait for one. */
  readonly queued: number;
}

/** See the module's text. */
export class Pools implements PoolGroup {
  readonly settings: ClientSettings;
  readonly timers: TimerQueue;
  queued = 0;
  readonly #pools = new Map<string, Pool>();
  /** Pools that wait for a place, the first to come first. */
  readonly #starved = new Set<Pool>();
  readonly #connections = new Set<ClientConnection>();
  #places = 0;
  #rested: ClientConnection[] = [];
  #tidying = false;
  #onEmpty: Deferred<void> | null = null;

  /** Makes an empty set of pools. */
  constructor(settings: ClientSettings, timers: TimerQueue) {
    this.settings = settings;
    this.timers = timers;
  }

  /** The pool of a key, made when it is asked for first. */
  pool(key: string, dial: Dial): Pool {
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = new Pool(key, this, dial);
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** See `PoolGroup`. */
  get inLine(): number {
    let inLine = 0;
    for (const pool of this.#pools.values()) inLine += pool.inLine;
    return inLine;
  }

  /** The present numbers. */
  get counts(): PoolCounts {
    let open = 0;
    let idle = 0;
    let connecting = 0;
    for (const pool of this.#pools.values()) {
      open += pool.size;
      idle += pool.idle;
      connecting += pool.connecting;
    }
    return { open, idle, connecting, queued: this.queued };
  }

  /** Closes what is idle, takes nothing more. */
  close(): void {
    for (const pool of [...this.#pools.values()]) pool.close();
  }

  /** Gives up everything at once. */
  destroy(error: unknown): void {
    for (const pool of [...this.#pools.values()]) pool.destroy(error);
    for (const connection of [...this.#connections]) connection.destroy(error);
  }

  /** Resolves when every connection is closed and its descriptor released. */
  get emptied(): Promise<void> {
    this.#onEmpty ??= new Deferred();
    this.#settle();
    return this.#onEmpty.promise;
  }

  // --- What the pools tell ---------------------------------------------------------------------

  mayOpen(pool: Pool): boolean {
    if (this.#places < this.settings.maxTotalSockets) return true;
    this.#starved.add(pool);
    // Another's idle connection gives way; its place comes back by `released()`.
    for (const other of this.#pools.values()) {
      if (other !== pool && other.evict()) return this.#places < this.settings.maxTotalSockets;
    }
    return false;
  }

  otherWaitsLonger(pool: Pool, since: number): boolean {
    for (const other of this.#starved) {
      if (other !== pool && other.waitingSince < since) return true;
    }
    return false;
  }

  opened(): void {
    this.#places += 1;
  }

  released(pool: Pool): void {
    this.#places -= 1;
    if (pool.empty) this.#pools.delete(pool.key);
    for (const starved of this.#starved) {
      this.#starved.delete(starved);
      starved.pump();
      if (this.#places >= this.settings.maxTotalSockets) break;
    }
    this.#settle();
  }

  /** One that is still idle at the end of the turn shall not hold the process. */
  rested(connection: ClientConnection): void {
    this.#rested.push(connection);
    if (this.#tidying) return;
    this.#tidying = true;
    this.timers.defer(() => {
      this.#tidying = false;
      const rested = this.#rested.filter((one) => one.idle);
      this.#rested = [];
      if (rested.length === 0) return;
      for (const one of rested) one.unref();
    });
  }

  remember(connection: ClientConnection): void {
    this.#connections.add(connection);
  }

  forget(connection: ClientConnection): void {
    this.#connections.delete(connection);
    this.#settle();
  }

  #settle(): void {
    if (this.#places === 0 && this.#connections.size === 0) this.#onEmpty?.resolve();
  }
}
