/**
 * One WebSocket connection below its public face: it joins the protocol's engine to a connection,
 * with back-pressure both ways, and keeps the times. What happens is told to an owner.
 *
 * @module
 */

import type { Data } from "../_core/bytes.ts";
import { type NetError, netError } from "../_core/errors.ts";
import { Connection } from "../_io/connection.ts";
import type { ConnectionOwner } from "../_io/connection_owner.ts";
import { bufferFullError, closedError, type Failure } from "../_io/failure.ts";
import { ReadQueue, type ReadQueueOwner } from "../_io/read_queue.ts";
import type { Occupant, ServerPlaces } from "../_io/socket_parts.ts";
import type { Taken } from "../_io/take_over.ts";
import type { Lent } from "../_io/write_queue.ts";
import { randomWord } from "../_runtime/hash.ts";
import { copyToKeep, takeToKeep } from "../_runtime/small_buffers.ts";
import { ABNORMAL, type CloseStatus } from "./_engine/close_code.ts";
import { abnormalError, type EngineSink, WebSocketEngine } from "./_engine/engine.ts";
import type { Role } from "./_engine/frame.ts";
import type { Agreed } from "./_engine/handshake.ts";
import { MessageDeflater, MessageInflater } from "./deflate.ts";
import { EarlySends } from "./early_sends.ts";
import * as limits from "./limits.ts";
import type { CloseInfo, LinkOwner, Message, Phase } from "./link_owner.ts";
import { LinkTimes, type LinkTimesOwner } from "./link_times.ts";
import type { Settings } from "./options.ts";
import { PendingPings, pingPayload, tooManyPings, unansweredPing } from "./pings.ts";

/** What engines are given: chunks are lent to them, or theirs. */
const LENT = { nextKey: randomWord, copy: copyToKeep };
const GIVEN = { nextKey: randomWord, copy: takeToKeep };

