/** The stream of a TLS session over node's `tls.TLSSocket`. @module */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { SocketAddress } from "../_core/address.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";
import { systemClock } from "./clock.ts";
import type { Attempt } from "./map_error.ts";
import { type Ends, NodeStream, streamOf, writeReadingOn } from "./node_stream.ts";
import { StreamDuplex } from "./node_tls_duplex.ts";
import { whenFlightIsLost } from "./node_tls_flight.ts";
import { SocketHandle, type StateBelow } from "./node_tls_handle.ts";
import { Hold } from "./node_tls_hold.ts";
import type { SecureStream, SessionInfo } from "./tls.ts";
import { mapTlsError, tlsError } from "./tls_error.ts";

const IN_DENO = process.versions["deno"] !== undefined;

/** What node's sockets call the encoding of bytes. */
const BYTES = "buffer" as BufferEncoding;

/** Those of the session's stream are the carrier's. */
const NO_ENDS: Ends = { localAddress: undefined, remoteAddress: undefined };

/** A chunk as what we promise: a Buffer's slice() shares memory, and it compares as a Buffer. */
function plain(chunk: Uint8Array): Uint8Array {
  return new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength);
}

/**
 * What a session stands on: node's socket itself where the stream has one, which is fast; otherwise
 * a Duplex over the stream, which can tell in Node, too, how the connection below ended.
 */
export class Carrier {
  /** What `node:tls` is given. */
  readonly socket: Socket | StreamDuplex;
  /** The peer's end of the connection, for errors and for the session's stream. */
  readonly remoteAddress: SocketAddress | undefined;
  readonly #stream: ByteStream;
  /** Deno's, where the session stands on a socket. */
  readonly #handle: SocketHandle | null = null;

