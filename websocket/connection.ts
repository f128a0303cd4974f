/** The WebSocket connection in its two faces: events, and promises with streams. @module */

import { Deferred } from "../_core/deferred.ts";
import { beforeListener, EventEmitter, throwLater } from "../_core/emitter.ts";
import { netError } from "../_core/errors.ts";
import { utf8, utf8Length } from "../_core/text.ts";
import { closedError } from "../_io/failure.ts";
import { isSendable, MAX_REASON_BYTES } from "./_engine/close_code.ts";
import type { Role } from "./_engine/frame.ts";
import { MAX_CONTROL_PAYLOAD } from "./_engine/frame.ts";
import { Link } from "./link.ts";
import type { CloseInfo, LinkOwner, Message } from "./link_owner.ts";
import { MessageIterator, messageReadable, messageWritable } from "./message_streams.ts";
import { type Settings, settingsOf, type WebSocketOptions } from "./options.ts";

/** What the handshake agreed on. */
export interface OpenInfo {
  /** The subprotocol, or an empty text. */
  protocol: string;
  /** The extensions: `permessage-deflate`, or an empty text. */
  extensions: string;
}

/** The events of a {@linkcode WebSocketConnection}, with the arguments of their listeners. */
export interface WebSocketConnectionEvents {
  /** The handshake is done. */
  open: [];
  /**
   * A message: a string, or bytes that are the listener's to keep. The first listener starts. Small
   * messages share a buffer: to transfer one to a worker, transfer a copy (`data.slice()`).
   */
  message: [data: string | Uint8Array];
  /** The peer asked for a sign of life, and was answered. */
  ping: [data: Uint8Array];
  /** The peer gave a sign of life, asked for or not. */
  pong: [data: Uint8Array];
  /** After `send()` answered false, everything has gone out. */
  drain: [];
  /** The connection failed; `close` follows. */
  error: [error: Error];
  /** The last event, with what the peer's close frame said; 1006 if there was none. */
  close: [code: number, reason: string, wasClean: boolean];
}

/** Settings that were checked before: a server does it once for all its connections. */
export const prepared: unique symbol = Symbol("prepared");

/** For the module's other files: what is below a connection's public face. */
export let linkOf: (connection: WebSocketConnection) => Link;

/**
 * One end of a WebSocket connection (RFC 6455). `upgrade()`, `serve()` and `connect()` make it.
 *
 * Events come in this order: `open`, `message`..., `close`; an `error` is always followed by
 * `close`, and nothing comes after that. One consumer of messages at a time: a `message` listener,
 * iteration, or `readable`; a second one is a UsageError (`ERR_INVALID_STATE`). Messages that nobody
 * takes wait, and from 64 KiB of them on the peer meets back-pressure.
 *
 * An `error` that nobody listens to is thrown as uncaught at a client, unless somebody took one of
 * the promises or streams. At a server it is not: there, `close` tells.
 *
 * @example
 * ```ts
 * import { connect, serve } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (connection) => {
 *   connection.on("message", (data) => connection.send(data));
 * });
 * const { port } = await server.opened;
 *
 * const connection = connect(`ws://127.0.0.1:${port}/`);
 * connection.send("Hello");
 * for await (const message of connection) {
 *   assertEquals(message, "Hello");
 *   break; // leaving the loop closes the connection
 * }
 * assertEquals(await connection.closed, { code: 1000, reason: "", wasClean: true });
 * ```
 */