/** See the module's text. */
export class Link
  implements ConnectionOwner, EngineSink, ReadQueueOwner<Message>, LinkTimesOwner, Occupant {
  /** Chunks are used up at once, or copied. */
  readonly borrows = true;
  /** What has come in and who reads it. */
  readonly messages: ReadQueue<Message>;
  /** Which end it is. */
  readonly role: Role;
  /** How it behaves. */
  readonly settings: Settings;
  /** What the handshake agreed on; null before. */
  agreed: Agreed | null = null;
  /** What it failed with. */
  failure: Failure | null = null;
  /** How it closed; null before. */
  closeInfo: CloseInfo | null = null;
  /** The place at a server, if it has one. */
  places: ServerPlaces | null = null;
  /** Stops what makes the connection, while it is being made. */
  abandon: ((error: unknown) => void) | null = null;
  /** Deflates messages, if that was agreed on. */
  deflater: MessageDeflater | null = null;
  readonly #owner: LinkOwner;
  #phase: Phase = "connecting";
  #connection: Connection | null = null;
  #held = true;
  #engine: WebSocketEngine | null = null;
  #inflater: MessageInflater | null = null;
  #pings: PendingPings | null = null;
  readonly #times: LinkTimes;
  #early: EarlySends | null = null;
  /** What came and may not be read yet. */
  #rest: Uint8Array | null = null;
  #wantsReading = false;
  #reading = false;
  #pingsSent = 0;
  /** What the last write answered. */
  #hasRoom = true;
  #told = false;

  /** Makes one that waits for its connection. */
  constructor(owner: LinkOwner, role: Role, settings: Settings) {
    this.#owner = owner;
    this.role = role;
    this.settings = settings;
    this.messages = new ReadQueue<Message>(this, settings.highWaterMark);
    this.#times = new LinkTimes(this, settings);
  }

  /** Where it stands. */
  get phase(): Phase {
    if (this.#phase !== "open") return this.#phase;
    return this.#engine!.state === "open" && !this.#connection!.destroyed ? "open" : "closing";
  }

  /** Bytes that were sent and not yet taken by the system. */
  get bufferedAmount(): number {
    const connection = this.#connection;
    if (connection === null) return this.#early?.size ?? 0;
    return connection.bufferedAmount + this.#engine!.pending;
  }

  /** What our close frame said; null before it went out. */
  get sentClose(): CloseStatus | null {
    return this.#engine?.sent ?? null;
  }

  /** What the peer's close frame said; null before it came. */
  get receivedClose(): CloseStatus | null {
    return this.#engine?.received ?? null;
  }

  /** The connection is there, and the handshake is done. Attaches itself to the stream at once. */
  open(taken: Taken, agreed: Agreed): void {
    if (this.#phase !== "connecting") return taken.stream.close();
    const { role, settings } = this;
    this.abandon = null;
    this.agreed = agreed;
    this.#phase = "open";
    if (agreed.deflate !== null) {
      this.#inflater = new MessageInflater(agreed.deflate, role);
      this.deflater = new MessageDeflater(agreed.deflate, role, settings.effort);
    }
    const codecs = { inflater: this.#inflater, deflater: this.deflater };
    const means = taken.stream.givesChunks === true ? GIVEN : LENT;
    this.#engine = new WebSocketEngine(this, settings, codecs, role, means);
    const connection = this.#connection = new Connection(this, settings.connection);
    connection.open(taken.stream);
    if (!this.#held) this.hold(false);
    this.#times.start(connection);
    this.#owner.onOpen();
    this.#early?.sendBy(this);
    this.#early = null;
    // Pings and the peer's close are seen although nobody reads; messages wait, up to the limit.
    this.messages.readAhead();
    connection.reads.listen();
    if (taken.early.length > 0) connection.onData(taken.early);
    if (taken.ended) connection.onEnd();
  }

  /** Whether the connection holds the process; said before it is there, it counts from then on. */
  hold(on: boolean): void {
    this.#held = on;
    this.#connection?.withStream((stream) => on ? stream.ref() : stream.unref());
  }

  /** The connection cannot be made. */
  refuse(error: unknown): void {
    if (this.#phase !== "connecting") return;
    this.#phase = "closed";
    this.#fail(error);
    this.#finish();
  }

  /** Sends a message; false when too much waits or it cannot be sent. */
  send(message: Message): boolean {
    const engine = this.#engine;
    if (engine === null) return this.#keepEarly(message);
    const sent = typeof message === "string" ? engine.sendText(message) : engine.sendBytes(message);
    this.#times.moved();
    return sent && this.#roomLeft(engine);
  }

  /** Sends a frame that was made before; gives what `send()` would. */
  sendFrame(frame: Uint8Array): boolean {
    this.#times.moved();
    return this.#engine !== null && this.#engine.sendFrame(frame) && this.#hasRoom;
  }

  /** Sends a ping; gives the time in ms until its answer. */
  ping(payload: Uint8Array | undefined): Promise<number> {
    if (this.phase !== "open") {
      return Promise.reject(netError("ERR_INVALID_STATE", "Cannot ping: it is not open"));
    }
    const { timers, maxPendingPings } = this.settings;
    const pings = this.#pings ??= new PendingPings();
    if (pings.size >= maxPendingPings) return Promise.reject(tooManyPings(pings.size));
    const sent = payload ?? pingPayload(this.#pingsSent++);
    const answered = pings.add(sent, timers.now());
    this.#engine!.ping(sent);
    return answered;
  }

  /** Resolves when the system has taken all that was sent so far. */
  flush(): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure.error);
    this.#engine?.flush();
    return this.#connection?.flush() ?? Promise.reject(closedError("send"));
  }

  /** Begins to close; what still comes is dropped. */
  close(code: number, reason: string): void {
    if (this.#phase === "connecting") {
      // What a server sends before its answer has gone out comes first.
      if (this.role === "client") return this.destroy();
      return (this.#early ??= new EarlySends()).close(code, reason);
    }
    if (this.#phase === "closed" || this.#engine!.state !== "open") return;
    this.#times.close(); // before there is a close frame, which would look like what waits
    this.#engine!.close(code, reason);
    this.messages.drop();
  }

  /** Gives the connection up at once, with an error or without. */
  destroy(error?: unknown): void {
    const connecting = this.#phase === "connecting";
    if (this.#phase === "closed") return;
    if (connecting) {
      this.#phase = "closed";
      this.abandon?.(error);
    }
    if (error !== undefined) this.#fail(error);
    if (connecting) queueMicrotask(() => this.#finish());
    else this.#connection!.destroy();
  }

  /** The server closes. */
  shutdown(): void {
    this.close(1001, "");
  }

  // --- What the connection tells: see ConnectionOwner ------------------------------------------
  onData(chunk: Uint8Array): boolean {
    this.#times.heard();
    this.#rest = chunk;
    if (this.#wantsReading) this.#read();
    // The chunk was borrowed, and messages are copies: only what could not be read yet is kept.
    if (this.#rest !== null) this.#rest = this.#rest.slice();
    return true;
  }

  onEnd(): void {
    if (this.#engine!.state === "open") this.#fail(abnormalError());
    this.#engine!.receiveEnd();
  }

  onDrain(): void {
    this.#hasRoom = true;
    this.#engine!.drained();
    this.#owner.onDrain();
  }

  onError(error: unknown): void {
    // Who is told that all is over may well leave in a hurry.
    if (this.#engine!.received === null || this.#engine!.sent === null) this.#fail(error);
  }

  onClose(): void {
    this.#phase = "closed";
    this.#rest = null;
    this.#finish();
  }

  onOpen(): void {}
  onTimeout(): void {}
  onLateWrite(): void {}

  // --- What the engine tells: see EngineSink ---------------------------------------------------
  get backedUp(): boolean {
    return this.#connection!.bufferedAmount > this.settings.highWaterMark;
  }

  write(bytes: Data, lent?: Lent): void {
    this.#hasRoom = this.#connection!.write(bytes, lent);
  }

  end(): void {
    this.#connection!.close();
  }

  onPing(payload: Uint8Array): void {
    this.#owner.onPing(payload);
  }

  onPong(payload: Uint8Array): void {
    this.#pings?.answer(payload, this.settings.timers.now());
    this.#owner.onPong(payload);
  }

  onCloseFrame(): void {
    this.messages.end();
    this.#times.close();
  }

  onFailure(error: NetError): void {
    this.#fail(error);
    this.#times.close();
  }

  // --- What the queue of messages asks: see ReadQueueOwner ------------------------------
  onMessage(message: Message): void {
    this.#times.moved();
    this.messages.push(message);
  }

  deliver(message: Message): boolean {
    return this.#owner.onMessage(message);
  }

  listening(): boolean {
    return this.#owner.listening();
  }

  deliverEnd(): void {
    if (this.closeInfo !== null) this.#tellClose();
  }

  deliverFailure(): void {
    this.deliverEnd();
  }

  setReading(on: boolean): void {
    const engine = this.#engine;
    // After the last message there is still the end of the connection to be seen.
    this.#wantsReading = on || (engine !== null && !engine.reads);
    if (engine === null) return;
    if (!this.#wantsReading) {
      engine.stop();
      this.#connection!.reads.pause();
    } else if (!this.#reading) this.#read();
  }

  sizeOf(message: Message): number {
    return message.length + limits.MESSAGE_OVERHEAD;
  }

  // --- What the times tell: see LinkTimesOwner -------------------------------------------------
  get listens(): boolean {
    return this.#wantsReading;
  }

  onSilence(): void {
    // Its memory only serves to compress better.
    this.deflater?.release();
    this.#engine!.ping(pingPayload(this.#pingsSent++));
  }

  onLost(): void {
    this.destroy(unansweredPing(this.settings.heartbeatTimeout));
  }

  onIdle(): void {
    this.close(1001, "Idle");
  }

  onCloseTimeout(): void {
    this.#connection!.destroy();
  }

  /** Whether more may be sent; what the engine holds back for the moment counts as well. */
  #roomLeft({ pending }: WebSocketEngine): boolean {
    if (pending === 0 || !this.#hasRoom) return this.#hasRoom;
    return this.#connection!.bufferedAmount + pending <= this.settings.highWaterMark;
  }

  #keepEarly(message: Message): boolean {
    if (this.#phase !== "connecting") return false;
    const { highWaterMark, connection } = this.settings;
    const early = this.#early ??= new EarlySends();
    if (early.size > connection.maxBufferedAmount) this.destroy(bufferFullError(early.size));
    return early.keep(message) && early.size <= highWaterMark;
  }

  /** Reads what is at hand, as far as it may, and then lets more come. */
  #read(): void {
    const { reads } = this.#connection!;
    const chunk = this.#rest;
    this.#reading = true;
    for (let at = 0; chunk !== null && at < chunk.length && this.#wantsReading;) {
      at = this.#engine!.receive(chunk, at);
      this.#rest = at < chunk.length ? chunk.subarray(at) : null;
    }
    this.#reading = false;
    if (this.#wantsReading && reads.paused) reads.resume(true);
  }

  #fail(error: unknown): void {
    if (this.failure !== null) return;
    this.failure = { error };
    this.#times.stop();
    this.messages.fail(this.failure);
    this.#owner.onError(error);
  }

  #finish(): void {
    const { receivedClose, sentClose } = this;
    const { code, reason } = receivedClose ?? { code: ABNORMAL, reason: "" };
    this.closeInfo = { code, reason, wasClean: receivedClose !== null && sentClose !== null };
    this.#times.end();
    this.deflater?.release();
    this.#inflater?.close();
    this.#pings?.fail(this.failure?.error ?? closedError("ping"));
    this.places?.leave(this);
    this.messages.end();
    // What came before is still the reader's.
    if (this.messages.size === 0 || this.messages.consumer === null) this.#tellClose();
  }

  #tellClose(): void {
    if (this.#told) return;
    this.#told = true;
    this.#owner.onClose(this.closeInfo!);
  }
}
