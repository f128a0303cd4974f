/** The stream of a TLS session over node's `tls.TLSSocket`. @module */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { SocketAddress } from "../_core/address.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";
import type { Attempt } from "./map_error.ts";
import { NodeStream } from "./node_stream.ts";
import { StreamDuplex } from "./node_tls_duplex.ts";
import { HoldingSink } from "./node_tls_hold.ts";
import type { SecureStream, SessionInfo } from "./tls.ts";
import { mapTlsError, tlsError } from "./tls_error.ts";

/**
 * What a session stands on: node's socket itself where the stream has one, which is fast; otherwise
 * a Duplex over the stream, which can tell how the connection below ended.
 */
export class Carrier {
  /** What `node:tls` is given. */
  readonly socket: Socket | StreamDuplex;
  /** The ends of the connection, for errors and for the session's stream. */
  readonly localAddress: SocketAddress | undefined;
  readonly remoteAddress: SocketAddress | undefined;
  readonly #stream: ByteStream;

  /** Takes a stream over, and the bytes of it that were read before. */
  constructor(stream: ByteStream, early: Uint8Array, seesEnds: boolean) {
    this.localAddress = stream.localAddress;
    this.remoteAddress = stream.remoteAddress;
    if (stream instanceof NodeStream && !seesEnds) {
      const socket = stream.release();
      // What it fails with comes out of the session.
      socket.on("error", () => {});
      if (early.length > 0) socket.unshift(early);
      this.#stream = stream;
      this.socket = socket;
    } else {
      this.#stream = stream instanceof NodeStream ? new NodeStream(stream.release()) : stream;
      this.socket = new StreamDuplex(this.#stream, early).on("error", () => {});
    }
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

/** See the module's text. */
export class TlsNodeStream extends NodeStream implements SecureStream {
  readonly session: SessionInfo;
  readonly #socket: TLSSocket;
  readonly #carrier: Carrier;
  #closedCleanly: boolean | undefined;
  #holding: HoldingSink | null = null;

  /** Takes over a session whose handshake is done. */
  constructor(socket: TLSSocket, carrier: Carrier, session: SessionInfo, strictClose: boolean) {
    super(socket);
    this.#socket = socket;
    this.#carrier = carrier;
    this.session = session;
    if (carrier.socket instanceof StreamDuplex) this.#watchEnds(carrier.socket, strictClose);
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
    const below = this.#carrier.socket;
    if (!(below instanceof StreamDuplex)) return super.attach(sink);
    this.#holding = new HoldingSink(sink, (act) => below.whenIdle(act));
    super.attach(this.#holding);
    below.flow(false);
    this.#socket.resume();
  }

  override resume(): void {
    this.#flow(true);
  }

  override pause(): void {
    this.#flow(false);
  }

  #flow(on: boolean): void {
    const { socket } = this.#carrier;
    if (socket instanceof StreamDuplex) {
      this.#holding?.flow(on);
      socket.flow(on);
    } else if (on) {
      super.resume();
    } else {
      super.pause();
    }
  }

  override close(): void {
    const below = this.#carrier.socket;
    if (below instanceof StreamDuplex) below.hurry();
    super.close();
  }

  override reset(): void {
    super.close();
    this.#carrier.reset();
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

  /** The session ends by `push(null)`: at the closing message, or when the connection has ended. */
  #watchEnds(below: StreamDuplex, strictClose: boolean): void {
    const socket = this.#socket;
    const push = socket.push;
    let endedBelow = below.readableEnded;
    below.prependListener("end", () => endedBelow = true);
    socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (chunk !== null || this.#closedCleanly !== undefined) {
        return push.call(socket, chunk, encoding);
      }
      this.#closedCleanly = !endedBelow;
      const failure = below.failure ??
        (strictClose && endedBelow
          ? tlsError("ERR_TLS_TRUNCATED", this.#carrier.attempt("read"))
          : null);
      if (failure === null || !endedBelow) return push.call(socket, chunk, encoding);
      if (below.failure !== null) this.#closedCleanly = undefined;
      socket.destroy(failure);
      return false;
    };
  }
}
