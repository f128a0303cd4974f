/**
 * A byte stream as a Duplex of node, for `node:tls` to stand on: streams of Deno's that were read from
 * before or are no socket of TCP, sessions within sessions, and where the end of the connection below
 * has to be told from the end of the session, which Node shows as the same `end`.
 *
 * @module
 */

import { Duplex } from "node:stream";
import { setImmediate } from "node:timers";
import { concat } from "../_core/bytes.ts";
import type { NetError } from "../_core/errors.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";
import type { Timeout } from "../_io/timers.ts";
import { sharedTimers } from "./clock.ts";
import { endsWithAlert, RecordWatch } from "./node_tls_records.ts";

type Done = (error?: Error | null) => void;

/** Bytes that may wait between the stream and TLS. */
const HIGH_WATER_MARK = 64 * 1024;

/** Time in ms for the last message to leave: the engine destroys the connection right after it. */
const LAST_WORDS = 1000;

const NOTHING = new Uint8Array(0);

/** For whoever still waits to write; one for all, because to make an error takes long. */
const GONE = new Error("The connection is gone");

/** See the module's text. */
export class StreamDuplex extends Duplex implements StreamSink {
  readonly borrows = false;
  /** What the stream failed with. */
  failure: NetError | null = null;
  readonly #stream: ByteStream;
  #rest: Uint8Array | null = null;
  #done: Done | null = null;
  #finished: Done | null = null;
  #ended = false;
  #gone = false;
  #leaving = false;
  #parting = false;
  #urgent = false;
  /** What is to be done when nothing is left to write. */
  #onIdle: (() => void)[] = [];
  #flowing = true;
  #wanted = false;
  readonly #records = new RecordWatch();
  /** Bytes that TLS was given, and how many up to the end of the last that may be an alert. */
  #pushed = 0;
  #alertEnds = 0;
  /** Closes the stream when the alert has gone out. */
  #farewell: Timeout | null = null;

  /** Takes a stream over, which has not read but for the bytes given. */
  constructor(stream: ByteStream, early: Uint8Array) {
    super({ highWaterMark: HIGH_WATER_MARK, allowHalfOpen: false });
    this.#stream = stream;
    stream.attach(this);
    if (early.length > 0) this.#give(early);
  }

