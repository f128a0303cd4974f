/**
 * The reading side of every long-lived object: what was pushed waits here for its one consumer,
 * be it a listener, `read()`, iteration or a web stream. Items come out in the order they went
 * in, and the end or the failure of the source comes out after the last of them.
 *
 * @module
 */

import { checkSignal } from "../_core/abort.ts";
import { netError } from "../_core/errors.ts";
import { Fifo } from "../_core/fifo.ts";
import type { Failure } from "./failure.ts";

/** Who reads. One at a time: two would tear the data apart. */
export type Consumer = "a listener" | "resume()" | "read()" | "iteration" | "readable";

/** What the queue asks of the object that it serves. */
export interface ReadQueueOwner<T> {
  /** Hands an item to the listeners; false when there were none, and the item is kept. */
  deliver(item: T): boolean;
  /** Whether there are listeners at the moment. */
  listening(): boolean;
  /** The end has been reached: every item before it was taken, or there were none. */
  deliverEnd(): void;
  /** The failure has been reached, likewise. */
  deliverFailure(failure: Failure): void;
  /** Lets the source push, or stops it. Only called on a change. */
  setReading(on: boolean): void;
  /** How much of the limit an item uses. */
  sizeOf(item: T): number;
}

interface PendingRead<T> {
  resolve(item: T | null): void;
  reject(error: unknown): void;
}

/** A bounded queue between a source that pushes and a consumer that is pushed to or pulls. */
export class ReadQueue<T> {
  readonly #owner: ReadQueueOwner<T>;
  readonly #limit: number;
  /** Made with the first item that has to wait. */
  #items: Fifo<T> | null = null;
  #size = 0;
  #consumer: Consumer | null = null;
  #paused = false;
  #dropping = false;
  #started = false;
  #reading = false;
  #scheduled = false;
  #pending: PendingRead<T> | null = null;
  /** What stands at the end of the queue, once the source is through. */
  #terminal: Failure | "end" | null = null;
  #terminalDelivered: Failure | "end" | null = null;
  /** Whether somebody pulls who has not been told of the end; and what waits for that. */
  #owesEnd = false;
  #onEndTaken: (() => void) | null = null;

  /** Makes an empty queue that stops its source at `limit` waiting. */
  constructor(owner: ReadQueueOwner<T>, limit: number) {
    this.#owner = owner;
    this.#limit = limit;
  }

  /** How much waits. */
  get size(): number {
    return this.#size;
  }

  /** Whether the next item would go to the listeners at once. */
  get direct(): boolean {
    return this.#flowing && this.#count === 0;
  }

  /** Who reads at the moment. */
  get consumer(): Consumer | null {
    return this.#consumer;
  }

