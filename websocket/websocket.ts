/** The class that browsers have (WHATWG WebSockets standard), over the same connection. @module */

import { utf8Length } from "../_core/text.ts";
import { closedError } from "../_io/failure.ts";
import { MAX_REASON_BYTES, NO_STATUS } from "./_engine/close_code.ts";
import { connect, type WebSocketConnectOptions } from "./connect.ts";
import { linkOf, type WebSocketConnection } from "./connection.ts";
import type { CloseInfo, Message } from "./link_owner.ts";

/** What `send()` takes. */
export type WebSocketData = string | ArrayBufferLike | ArrayBufferView | Blob;

/** What describes the end of a {@linkcode WebSocket}. */
export interface CloseEventInit {
  /** Whether it bubbles. */
  bubbles?: boolean;
  /** Whether it can be cancelled. */
  cancelable?: boolean;
  /** Whether it leaves a shadow tree. */
  composed?: boolean;
  /** The code. */
  code?: number;
  /** The reason. */
  reason?: string;
  /** Whether both sides said so. */
  wasClean?: boolean;
}

/**
 * The event of a {@linkcode WebSocket} that has closed: not every runtime has a class for it.
 *
 * @example
 * ```ts
 * import { CloseEvent } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new CloseEvent("close", { code: 1000 }).code, 1000);
 * ```
 */
export class CloseEvent extends Event {
  /** The code of the peer's close frame; 1005 when it had none, 1006 when none came. */
  readonly code: number;
  /** The reason of the peer's close frame. */
  readonly reason: string;
  /** Whether both sides said so. */
  readonly wasClean: boolean;

  /** Makes an event. */
  constructor(type: string, init: CloseEventInit = {}) {
    super(type, init);
    this.code = init.code ?? 0;
    this.reason = init.reason ?? "";
    this.wasClean = init.wasClean ?? false;
  }
}

/** The events of a {@linkcode WebSocket}. */
export interface WebSocketEventMap {
  /** The connection is there. */
  open: Event;
  /** A message came. */
  message: MessageEvent;
  /** The connection failed; `close` follows. */
  error: Event;
  /** It has closed. */
  close: CloseEvent;
}

/** A function that listens to one kind of event, or none. */
export type WebSocketHandler<K extends keyof WebSocketEventMap> =
  | ((this: WebSocket, event: WebSocketEventMap[K]) => unknown)
  | null;

const STATES = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;

/** The code of a close that gives a reason alone. */
const NORMAL = 1000;

/** The least and the most that an application may close with, besides 1000. */
const APPLICATION_CODES = [3000, 4999] as const;

function fault(name: "SyntaxError" | "InvalidStateError" | "InvalidAccessError", message: string) {
  return new DOMException(message, name);
}

/**
 * The WebSocket of browsers, for code that is written for them: `readyState` in numbers, events of
 * `EventTarget`, messages as Blob or ArrayBuffer. Where there is a choice,
 * {@linkcode WebSocketConnection} does more.
 *
 * The third argument is ours: what `connect()` takes.
 *
 * @example
 * ```ts
 * import { serve, WebSocket } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (connection) => {
 *   connection.on("message", (data) => connection.send(data));
 * });
 * const { port } = await server.opened;
 *
 * const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
 * socket.onopen = () => socket.send("Hello");
 * socket.onmessage = ({ data }) => {
 *   assertEquals(data, "Hello");
 *   socket.close(1000);
 * };
 * await new Promise((resolve) => socket.addEventListener("close", resolve));
 * assertEquals(socket.readyState, WebSocket.CLOSED);
 * ```
 */
export class WebSocket extends EventTarget {
  /** The state before the connection is there. */
  static readonly CONNECTING = 0;
  /** The state in which messages go both ways. */
  static readonly OPEN = 1;
  /** The state from the first word of the end on. */
  static readonly CLOSING = 2;
  /** The last state. */
  static readonly CLOSED = 3;
  /** See the static property. */
  readonly CONNECTING = 0;
  /** See the static property. */
  readonly OPEN = 1;
  /** See the static property. */
  readonly CLOSING = 2;
  /** See the static property. */
  readonly CLOSED = 3;
  /** The URL, complete. */
  readonly url: string;
  readonly #connection: WebSocketConnection;
  readonly #handlers = new Map<string, { handler: unknown; listener: (event: Event) => void }>();
  #binaryType: "blob" | "arraybuffer" = "blob";
  #closing = false;
  #failed = false;
  #closed = false;
  /** Blobs are read in their time; what is sent after them waits. */
  #reading: Promise<void> | null = null;
  #readingBytes = 0;
  /** What was sent too late counts as waiting for ever. */
  #lateBytes = 0;