  /** Takes a stream over, and the bytes of it that were read before. */
  constructor(stream: ByteStream, early: Uint8Array, seesEnds: boolean) {
    this.remoteAddress = stream.remoteAddress;
    // Deno's engine does not read from a session's socket, and a session's end is its own affair.
    const within = stream instanceof TlsNodeStream && (seesEnds || IN_DENO);
    const socket = stream instanceof NodeStream && !within ? stream.release() : null;
    const handle = socket !== null && IN_DENO ? SocketHandle.of(socket) : null;
    if (socket !== null && !seesEnds && (handle !== null || !IN_DENO)) {
      // What it fails with comes out of the session.
      if (early.length > 0) socket.unshift(early);
      this.#stream = stream;
      this.socket = socket;
      this.#handle = handle;
    } else {
      this.#stream = socket === null ? stream : new NodeStream(socket, stream);
      this.socket = new StreamDuplex(this.#stream, early).on("error", () => {});
    }
  }

  /** Our end of the connection. */
  get localAddress(): SocketAddress | undefined {
    return this.#stream.localAddress;
  }

  /** What is told of a failure besides its code. */
  attempt(syscall: string): Attempt {
    const remote = this.remoteAddress;
    if (remote?.transport !== "tcp") return { syscall, address: remote?.path ?? undefined };
    return { syscall, address: remote.address, port: remote.port };
  }

  /** A peer that ends in the middle of the handshake is gone; later it may end one side only. */
  allowHalfOpen(on: boolean): void {
    this.socket.allowHalfOpen = on;
  }

  /**
   * Has the engine's own `destroy()` break the connection off: it refuses a client's certificate
   * without an alert, and the client would take the end for a proper one.
   */
  resetWhenDestroyed(on: boolean): void {
    const { socket } = this;
    if (socket instanceof StreamDuplex) return;
    if (!on) Reflect.deleteProperty(socket, "destroy");
    else {
      socket.destroy = () => {
        this.resetWhenDestroyed(false);
        return socket.resetAndDestroy();
      };
    }
  }

  /** Whether what is paused is the connection below, not the session. */
  get stopsBelow(): boolean {
    return this.socket instanceof StreamDuplex || this.#handle !== null;
  }

  /** Lets the connection below come, or stops it; false where the session itself has to. */
  flow(on: boolean): boolean {
    if (this.socket instanceof StreamDuplex) this.socket.flow(on);
    else if (this.#handle !== null) this.#handle.flow(on);
    else return false;
    return true;
  }

  /**
   * Gives what tells how the connection below is when the session ends; undefined where nobody can
   * tell. `received` counts the session's data.
   */
  watchEnd(received: () => number): () => StateBelow | undefined {
    const { socket } = this;
    if (this.#handle !== null) return this.#handle.watchEnd(this.attempt("read"));
    if (!(socket instanceof StreamDuplex)) return () => undefined;
    let ended = socket.readableEnded;
    socket.prependListener("end", () => ended = true);
    // Node's engine shows the closing message of TLS 1.3 only once the connection has ended.
    const closing = socket.watchClosing(received);
    return () => ended ? socket.failure ?? (closing() ? "open" : "ended") : "open";
  }

  /** Acts when the session's handshake is over and its last messages have met a reset. */
  whenFlightIsLost(session: TLSSocket, act: () => void): void {
    if (!IN_DENO && !(this.socket instanceof StreamDuplex)) {
      whenFlightIsLost(session, this.socket, act);
    }
  }

  /** Acts once nothing is left to write below. */
  whenIdle(act: () => void): void {
    if (this.socket instanceof StreamDuplex) this.socket.whenIdle(act);
    else act();
  }

  /** From now on nothing is waited for when it is destroyed. */
  hurry(): void {
    if (this.socket instanceof StreamDuplex) this.socket.hurry();
  }

  /** Has the engine go on with a handshake for which a certificate was found meanwhile. */
  wake(): void {
    if (this.socket instanceof StreamDuplex) this.socket.wake();
  }

  /** Gives the connection up. */
  destroy(): void {
    this.socket.destroy();
  }

  /** Breaks it off with an RST where the runtime can. */
  reset(): void {
    if (this.socket instanceof StreamDuplex) this.socket.reset();
    else this.socket.resetAndDestroy();
  }

  /** Passes a setting on; `node:tls` does it itself for sockets. */
  set(act: (stream: ByteStream) => void): boolean {
    if (!(this.socket instanceof StreamDuplex)) return false;
    if (!this.socket.destroyed) act(this.#stream);
    return true;
  }
}

/** In place of a session's `push()`; see `TlsNodeStream.#divert()`. */
function push(this: TLSSocket, chunk: Uint8Array | null, encoding?: BufferEncoding): boolean {
  const stream = streamOf(this) as TlsNodeStream | null;
  if (stream === null) return false;
  if (chunk !== null) return stream.taken(chunk);
  if (stream.seesEnd()) (Object.getPrototypeOf(this) as TLSSocket).push.call(this, null, encoding);
  return false;
}

function onEnd(this: TLSSocket): void {
  streamOf(this)?.ended();
}

/** See the module's text. */
export class TlsNodeStream extends NodeStream implements SecureStream {
  readonly session: SessionInfo;
  readonly #socket: TLSSocket;
  readonly #carrier: Carrier;
  readonly #hold = new Hold();
  #atWork = 0;
  #received = 0;
  /** Whether a call to the engine is on the stack: its answer may come at once, and shall not. */
  #calling = false;
  #closing = false;
  #closedCleanly: boolean | undefined;
  #strictClose = false;
  #mayStop = false;
  #stateBelow: () => StateBelow | undefined = () => undefined;

  /** Takes over a session whose handshake is done. */
  constructor(socket: TLSSocket, carrier: Carrier, session: SessionInfo, strictClose: boolean) {
    super(socket, NO_ENDS);
    this.#socket = socket;
    this.#carrier = carrier;
    this.session = session;
    this.#divert(strictClose);
    carrier.whenFlightIsLost(socket, () => {
      const error = new Error("The last messages of the handshake met a reset");
      socket.destroy(Object.assign(error, { code: "ECONNRESET" }));
    });
  }

  get closedCleanly(): boolean | undefined {
    return this.#closedCleanly;
  }

  override get localAddress(): SocketAddress | undefined {
    return this.#carrier.localAddress;
  }

  override get remoteAddress(): SocketAddress | undefined {
    return this.#carrier.remoteAddress;
  }

  override attach(sink: StreamSink): void {
    const handedOver = this.sink !== null;
    this.sink = sink;
    this.#hold.attach(sink);
    if (handedOver) return;
    this.watchClose();
    this.#carrier.flow(false);
    // For its end: data never gets into it.
    this.#socket.resume();
  }

  override resume(): void {
    this.#hold.flow(true);
    if (this.#socket.destroyed) return;
    if (!this.#carrier.flow(true)) this.#socket._read(0);
  }

  override pause(): void {
    this.#hold.flow(false);
    this.#carrier.flow(false);
  }

  override write(chunk: Uint8Array): void {
    this.#atWork = chunk.length;
    this.#calling = true;
    writeReadingOn.call(this.#socket, chunk, BYTES, this.#written);
    this.#calling = false;
  }

  override writeText(text: string): void {
    this.#atWork = text.length;
    this.#calling = true;
    writeReadingOn.call(this.#socket, text, "latin1", this.#written);
    this.#calling = false;
  }

  readonly #written = (error?: Error | null): void => {
    if (this.#calling) return queueMicrotask(() => this.#written(error));
    if (this.#socket.destroyed) return;
    if (error) this.#socket.destroy(error);
    else this.sink?.onWritten(this.#atWork);
  };

  /**
   * Node's engine leaves the closing message out while it is in the handshake, and in that turn a
   * server's user may end the session already.
   */
  override end(): void {
    if (IN_DENO) this.#end();
    else systemClock.defer(() => this.#end());
  }

  #end(): void {
    this.#socket.end((error?: Error | null) => {
      if (error || this.#closing) return;
      // Deno's engine says so when its closing message may still wait to be written.
      this.#carrier.whenIdle(() => this.#closing || this.sink?.onFinish());
    });
  }

  override close(): void {
    this.#closing = true;
    this.#hold.clear();
    this.#carrier.hurry();
    super.close();
  }

  override reset(): void {
    this.#closing = true;
    this.#hold.clear();
    super.close();
    this.#carrier.reset();
  }

  /** Whoever takes the session's socket over gets what the engine pushes, and the end, as node gives it. */
  override release(): Socket {
    const socket = super.release();
    Reflect.deleteProperty(socket, "push");
    return socket.off("end", onEnd);
  }

  override setNoDelay(on: boolean): void {
    if (!this.#carrier.set((stream) => stream.setNoDelay(on))) super.setNoDelay(on);
  }

  override setKeepAlive(on: boolean, delay: number): void {
    if (!this.#carrier.set((stream) => stream.setKeepAlive(on, delay))) {
      super.setKeepAlive(on, delay);
    }
  }

  override ref(): void {
    if (!this.#carrier.set((stream) => stream.ref())) super.ref();
  }

  override unref(): void {
    if (!this.#carrier.set((stream) => stream.unref())) super.unref();
  }

  override failed(error: Error): void {
    super.failed(mapTlsError(error, this.#carrier.attempt("read")));
    // Of itself it would go on to an `end`, which would pass for the peer's.
    this.#socket.destroy();
  }

  override closed(): void {
    this.#hold.release();
    this.#carrier.whenIdle(() => super.closed());
  }

  /**
   * Takes what the engine pushes before node's stream machinery does, which costs more than moving
   * a small message; that has only the end. It comes at the closing message, or when the connection
   * below has ended.
   */
  #divert(strictClose: boolean): void {
    const socket = this.#socket;
    const hold = this.#hold;
    socket.on("end", onEnd);
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) hold.push(plain(chunk));
    this.#strictClose = strictClose;
    this.#mayStop = !this.#carrier.stopsBelow;
    this.#stateBelow = this.#carrier.watchEnd(() => this.#received);
    socket.push = push;
  }

  /** For `push()`: takes a chunk; whether the engine shall go on reading. */
  taken(chunk: Uint8Array): boolean {
    this.#received += chunk.length;
    this.#hold.push(plain(chunk));
    return this.#hold.open || !this.#mayStop;
  }

  override ended(): void {
    if (!this.#closing) this.#hold.end();
  }

  /** For `push()`: whether the session's end is the peer's; otherwise it has failed. */
  seesEnd(): boolean {
    const below = this.#stateBelow();
    const strictClose = this.#strictClose;
    if (below === undefined || this.#closedCleanly !== undefined) return true;
    if (below === "open" || below === "ended") this.#closedCleanly = below === "open";
    if (below === "open" || (below === "ended" && !strictClose)) return true;
    const attempt = this.#carrier.attempt("read");
    this.#socket.destroy(below === "ended" ? tlsError("ERR_TLS_TRUNCATED", attempt) : below);
    return false;
  }
}