  /** How many items wait. */
  get #count(): number {
    return this.#items === null ? 0 : this.#items.length;
  }

  /** Whether items go to listeners as they come. */
  get #flowing(): boolean {
    return this.#consumer === "a listener" && !this.#paused && !this.finished;
  }

  /** The source pushes an item. */
  push(item: T): void {
    if (this.dropping) return;
    if (this.#count === 0) {
      if (this.#flowing) {
        if (this.#owner.deliver(item)) return;
        this.#consumer = null;
      } else if (this.#pending !== null) {
        return this.#answer(item);
      }
    }
    (this.#items ??= new Fifo()).push(item);
    this.#size += this.#owner.sizeOf(item);
    this.#update();
  }

  /** Puts an item back in front of everything that waits; after the end, for who pulls only. */
  unshift(item: T): void {
    if (this.dropping) return;
    if (this.#pending !== null) return this.#answer(item);
    (this.#items ??= new Fifo()).unshift(item);
    this.#size += this.#owner.sizeOf(item);
    if (this.#flowing) this.#schedule();
  }

  /** The source has come to its end. */
  end(): void {
    this.#terminal ??= "end";
    this.#settle();
  }

  /** The source has failed; what waits is still delivered, then every read rejects with this. */
  fail(failure: Failure): void {
    if (this.#terminal === null || this.#terminal === "end") this.#terminal = failure;
    this.#settle();
  }

  /** Whether everything that comes in is dropped. */
  get dropping(): boolean {
    return this.#dropping || this.#consumer === "resume()";
  }

  /** Whether the end or the failure has been delivered. */
  get finished(): boolean {
    return this.#terminalDelivered !== null;
  }

  /** Drops what waits and what is to come; only the end or the failure is still delivered. */
  drop(): void {
    this.#clear();
    this.#dropping = true;
    this.#paused = false;
    this.#started = true;
    this.#settle();
  }

  /** Lets the source push up to the limit although nobody reads yet, to learn of its end. */
  readAhead(): void {
    this.#started = true;
    this.#update();
  }

  /** A listener has come: items flow from the next turn on. */
  listen(): void {
    if (this.#consumer === "a listener") return;
    if (this.#consumer === "resume()") this.#consumer = null;
    this.claim("a listener");
    if (this.#owesEnd) this.#endTaken();
    this.#start();
  }

  /** Lets items flow; without a listener they are dropped. */
  resume(listening: boolean): void {
    this.#paused = false;
    if (this.#consumer === null) this.claim(listening ? "a listener" : "resume()");
    if (this.dropping) this.#clear();
    // Who pulled before does so no more, and is owed nothing.
    if (this.#owesEnd && this.#pending === null) this.#endTaken();
    this.#start();
  }

  /** Holds items back from the listeners; ends the dropping that `resume()` began. */
  pause(): void {
    this.#paused = true;
    if (this.#consumer === "resume()") this.#consumer = null;
  }

  /** Whether items are held back. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Takes the queue for one consumer; throws a UsageError (`ERR_INVALID_STATE`) if it is taken. */
  claim(consumer: Consumer): void {
    if (this.#consumer === "a listener" && !this.#owner.listening()) this.#consumer = null;
    if (this.#consumer !== null && !this.#isOver) {
      throw netError(
        "ERR_INVALID_STATE",
        `Cannot read by ${consumer} while ${this.#consumer} reads`,
      );
    }
    this.#consumer = consumer;
  }

  /** Whether the end or the failure was told: then nobody is at work, and anybody may ask again. */
  get #isOver(): boolean {
    return this.#count === 0 && this.#terminal !== null &&
      this.#terminalDelivered === this.#terminal;
  }

  /** Gives the queue free for another consumer. */
  release(): void {
    this.#consumer = null;
  }

  /**
   * The next item; null at the end; rejects with what the source failed with, or with the reason of
   * the signal, which takes nothing out.
   */
  async read(signal?: AbortSignal): Promise<T | null> {
    checkSignal(signal)?.throwIfAborted();
    this.claim("read()");
    const onAbort = () => this.abortPending(signal!.reason);
    signal?.addEventListener("abort", onAbort);
    try {
      return await this.pull();
    } finally {
      signal?.removeEventListener("abort", onAbort);
      if (this.#consumer === "read()") this.release();
    }
  }

  /** As `read()`, for a consumer that holds the claim. */
  pull(): Promise<T | null> {
    const item = this.#items?.shift();
    this.#owesEnd = true;
    if (item !== undefined) {
      this.#size -= this.#owner.sizeOf(item);
      if (this.#count === 0 && this.#terminal !== null) this.#schedule();
      this.#update();
      return Promise.resolve(item);
    }
    if (this.#terminal === "end") {
      this.#start();
      this.#endTaken();
      return Promise.resolve(null);
    }
    if (this.#terminal !== null) return Promise.reject(this.#terminal.error);
    if (this.#pending !== null) {
      const message = "Cannot read by iteration while its last read is pending";
      return Promise.reject(netError("ERR_INVALID_STATE", message));
    }
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#started = true;
      this.#update();
    });
  }

  /** Calls back once, when whoever pulls has been told of the end; at once if nobody pulls. */
  whenEndTaken(callback: () => void): void {
    if (this.#owesEnd) this.#onEndTaken = callback;
    else callback();
  }

  #endTaken(): void {
    this.#owesEnd = false;
    const callback = this.#onEndTaken;
    this.#onEndTaken = null;
    callback?.();
  }

  /** Rejects the read that waits, if any. */
  abortPending(error: unknown): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.reject(error);
  }

  #answer(item: T | null): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.resolve(item);
  }

  #clear(): void {
    this.#items?.clear();
    this.#size = 0;
  }

  #start(): void {
    this.#started = true;
    this.#update();
    // Listeners that are added in the same turn shall not miss anything.
    if (this.#count > 0 || this.#terminal !== null) this.#schedule();
  }

  #update(): void {
    const wanted = this.#started && this.#terminal === null && this.#size < this.#limit;
    if (wanted === this.#reading) return;
    this.#reading = wanted;
    this.#owner.setReading(wanted);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#drain();
      this.#settle();
      this.#update();
    });
  }

  #drain(): void {
    while (this.#count > 0 && this.#flowing) {
      const item = this.#items!.shift()!;
      this.#size -= this.#owner.sizeOf(item);
      if (this.#owner.deliver(item)) continue;
      this.#consumer = null;
      this.#items!.unshift(item);
      this.#size += this.#owner.sizeOf(item);
    }
  }

  /** Delivers the end or the failure when nothing waits before it. */
  #settle(): void {
    this.#update();
    if (this.#terminal === null || this.#count > 0) return;
    if (this.#terminalDelivered === this.#terminal) return;
    if (this.#terminal !== "end") {
      this.#terminalDelivered = this.#terminal;
      if (this.#pending !== null) this.abortPending(this.#terminal.error);
      this.#owner.deliverFailure(this.#terminal);
    } else if (this.#started && !(this.#paused && this.#consumer === "a listener")) {
      this.#terminalDelivered = this.#terminal;
      if (this.#pending !== null) this.#endTaken();
      this.#answer(null);
      this.#owner.deliverEnd();
    }
  }
}