  /** Begins to connect. Throws a DOMException (`SyntaxError`) for a URL or a subprotocol. */
  constructor(
    url: string | URL,
    protocols: string | string[] = [],
    options: Omit<WebSocketConnectOptions, "protocols"> = {},
  ) {
    super();
    this.url = readUrl(url);
    this.#connection = open(this.url, { ...options, protocols });
    this.#listen(this.#connection);
  }

  /** What `Object.prototype.toString` says, as for the class of browsers. */
  get [Symbol.toStringTag](): string {
    return "WebSocket";
  }

  /** Where it stands: one of the four constants. */
  get readyState(): number {
    if (this.#closed) return STATES.closed;
    // The connection may have closed already, but nobody was told.
    return this.#closing
      ? STATES.closing
      : Math.min(STATES[this.#connection.readyState], STATES.closing);
  }

  /** Bytes that were sent and that the system has not taken yet, or will not take any more. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount + this.#readingBytes + this.#lateBytes;
  }

  /** The extensions that were agreed on. */
  get extensions(): string {
    return this.#connection.extensions;
  }

  /** The subprotocol that was agreed on. */
  get protocol(): string {
    return this.#connection.protocol;
  }

  /** What bytes come as: `blob` or `arraybuffer`. Anything else is not taken. */
  get binaryType(): "blob" | "arraybuffer" {
    return this.#binaryType;
  }

  set binaryType(type: "blob" | "arraybuffer") {
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  /** Listens to `open`. */
  get onopen(): WebSocketHandler<"open"> {
    return this.#handler("open");
  }

  set onopen(handler: WebSocketHandler<"open">) {
    this.#setHandler("open", handler);
  }

  /** Listens to `message`. */
  get onmessage(): WebSocketHandler<"message"> {
    return this.#handler("message");
  }

  set onmessage(handler: WebSocketHandler<"message">) {
    this.#setHandler("message", handler);
  }

  /** Listens to `error`. */
  get onerror(): WebSocketHandler<"error"> {
    return this.#handler("error");
  }

  set onerror(handler: WebSocketHandler<"error">) {
    this.#setHandler("error", handler);
  }

  /** Listens to `close`. */
  get onclose(): WebSocketHandler<"close"> {
    return this.#handler("close");
  }

  set onclose(handler: WebSocketHandler<"close">) {
    this.#setHandler("close", handler);
  }

  /**
   * Sends a message: a string as text, everything else as bytes. Throws a DOMException
   * (`InvalidStateError`) while it connects; when it is closing, the message goes nowhere.
   */
  send(data: WebSocketData): void {
    if (this.readyState === STATES.connecting) {
      throw fault("InvalidStateError", "Cannot send: the connection is not open yet");
    }
    if (this.readyState !== STATES.open) {
      this.#lateBytes += sizeOf(data);
    } else if (data instanceof Blob) {
      this.#sendLater(data.size, async () => bytesOf(await data.arrayBuffer()));
    } else if (this.#reading !== null) {
      const message = readMessage(data);
      this.#sendLater(message.length, () => Promise.resolve(message));
    } else this.#connection.send(readMessage(data));
  }

  /**
   * Closes. Throws a DOMException: `InvalidAccessError` for a code other than 1000 and 3000 to 4999,
   * `SyntaxError` for a reason of more than 123 bytes.
   */
  close(code?: number, reason: string = ""): void {
    const [least, most] = APPLICATION_CODES;
    if (code !== undefined && code !== 1000 && !(code >= least && code <= most)) {
      throw fault("InvalidAccessError", `Cannot close with the code ${code}`);
    }
    if (utf8Length(reason) > MAX_REASON_BYTES) {
      const message = `Cannot close with a reason of more than ${MAX_REASON_BYTES} bytes`;
      throw fault("SyntaxError", message);
    }
    if (this.#closing || this.readyState >= STATES.closing) return;
    const connecting = this.readyState === STATES.connecting;
    this.#closing = true;
    // To give up before the connection is there counts as a failure.
    if (connecting) return this.#connection.terminate(closedError("connect"));
    const given = code ?? (reason === "" ? NO_STATUS : NORMAL);
    const close = () => linkOf(this.#connection).close(given, reason);
    if (this.#reading === null) close();
    else this.#reading.then(close);
  }

  #listen(connection: WebSocketConnection): void {
    const { origin } = new URL(this.url);
    connection.on("open", () => this.dispatchEvent(new Event("open")));
    connection.on("message", (data) => {
      if (this.readyState !== STATES.open) return;
      this.dispatchEvent(new MessageEvent("message", { data: this.#shown(data), origin }));
    });
    connection.on("error", () => this.#failed = true);
    connection.on("close", (code, reason, wasClean) => {
      const init: CloseInfo = { code, reason, wasClean };
      this.#closed = true;
      // The standard tells of a failure when the connection is closed, not before.
      if (this.#failed) this.dispatchEvent(new Event("error"));
      this.dispatchEvent(new CloseEvent("close", init));
    });
  }

  #shown(data: Message): unknown {
    if (typeof data === "string") return data;
    const bytes = data as Uint8Array<ArrayBuffer>;
    if (this.#binaryType === "blob") return new Blob([bytes]);
    // Small messages share their memory.
    return bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
  }

  #sendLater(length: number, read: () => Promise<Message>): void {
    this.#readingBytes += length;
    const sent = (this.#reading ?? Promise.resolve()).then(read).then((message) => {
      this.#readingBytes -= length;
      if (this.#reading === sent) this.#reading = null;
      this.#connection.send(message);
    }).catch((error) => this.#connection.terminate(error));
    this.#reading = sent;
  }

  #handler(name: string): null {
    return (this.#handlers.get(name)?.handler ?? null) as null;
  }

  #setHandler(name: string, handler: unknown): void {
    const last = this.#handlers.get(name);
    const callable = typeof handler === "function";
    if (last !== undefined) {
      // Another function takes the place of the last in the order of listeners.
      if (callable) last.handler = handler;
      else {
        this.removeEventListener(name, last.listener);
        this.#handlers.delete(name);
      }
    } else if (callable) {
      const entry = {
        handler,
        listener: (event: Event) =>
          void (entry.handler as (event: Event) => unknown).call(this, event),
      };
      this.#handlers.set(name, entry);
      this.addEventListener(name, entry.listener);
    }
  }
}

function readUrl(given: string | URL): string {
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw fault("SyntaxError", `Cannot connect to ${String(given)}: it is no URL`);
  }
  const href = url.href.replace(/^http/, "ws");
  if (!/^wss?:/.test(href) || url.hash !== "" || href.endsWith("#")) {
    throw fault("SyntaxError", `Cannot connect to ${href}: it is no ws URL without a fragment`);
  }
  return href;
}

function open(url: string, options: WebSocketConnectOptions): WebSocketConnection {
  try {
    return connect(url, options);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== "ERR_INVALID_ARG_VALUE") throw error;
    throw fault("SyntaxError", message);
  }
}

function sizeOf(data: WebSocketData): number {
  if (data instanceof Blob) return data.size;
  const message = readMessage(data);
  return typeof message === "string" ? utf8Length(message) : message.length;
}

/** What is sent may be changed by its owner at once, so it is copied. */
function readMessage(data: Exclude<WebSocketData, Blob>): Message {
  if (ArrayBuffer.isView(data)) {
    return bytesOf(data.buffer, data.byteOffset, data.byteLength).slice();
  }
  if (typeof data === "object" && data !== null && "byteLength" in data) {
    return bytesOf(data).slice();
  }
  return String(data);
}

function bytesOf(buffer: ArrayBufferLike, offset?: number, length?: number): Uint8Array {
  return new Uint8Array(buffer, offset, length);
}