  /**
   * Deno's engine destroys the connection when a handshake fails, and writes its alert after that:
   * the turn is waited for. Likewise when both sides of a session have ended, where the closing
   * message may still be waiting. It is half-open once the handshake is done.
   */
  override destroy(error?: Error): this {
    if (this.#gone || this.#urgent || this.#leaving) return super.destroy(error);
    if (this.allowHalfOpen) return this.#part(error);
    this.#leaving = true;
    setImmediate(() => super.destroy(error));
    return this;
  }

  #part(error: Error | undefined): this {
    if (this.#parting) return this;
    this.#parting = true;
    this.#farewell = sharedTimers.timeout(LAST_WORDS, () => this.hurry());
    this.#farewell.start();
    this.whenIdle(() => super.destroy(error));
    return this;
  }

  /** From now on nothing is waited for when it is destroyed. */
  hurry(): void {
    this.#urgent = true;
    if (this.#parting) super.destroy();
  }

  /** Acts once nothing is left to write, and a turn has brought nothing new. */
  whenIdle(act: () => void): void {
    if (this.#gone || this.destroyed) return act();
    this.#onIdle.push(act);
    if (this.#done === null) this.#checkIdle();
  }

  #checkIdle(): void {
    setImmediate(() => {
      if (this.#gone || this.destroyed || this.writableLength === 0) this.#becomeIdle();
    });
  }

  #becomeIdle(): void {
    const actions = this.#onIdle;
    this.#onIdle = [];
    for (const act of actions) act();
  }

  override _read(): void {
    this.#wanted = true;
    if (this.#flowing && !this.#gone) this.#stream.resume();
  }

  /** Stops the stream, or lets it come as TLS wants it. */
  flow(on: boolean): void {
    this.#flowing = on;
    if (this.#gone) return;
    if (!on) this.#stream.pause();
    else if (this.#wanted) this.#stream.resume();
  }

  /** Deno's engine goes on with a handshake that it has put off only when it gets something. */
  wake(): void {
    if (!this.destroyed && !this.readableEnded) this.emit("data", NOTHING);
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#done = done;
    this.#send(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }

  override _writev(items: { chunk: Uint8Array }[], done: Done): void {
    this.#done = done;
    this.#send(concat(items.map(({ chunk }) => chunk)));
  }

  override _final(done: Done): void {
    if (this.#gone) return done();
    this.#finished = done;
    this.#stream.end();
  }

  override _destroy(error: Error | null, done: Done): void {
    // Half-open it is once the handshake is done; before that, what is at work may be an alert.
    const alert = this.#rest !== null && !this.allowHalfOpen;
    if (!this.#gone && !alert) this.#stream.close();
    if (alert) this.#awaitAlert();
    else this.#settle(error ?? GONE);
    if (!alert) this.#farewell?.stop();
    done(error);
    this.#becomeIdle();
  }

  /** Breaks the connection off. */
  reset(): void {
    this.#urgent = true;
    if (!this.#gone) this.#stream.reset();
    super.destroy();
  }

  onData(chunk: Uint8Array): void {
    if (this.destroyed || this.#give(chunk)) return;
    this.#wanted = false;
    this.#stream.pause();
  }

  /** Passes bytes on to TLS, what may be an alert by itself; false when enough wait there. */
  #give(chunk: Uint8Array): boolean {
    const begin = this.#records.feed(chunk);
    const mayBeAlert = this.#records.endsWithAlert;
    if (mayBeAlert && begin > 0) {
      this.#pushCounted(chunk.subarray(0, begin));
      chunk = chunk.subarray(begin);
    }
    if (mayBeAlert) this.#alertEnds = this.#pushed + chunk.length;
    return this.#pushCounted(chunk);
  }

  #pushCounted(chunk: Uint8Array): boolean {
    this.#pushed += chunk.length;
    return this.push(chunk);
  }

  /**
   * Gives what tells whether the last that TLS took is an alert which brought no data: the closing
   * message, since any other fails the session. `received` counts the session's data.
   */
  watchClosing(received: () => number): () => boolean {
    let taken = this.#pushed - this.readableLength;
    let before = 0;
    let closing = false;
    this.prependListener("data", () => before = received());
    this.on("data", (chunk: Uint8Array) => {
      taken += chunk.length;
      closing = taken === this.#alertEnds && received() === before;
    });
    return () => closing;
  }

  onEnd(): void {
    this.#pushEnd();
  }

  onWritten(count: number): void {
    const rest = this.#rest;
    if (rest === null) return;
    if (count < rest.length) return this.#pass(rest.subarray(count));
    if (this.#farewell !== null && this.destroyed) this.#stream.close();
    this.#rest = null;
    const done = this.#done;
    this.#done = null;
    done?.();
    if (this.#onIdle.length > 0) this.#checkIdle();
  }

  onFinish(): void {
    const done = this.#finished;
    this.#finished = null;
    done?.();
  }

  onClose(error: NetError | null): void {
    this.#gone = true;
    this.#farewell?.stop();
    this.failure = error;
    // What came before the failure is read first: the end below brings the failure with it.
    if (!this.destroyed) this.#pushEnd();
    this.#settle(error ?? GONE);
    this.#becomeIdle();
  }

  #awaitAlert(): void {
    this.#farewell = sharedTimers.timeout(LAST_WORDS, () => this.#stream.close());
    this.#farewell.start();
  }

  #send(bytes: Uint8Array): void {
    // A peer that was refused must not get the end of the handshake instead of an alert.
    if (this.#leaving && !endsWithAlert(bytes)) return this.#settle(null);
    this.#pass(bytes);
  }

  #pass(bytes: Uint8Array): void {
    if (this.#gone) return this.#settle(this.failure);
    this.#rest = bytes;
    this.#stream.write(bytes);
  }

  #pushEnd(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.push(null);
  }

  /** Whoever waits for a write or the end learns that it will not come. */
  #settle(error: Error | null): void {
    const done = this.#done ?? this.#finished;
    this.#done = null;
    this.#finished = null;
    this.#rest = null;
    done?.(error);
  }
}