export class WebSocketConnection extends EventEmitter<WebSocketConnectionEvents>
  implements AsyncIterable<string | Uint8Array>, AsyncDisposable, Disposable {
  readonly #link: Link;
  readonly #events: ConnectionEvents;
  #readable: ReadableStream<string | Uint8Array> | null = null;
  #writable: WritableStream<string | Uint8Array> | null = null;

  static {
    linkOf = (connection) => connection.#link;
    beforeListener(this.prototype, (connection, event) => {
      if (event === "message") connection.#link.messages.listen();
    });
  }

  /** Makes a connection that waits for its handshake: `upgrade()` and `connect()` do. */
  constructor(role: "client" | "server", options: WebSocketOptions = {}) {
    super();
    const { [prepared]: settings } = options as { [prepared]?: Settings };
    this.#events = new ConnectionEvents(this, role);
    this.#link = new Link(this.#events, role, settings ?? settingsOf(options));
    this.#events.link = this.#link;
  }

  /** Resolves when the handshake is done; rejects with what prevented it. */
  get opened(): Promise<OpenInfo> {
    return this.#events.opened;
  }

  /** Resolves when the connection has closed; rejects with the error that closed it. */
  get closed(): Promise<CloseInfo> {
    return this.#events.closed;
  }

  /** `connecting`, `open`, `closing` from the first close frame or failure on, `closed`. */
  get readyState(): "connecting" | "open" | "closing" | "closed" {
    return this.#link.phase;
  }

  /** The subprotocol that was agreed on, or an empty text. */
  get protocol(): string {
    return this.#link.agreed?.protocol ?? "";
  }

  /** The extensions that were agreed on: `permessage-deflate`, or an empty text. */
  get extensions(): string {
    return (this.#link.agreed?.deflate ?? null) === null ? "" : "permessage-deflate";
  }

  /** Bytes that were sent and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.#link.bufferedAmount;
  }

  /** What our close frame said; null before it was sent. */
  get sentClose(): { readonly code: number; readonly reason: string } | null {
    return this.#link.sentClose;
  }

  /** What the peer's close frame said; null before it came. */
  get receivedClose(): { readonly code: number; readonly reason: string } | null {
    return this.#link.receivedClose;
  }

  /** The messages that come in, as a web stream; it takes the reading for good. */
  get readable(): ReadableStream<string | Uint8Array> {
    this.#events.observed = true;
    return this.#readable ??= messageReadable(this.#link, this.#events.closed);
  }

  /** The messages that go out, as a web stream: closing it closes, aborting it terminates. */
  get writable(): WritableStream<string | Uint8Array> {
    this.#events.observed = true;
    return this.#writable ??= messageWritable(this.#link, this.#events);
  }

  /** The messages until the connection closes. Leaving the loop early closes it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<string | Uint8Array> {
    this.#events.observed = true;
    return new MessageIterator(this.#link);
  }

  /**
   * Sends a message: a string as text, bytes as they are. Before the handshake is done, it waits.
   * Leave bytes alone until they have gone out: more than 64 KiB are not copied.
   *
   * Answers false when more than `highWaterMark` bytes wait: then hold back until `drain`; and when
   * it is too late to send. Throws a TypeError (`ERR_INVALID_ARG_TYPE`) for anything else.
   */
  send(data: string | Uint8Array): boolean {
    checkData("send", data);
    return this.#link.send(data);
  }

  /**
   * Asks the peer for a sign of life, with up to 125 bytes of our own. Gives the time in ms until
   * the answer; rejects with `ERR_INVALID_STATE` when it is not open, `ERR_BUFFER_FULL` when too
   * many wait, or with what the connection fails with. A rejection nobody looks at is not reported.
   *
   * Throws a TypeError (`ERR_INVALID_ARG_TYPE`) for what is neither, a RangeError
   * (`ERR_OUT_OF_RANGE`) for too many bytes.
   */
  ping(data?: string | Uint8Array): Promise<number> {
    if (data !== undefined) checkData("ping with", data);
    // Its answer is known by these bytes, which are the caller's to change.
    const payload = typeof data === "string" ? utf8(data) : data?.slice();
    if (payload !== undefined && payload.length > MAX_CONTROL_PAYLOAD) {
      const message = `Cannot ping with ${payload.length} bytes: a ping carries at most 125`;
      throw netError("ERR_OUT_OF_RANGE", message);
    }
    const answered = this.#link.ping(payload);
    answered.catch(() => {});
    return answered;
  }

  /**
   * Closes: all that was sent goes out, then the code (1000, or another that may be sent, as from
   * 3000 to 4999) and the reason, of up to 123 bytes. What still comes in is dropped. Gives
   * `closed`. A peer that does not answer within `closeTimeout` is left.
   *
   * Throws a RangeError (`ERR_WS_INVALID_CLOSE_CODE`) for a code or reason that cannot be sent, a
   * TypeError (`ERR_INVALID_ARG_TYPE`) for a reason that is no string.
   */
  close(code: number = 1000, reason: string = ""): Promise<CloseInfo> {
    if (!Number.isInteger(code) || !isSendable(code)) {
      throw netError("ERR_WS_INVALID_CLOSE_CODE", `Cannot close with the code ${String(code)}`);
    }
    if (typeof reason !== "string") {
      throw netError("ERR_INVALID_ARG_TYPE", `Cannot close with a reason that is ${kind(reason)}`);
    }
    if (utf8Length(reason) > MAX_REASON_BYTES) {
      const message = `Cannot close with a reason of more than ${MAX_REASON_BYTES} bytes`;
      throw netError("ERR_WS_INVALID_CLOSE_CODE", message);
    }
    this.#link.close(code, reason);
    return this.closed;
  }

  /** Ends the connection at once, without a close frame. With an error, `error` comes first. */
  terminate(error?: Error): void {
    this.#link.destroy(error);
  }

  /** Holds messages back until `resume()`. Some are read ahead, then the peer has to wait. */
  pause(): this {
    this.#link.messages.pause();
    return this;
  }

  /** Lets messages come again. Without a `message` listener, they are dropped. */
  resume(): this {
    this.#link.messages.resume(this.listenerCount("message") > 0);
    return this;
  }

  /** Lets the connection hold the process, the default. */
  ref(): this {
    this.#link.hold(true);
    return this;
  }

  /** Lets the process end although the connection is open. */
  unref(): this {
    this.#link.hold(false);
    return this;
  }

  /** Ends the connection at once, as `terminate()`. */
  [Symbol.dispose](): void {
    this.terminate();
  }

  /** Closes the connection, as `close()`; an error that it failed with is not thrown. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => {});
  }
}

function kind(value: unknown): string {
  return value === null ? "null" : typeof value;
}

function checkData(verb: string, data: unknown): void {
  if (typeof data === "string" || data instanceof Uint8Array) return;
  const message = `Cannot ${verb} ${kind(data)}: it takes a string or a Uint8Array`;
  throw netError("ERR_INVALID_ARG_TYPE", message);
}

/** What happens to a link, as the events and promises of its connection. */
class ConnectionEvents implements LinkOwner {
  /** The link; set right after both were made. */
  link!: Link;
  /** Whether somebody waits on a promise or stream, which tells of errors too. */
  observed: boolean;
  readonly #connection: WebSocketConnection;
  #opened: Deferred<OpenInfo> | null = null;
  #closed: Deferred<CloseInfo> | null = null;

  constructor(connection: WebSocketConnection, role: Role) {
    this.#connection = connection;
    // An application's error at one client shall not bring its server down.
    this.observed = role === "server";
  }

  get opened(): Promise<OpenInfo> {
    this.observed = true;
    if (this.#opened === null) {
      this.#opened = new Deferred();
      const { agreed, failure, phase } = this.link;
      if (agreed !== null) this.#opened.resolve(this.#info());
      else if (failure !== null) this.#opened.reject(failure.error);
      else if (phase === "closed") this.#opened.reject(closedError("connect"));
    }
    return this.#opened.promise;
  }

  get closed(): Promise<CloseInfo> {
    this.observed = true;
    if (this.#closed === null) {
      this.#closed = new Deferred();
      if (this.link.closeInfo !== null) this.#settleClosed();
    }
    return this.#closed.promise;
  }

  onOpen(): void {
    this.#opened?.resolve(this.#info());
    this.#emit("open");
  }

  onMessage(message: Message): boolean {
    try {
      return this.#connection.emit("message", message);
    } catch (error) {
      throwLater(error);
      return true;
    }
  }

  listening(): boolean {
    return this.#connection.listenerCount("message") > 0;
  }

  onPing(payload: Uint8Array): void {
    this.#emit("ping", payload);
  }

  onPong(payload: Uint8Array): void {
    this.#emit("pong", payload);
  }

  onDrain(): void {
    this.#emit("drain");
  }

  onError(error: unknown): void {
    this.#opened?.reject(error);
    if (this.#connection.listenerCount("error") > 0) this.#emit("error", error);
    else if (!this.observed) throwLater(error);
  }

  onClose({ code, reason, wasClean }: CloseInfo): void {
    this.#opened?.reject(closedError("connect"));
    if (this.#closed !== null) this.#settleClosed();
    this.#emit("close", code, reason, wasClean);
  }

  #settleClosed(): void {
    const { failure, closeInfo } = this.link;
    if (failure === null) this.#closed!.resolve(closeInfo!);
    else this.#closed!.reject(failure.error);
  }

  #info(): OpenInfo {
    const { protocol, extensions } = this.#connection;
    return { protocol, extensions };
  }

  #emit(name: string, ...args: unknown[]): void {
    const connection = this.#connection;
    try {
      (connection.emit as (name: string, ...args: unknown[]) => boolean)(name, ...args);
    } catch (error) {
      throwLater(error);
    }
  }
}
