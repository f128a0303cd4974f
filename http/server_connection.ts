/**
 * One client of an HTTP server: the engine on a byte stream, with the reading, writing and waiting
 * that the engine asks for. It stands on the stream itself: a socket's events and queues would cost
 * more than a small request.
 *
 * @module
 */

import { type NetError, netError } from "../_core/errors.ts";
import type { Occupant, ServerPlaces } from "../_io/socket_parts.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";
import type { Successor } from "../_io/take_over.ts";
import type { Timeout } from "../_io/timers.ts";
import type { WriteQueueOwner } from "../_io/write_queue.ts";
import type { Fields } from "./_engine/fields.ts";
import type { RequestHead } from "./_engine/message.ts";
import { ServerEngine } from "./_engine/server_engine.ts";
import type { ServerEngineSink } from "./_engine/server_parts.ts";
import { bodyTimedOut, headTimedOut, responseStalled } from "./_engine/violations.ts";
import { Exchange, type ExchangeHost } from "./exchange.ts";
import { MessageQueue } from "./message_queue.ts";
import type { ServerContext } from "./server_context.ts";

/** What the connection waits for, and for how long at most. */
type Phase = "head" | "content" | "work" | "idle" | "sending" | "linger";

/** See the module's text. */
export class ServerConnection
  implements StreamSink, WriteQueueOwner, ServerEngineSink, ExchangeHost, Occupant {
  /** The engine parses in place, and copies what it keeps. */
  readonly borrows = true;
  readonly context: ServerContext;
  readonly stream: ByteStream;
  readonly engine: ServerEngine;
  readonly places: ServerPlaces;
  readonly #writes: MessageQueue;
  readonly #timer: Timeout;
  #phase: Phase = "head";
  #exchange: Exchange | null = null;
  /** Whether writes are kept back to leave together, and whether until the end of this turn. */
  #joining = false;
  #joiningTurn = false;
  /** Who does not want to be given more for now. */
  #heldByEngine = false;
  #heldByContent = false;
  #onDrain: (() => void) | null = null;
  /** Whether the engine has said all, whether our end was asked for, and whether it is out. */
  #over = false;
  #ending = false;
  #ended = false;
  #peerEnded = false;
  /** Bytes that came behind the end. */
  #dropped = 0;
  /** Whether a whole timeout has gone by in which the client took nothing. */
  #stalled = false;
  /** Who gets the connection once the response has gone out. */
  #switch: Successor | null = null;
  /** Whether the stream is closed, or somebody else's. */
  #closed = false;
  readonly #turnOver = (): void => {
    this.#joiningTurn = false;
    if (!this.#closed) this.#letGo();
  };

  /** Takes over a client's stream. */
  constructor(context: ServerContext, stream: ByteStream, places: ServerPlaces) {
    this.context = context;
    this.stream = stream;
    this.places = places;
    this.engine = new ServerEngine(this, context.settings);
    this.#writes = new MessageQueue(this);
    this.#timer = context.timers.timeout(context.settings.timeouts.head, () => this.#expired());
    this.#timer.startWith(context.settings.timeouts.head);
    stream.attach(this);
    stream.resume();
  }

  /** Bytes that wait to go out. */
  get bufferedAmount(): number {
    return this.#writes.waiting;
  }

  destroy(error?: NetError): void {
    this.#closeStream(error ?? closedError("Cannot go on: the server was closed"));
  }

  shutdown(): void {
    if (this.#switch === null) this.engine.shutdown();
  }

  // --- What the stream tells -------------------------------------------------------------------

  onData(chunk: Uint8Array): void {
    if (this.#closed) return;
    if (this.#over) return this.#drop(chunk.length);
    this.#joining = true;
    this.engine.receive(chunk);
    if (!this.#joiningTurn) this.#letGo();
    this.#settle();
  }

  onEnd(): void {
    this.#peerEnded = true;
    if (this.#closed) return;
    if (this.#ended) return this.#closeStream();
    if (!this.context.settings.allowHalfOpen && this.engine.busy) {
      return this.destroy(netError("ECONNRESET", "The client has ended the connection"));
    }
    this.engine.receiveEnd();
    this.#exchange?.peerEnded();
    this.#settle();
  }

  onWritten(count: number): void {
    if (this.#closed) return;
    this.#stalled = false;
    this.#writes.written(count);
    if (this.#onDrain !== null && this.hasRoom) this.#drained();
  }

  onFinish(): void {
    this.#ended = true;
    if (this.#closed) return;
    if (this.#peerEnded) return this.#closeStream();
    this.#enter("linger", this.context.settings.timeouts.linger);
  }

  onClose(error: NetError | null): void {
    this.#close(error ?? netError("ECONNRESET", "The client has closed the connection"));
  }

  startWrite(chunk: Uint8Array): void {
    this.stream.write(chunk);
  }

  onEmpty(): void {
    if (this.#onDrain !== null) this.#drained();
    if (this.#over) this.#end();
    else if (this.#switch !== null) this.#switchOver(this.#switch);
  }

  startText(text: string): boolean {
    this.stream.writeText?.(text);
    return this.stream.writeText !== undefined;
  }

  onUnsendable(error: unknown): void {
    this.destroy(error as NetError);
  }

  // --- What the engine tells -------------------------------------------------------------------

  onRequest(head: RequestHead): void {
    try {
      this.#exchange = new Exchange(this, head);
    } catch (error) {
      // A request that is valid here may still be none to the platform.
      this.context.report(error);
      return this.engine.refuse(400);
    }
    this.#exchange.run();
  }

  onContent(chunk: Uint8Array): void {
    this.#exchange?.receive(chunk);
  }

  onRequestEnd(trailers: Fields | null): void {
    this.#exchange?.receiveEnd(trailers);
    if (this.#switch !== null) this.#prepareSwitch(this.#switch);
  }

  onViolation(error: NetError, answers: boolean): void {
    const exchange = this.#exchange;
    if (answers) this.#exchange = null;
    exchange?.violated(error, answers);
    this.context.onClientError(error, this);
    // Behind 101 nothing can tell of it, and there is no other protocol to go on with.
    if (this.#switch !== null && !answers) this.destroy(error);
  }

  onIdle(): void {
    this.#exchange = null;
    if (this.#heldByContent) this.holdContent(false);
    // Who takes no answers is not answered more.
    if (!this.hasRoom) this.#onDrain = () => this.engine.goOn();
  }

  onHold(on: boolean): void {
    this.#heldByEngine = on;
    this.#updateReading();
  }

  write(data: Uint8Array | string, ascii: boolean = false, more: boolean = false): void {
    if (this.#closed) return;
    this.#writes.add(data, ascii);
    if (!more) this.#mayLetGo();
  }

  writeFramed(before: string, data: Uint8Array, after: string): void {
    if (this.#closed) return;
    this.#writes.addFramed(before, data, after);
    this.#mayLetGo();
  }

  onOver(): void {
    this.#over = true;
    this.#exchange = null;
    this.#heldByContent = this.#heldByEngine = false;
    this.#updateReading();
    if (!this.#joining) this.#letGo();
    if (this.bufferedAmount === 0) this.#end();
    else this.#enter("sending", this.context.settings.timeouts.response);
  }

  // --- What an exchange asks for ---------------------------------------------------------------

  /** Whether more of a response may be written. */
  get hasRoom(): boolean {
    return this.bufferedAmount <= this.context.settings.highWaterMark;
  }

  joinTurn(): void {
    if (this.#joiningTurn || this.#closed) return;
    this.#joining = this.#joiningTurn = true;
    this.context.timers.defer(this.#turnOver);
  }

  whenDrained(callback: () => void): void {
    this.#onDrain = callback;
    this.#letGo();
    this.#settle();
  }

  flushed(): Promise<void> {
    this.#letGo();
    return this.#writes.flush();
  }

  holdContent(on: boolean): void {
    this.#heldByContent = on;
    this.#updateReading();
    this.#settle();
  }

  responded(): void {
    if (this.#heldByContent) this.holdContent(false);
    this.#settle();
  }

  cut(error: unknown, hard: boolean): void {
    if (this.#closed) return;
    this.#letGo();
    // What was sent so far shall arrive, but not look complete.
    this.#close(error as NetError);
    if (hard) this.stream.reset();
    else this.stream.close();
  }

  switchTo(successor: Successor): void {
    this.#switch = successor;
    if (!this.engine.inContent) this.#prepareSwitch(successor);
  }

  #prepareSwitch(successor: Successor): void {
    this.#timer.stop();
    // A read that is pending would keep its buffer for as long as the next protocol is silent.
    this.stream.pause();
    this.#letGo();
    // What came behind the request in the same chunk has not been read yet.
    if (this.bufferedAmount === 0) queueMicrotask(() => this.#switchOver(successor));
  }

  /** The request is complete, and what was written has gone out. */
  #switchOver(successor: Successor): void {
    if (this.#closed || this.engine.inContent || this.bufferedAmount > 0) return;
    if (successor.destroyed) return this.destroy();
    const { stream, places } = this;
    const early = this.engine.handOver();
    this.#closed = true;
    places.passOn(this, successor.occupant);
    successor.take({ stream, early, ended: this.#peerEnded }, places);
  }

  #mayLetGo(): void {
    if (!this.#joining || this.bufferedAmount > this.context.settings.highWaterMark) this.#letGo();
  }

  #letGo(): void {
    this.#joining = this.#joiningTurn;
    this.#writes.letGo();
  }

  #updateReading(): void {
    if (this.#closed) return;
    if (this.#heldByEngine || this.#heldByContent) this.stream.pause();
    else this.stream.resume();
  }

  #drained(): void {
    const callback = this.#onDrain!;
    this.#onDrain = null;
    callback();
    this.#settle();
  }

  /** Sets the clock by what the connection waits for now. */
  #settle(): void {
    if (this.#over || this.#closed) return;
    // What comes behind the content is another protocol's affair.
    if (this.#switch !== null && !this.engine.inContent) return;
    const { timeouts } = this.context.settings;
    if (this.engine.busy) {
      if (this.#onDrain !== null) this.#enter("sending", timeouts.response);
      else if (this.engine.inContent && !this.#heldByContent) {
        this.#enter("content", timeouts.body);
      } else if (this.#phase !== "work") {
        this.#phase = "work";
        this.#timer.suspend();
      }
    } else if (!this.engine.inHead) this.#enter("idle", timeouts.keepAlive);
    // The time for a head runs from its first byte, however many come after it.
    else if (this.#phase !== "head") this.#enter("head", timeouts.head);
  }

  #enter(phase: Phase, timeout: number): void {
    this.#phase = phase;
    this.#timer.startWith(timeout);
  }

  #expired(): void {
    switch (this.#phase) {
      case "head":
        if (!this.engine.inHead) return this.engine.shutdown();
        return this.engine.onViolation(headTimedOut());
      case "content":
        return this.engine.onViolation(bodyTimedOut());
      case "idle":
        // The last response may still be on its way to a client that reads slowly.
        if (this.bufferedAmount === 0) return this.engine.shutdown();
        return this.#enter("sending", this.context.settings.timeouts.response);
      case "sending":
        return this.#sendingExpired();
      case "linger":
        return this.#closeStream();
    }
  }

  /** Nothing moved for a whole timeout, or it began to move only lately. */
  #sendingExpired(): void {
    if (this.bufferedAmount === 0) return this.#settle();
    if (!this.#stalled) {
      this.#stalled = true;
      return this.#timer.startWith(this.context.settings.timeouts.response);
    }
    const error = responseStalled();
    this.context.onClientError(error, this);
    this.destroy(error);
  }

  #drop(count: number): void {
    this.#dropped += count;
    if (this.#dropped > this.context.settings.lingerBytes) return this.#closeStream();
    if (this.#phase === "linger") this.#timer.touch();
  }

  #end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    this.stream.end();
  }

  #closeStream(error: NetError | null = null): void {
    if (this.#closed) return;
    this.#close(error);
    this.stream.close();
  }

  #close(error: NetError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.engine.connectionLost();
    this.#timer.stop();
    const reason = error ?? closedError("Cannot go on: the connection is closed");
    this.#writes.fail({ error: reason });
    this.#onDrain = null;
    this.#exchange?.gone(reason);
    this.#exchange = null;
    this.#switch?.destroy(reason);
    this.places.leave(this);
  }
}

function closedError(message: string): NetError {
  return netError("ERR_SOCKET_CLOSED", message);
}
