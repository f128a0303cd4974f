/**
 * One connection of an HTTP client: the engine on a byte stream, with the reading, writing and
 * waiting that the engine asks for. It stands on the stream itself: a socket's events and queues
 * would cost more than a small exchange.
 *
 * @module
 */

import { type NetError, netError } from "../_core/errors.ts";
import { utf8 } from "../_core/text.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";
import { WriteQueue, type WriteQueueOwner } from "../_io/write_queue.ts";
import { ClientEngine, type ClientEngineSink } from "./_engine/client_engine.ts";
import type { Fields } from "./_engine/fields.ts";
import { keepAliveHint } from "./_engine/keep_alive.ts";
import type { ResponseHead } from "./_engine/message.ts";
import * as limits from "./client_limits.ts";
import type { ClientExchange, ConnectionKeeper } from "./client_exchange.ts";
import { ContentSender } from "./client_sender.ts";
import { ClientWait, type Phase } from "./client_wait.ts";

/** See the module's text. */
export class ClientConnection implements StreamSink, WriteQueueOwner, ClientEngineSink {
  /** The engine parses in place, and copies what it keeps. */
  readonly borrows = true;
  readonly stream: ByteStream;
  /** How many exchanges it has carried. */
  exchanges = 0;
  /** Whether what had come while it idled was seen just now. */
  settled = false;
  readonly #keeper: ConnectionKeeper;
  readonly #engine: ClientEngine;
  readonly #writes: WriteQueue;
  readonly #wait: ClientWait;
  #exchange: ClientExchange | null = null;
  #sender: ContentSender | null = null;
  #onDrain: (() => void) | null = null;
  #held = false;
  /** Bytes of an unwanted response that were dropped; -1 when it is wanted. */
  #dropped = -1;
  #hint: number | null = null;
  #idleSince = 0;
  #idleUntil = 0;
  #unreffed = false;
  #peerEnded = false;
  #gone = false;

  /** Takes over an open stream. */
  constructor(keeper: ConnectionKeeper, stream: ByteStream) {
    this.#keeper = keeper;
    this.stream = stream;
    this.#engine = new ClientEngine(this, keeper.settings);
    this.#writes = new WriteQueue(this, Infinity);
    this.#writes.open();
    const { settings, timers } = keeper;
    this.#wait = new ClientWait(timers, settings.timeouts, (phase) => this.#expired(phase));
    stream.attach(this);
    stream.resume();
  }

  /** Whether nothing is at work on it. */
  get idle(): boolean {
    return this.#exchange === null && !this.#engine.busy && !this.#gone;
  }

  /**
   * For how many ms it has idled; -1 when it can take no exchange: a late timer does not keep it
   * from being too old.
   */
  get idled(): number {
    const now = this.#keeper.timers.now();
    return this.idle && now < this.#idleUntil ? now - this.#idleSince : -1;
  }

  /** How long it may idle, by our own measure and the server's; 0 for not at all. */
  get idleTime(): number {
    const { settings: { timeouts } } = this.#keeper;
    if (this.#hint === null) return timeouts.keepAlive;
    const hinted = Math.min(this.#hint - limits.KEEP_ALIVE_MARGIN, limits.KEEP_ALIVE_MOST);
    // A server that says more than we would wait is no reason to wait longer.
    return Math.max(0, Math.min(hinted, timeouts.keepAlive));
  }

  /** Carries an exchange. */
  begin(exchange: ClientExchange): void {
    if (this.#unreffed) this.#ref();
    this.#exchange = exchange;
    this.exchanges += 1;
    this.settled = false;
    this.#dropped = -1;
    this.#wait.begin();
    const { message, content } = exchange;
    exchange.carriedBy(this);
    this.#writes.hold();
    this.#engine.send(message, content === null ? null : content.data);
    this.#writes.letGo();
    this.#watch();
    if (this.#engine.sending && !this.#engine.awaitsContinue) this.#sendContent();
  }

  /** It waits for another exchange. */
  rest(): void {
    const { idleTime } = this;
    this.settled = false;
    this.#idleSince = this.#keeper.timers.now();
    this.#idleUntil = this.#idleSince + idleTime;
    this.#wait.rest(idleTime);
  }

  /** Lets the process end while it waits. */
  unref(): void {
    if (this.#unreffed || !this.idle) return;
    this.#unreffed = true;
    this.stream.unref();
  }

  /** Stops the response's content (true), or goes on (false). */
  hold(on: boolean): void {
    if (this.#gone || this.#held === on) return;
    this.#held = on;
    if (on) this.stream.pause();
    else this.stream.resume();
    this.#watch();
  }

  /** Nobody wants the rest of the response: a short one is read, a long one ends the connection. */
  abandon(): void {
    const framing = this.#engine.head?.framing;
    this.#exchange = null;
    this.#stopSender("The response is not wanted any more");
    if (this.#gone || !this.#engine.busy) return;
    const known = framing?.kind === "length" && framing.length > this.#keeper.settings.maxUnread;
    if (known || framing?.kind === "close" || this.#engine.sending) return this.close();
    this.#dropped = 0;
    this.hold(false);
  }

  /** Closes the connection; whatever is at work is the caller's to tell. */
  close(): void {
    if (this.#gone) return;
    this.#exchange = null;
    this.#leave();
    this.stream.close();
  }

  /** Closes the connection; an exchange at work fails. */
  destroy(error: unknown): void {
    if (this.#gone) return;
    const exchange = this.#exchange;
    this.close();
    exchange?.onFailure(error, false);
  }

  // --- What a sender of content asks for -------------------------------------------------------

  /** Whether more content may be written. */
  get hasRoom(): boolean {
    return this.#writes.bufferedAmount <= limits.HIGH_WATER_MARK;
  }

  /** Sends a part of the content; false when there is more than was announced. */
  sendContent(chunk: Uint8Array): boolean {
    if (this.#gone) return true;
    this.#writes.hold();
    const fits = this.#engine.sendContent(chunk);
    this.#writes.letGo();
    this.#watch();
    return fits;
  }

  /** Ends the content, with trailer fields; false when some is missing. */
  sendEnd(trailers: readonly string[]): boolean {
    this.#sender = null;
    const whole = this.#engine.sendEnd(trailers);
    this.#watch();
    return whole;
  }

  /** Calls back when there is room, or never will be. */
  whenDrained(callback: () => void): void {
    this.#onDrain = callback;
    if (this.#gone) this.#drained();
  }

  /** The content cannot be sent: the server must not take what it has for all. */
  contentFailed(error: unknown): void {
    this.#sender = null;
    this.destroy(error);
  }

  // --- What the stream tells -------------------------------------------------------------------

  onData(chunk: Uint8Array): void {
    if (this.#gone) return;
    this.#engine.receive(chunk);
    if (this.#exchange !== null || this.#dropped >= 0) this.#progress();
  }

  onEnd(): void {
    this.#peerEnded = true;
    if (!this.#gone) this.#engine.receiveEnd();
  }

  onWritten(count: number): void {
    if (this.#gone) return;
    this.#writes.written(count);
    if (this.#onDrain !== null && this.hasRoom) this.#drained();
    if (this.#engine.sending) this.#progress();
  }

  /** We never end our side alone. */
  onFinish(): void {}

  onClose(error: NetError | null): void {
    if (!this.#gone) {
      if (error === null) this.#engine.receiveEnd();
      if (!this.#gone) this.#fail(error ?? closedError());
    }
    this.#keeper.onReleased(this);
  }

  startWrite(chunk: Uint8Array): void {
    this.stream.write(chunk);
  }

  onEmpty(): void {
    if (this.#onDrain !== null) this.#drained();
  }

  onUnsendable(error: unknown): void {
    this.destroy(error);
  }

  // --- What the engine tells -------------------------------------------------------------------

  write(data: Uint8Array | string): void {
    if (!this.#gone) this.#writes.push(typeof data === "string" ? utf8(data) : data);
  }

  onInformational(head: ResponseHead): void {
    this.#exchange?.onInformational(head);
  }

  onContinue(): void {
    this.#sendContent();
  }

  onResponse(head: ResponseHead): void {
    this.#hint = keepAliveHint(head.fields);
    this.#exchange?.onResponse(head);
  }

  onContent(chunk: Uint8Array): void {
    if (this.#exchange !== null) return this.#exchange.onContent(chunk);
    this.#dropped += chunk.length;
    if (this.#dropped > this.#keeper.settings.maxUnread) this.close();
  }

  onResponseEnd(trailers: Fields | null): void {
    const exchange = this.#exchange;
    if (this.#cutShort) return this.onFailure(truncatedError());
    this.#exchange = null;
    exchange?.onResponseEnd(trailers);
  }

  onFree(): void {
    this.#dropped = -1;
    if (this.#held) this.hold(false);
    if (!this.#gone) this.#keeper.onFree(this);
  }

  onFailure(error: NetError): void {
    this.#fail(error);
    this.stream.close();
  }

  onSwitch(head: ResponseHead, early: Uint8Array): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.stream.pause();
    this.#leave();
    this.#keeper.onReleased(this);
    if (exchange === null) return this.stream.close();
    exchange.onSwitch(head, early, this.stream);
  }

  onOver(): void {
    this.close();
  }

  // ---------------------------------------------------------------------------------------------

  /** A response that ends with its connection may have been cut off, by TLS's own account. */
  get #cutShort(): boolean {
    const { closedCleanly } = this.stream as { closedCleanly?: boolean };
    return closedCleanly === false && this.#peerEnded &&
      this.#engine.head?.framing.kind === "close";
  }

  #ref(): void {
    this.#unreffed = false;
    this.stream.ref();
  }

  #sendContent(): void {
    const { content } = this.#exchange ?? {};
    if (!content) return;
    this.#sender = new ContentSender(content, this);
    this.#sender.run();
  }

  #stopSender(why: unknown): void {
    const sender = this.#sender;
    this.#sender = null;
    sender?.stop(why);
  }

  #drained(): void {
    const callback = this.#onDrain!;
    this.#onDrain = null;
    callback();
  }

  /** Something moved: the clock starts anew, or for the next thing to wait for. */
  #progress(): void {
    if (this.#gone) return;
    this.#wait.moved();
    this.#watch();
  }

  /** Sets the clock by what the connection waits for now. */
  #watch(): void {
    if (!this.#gone && this.#engine.busy) this.#wait.enter(this.#phaseNow());
  }

  #phaseNow(): Phase {
    const engine = this.#engine;
    if (engine.awaitsContinue && engine.head === null) return "continue";
    // A source that gives nothing is the caller's own affair.
    if (engine.sending) return this.#writes.bufferedAmount > 0 ? "sending" : "held";
    if (engine.head === null) return "head";
    if (!this.#held) return "content";
    return this.#exchange?.unread ? "unread" : "held";
  }

  #expired(phase: Phase): void {
    switch (phase) {
      case "idle":
        return this.close();
      case "continue":
        this.#engine.continueNow();
        this.#sendContent();
        return this.#watch();
      case "head":
        return this.#timeUp("ERR_HTTP_HEAD_TIMEOUT", "Cannot wait longer for a response's head");
      case "sending":
        return this.#timeUp("ERR_HTTP_BODY_TIMEOUT", "Cannot send the content: nobody takes it");
      case "content":
        return this.#timeUp("ERR_HTTP_BODY_TIMEOUT", "Cannot wait longer for a response's content");
      case "unread":
        return this.#timeUp("ERR_HTTP_BODY_TIMEOUT", "Cannot keep a response that nobody reads");
      case "held":
    }
  }

  #timeUp(code: "ERR_HTTP_HEAD_TIMEOUT" | "ERR_HTTP_BODY_TIMEOUT", message: string): void {
    const { remoteAddress } = this.stream;
    const address = remoteAddress?.address ?? remoteAddress?.path ?? undefined;
    this.destroy(netError(code, message, { address, port: remoteAddress?.port }));
  }

  #fail(error: unknown): void {
    if (this.#gone) return;
    const exchange = this.#exchange;
    const untouched = !this.#engine.answerBegan && this.exchanges > 1;
    this.#exchange = null;
    this.#leave(error);
    exchange?.onFailure(error, untouched);
  }

  #leave(error?: unknown): void {
    this.#gone = true;
    this.#wait.stop();
    const reason = error ?? closedError();
    this.#writes.fail({ error: reason });
    this.#stopSender(reason);
    if (this.#onDrain !== null) this.#drained();
    this.#keeper.onGone(this);
  }
}

function closedError(): NetError {
  return netError("ERR_SOCKET_CLOSED", "Cannot go on: the connection is closed");
}

function truncatedError(): NetError {
  return netError("ERR_TLS_TRUNCATED", "Cannot read the response: the session was cut off");
}
