/** What happens to a connection, as the events and promises of its socket. @module */

import { Deferred } from "../_core/deferred.ts";
import { throwLater } from "../_core/emitter.ts";
import type { Connection } from "../_io/connection.ts";
import type { ConnectionOwner } from "../_io/connection_owner.ts";
import { closedError } from "../_io/failure.ts";
import type { Occupant, ServerPlaces, SocketParts } from "../_io/socket_parts.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import type { SocketInfo, TcpSocket } from "./socket.ts";

/** Who made a socket and wants to know of it: the server that accepted it. */
export interface SocketHost {
  /** An error that the socket's own user does not listen to. */
  onSocketError(socket: TcpSocket, error: Error): void;
  /** The socket has closed; its `close` listeners run next. */
  onSocketClosed(socket: TcpSocket): void;
  /** Another carries the connection of one from now on. */
  onSocketReplaced?(socket: TcpSocket, successor: Occupant): ServerPlaces;
}

/** The link between one connection and its socket. What listeners throw goes to the process. */
export class SocketEvents implements ConnectionOwner, SocketParts {
  /** The connection; set right after both were made. */
  connection!: Connection;
  /** Who made the socket, if a server did. */
  host: SocketHost | null = null;
  /** Whether somebody waits on a promise or stream, which tells of errors too. */
  observed = false;
  /** The event that tells that the connection is open. */
  openEvent = "connect";
  readonly #socket: TcpSocket;
  #opened: Deferred<SocketInfo> | null = null;
  #closed: Deferred<void> | null = null;
  #awaited = false;
  #unref = false;
  /** Lets the process go that stays for those who await the socket's close. */
  #letGo: (() => void) | null = null;

  /** Links a socket. */
  constructor(socket: TcpSocket) {
    this.#socket = socket;
  }

  /** See `TcpSocket.opened`. */
  get opened(): Promise<SocketInfo> {
    this.observed = true;
    if (this.#opened === null) {
      this.#opened = new Deferred();
      const { stream, failure, destroyed } = this.connection;
      if (stream !== null) this.#opened.resolve(this.#info());
      else if (failure !== null) this.#opened.reject(failure.error);
      else if (destroyed) this.#opened.reject(closedError("connect"));
    }
    return this.#opened.promise;
  }

  /** See `TcpSocket.closed`: the process stays for whoever asks, but if `unref()` says no. */
  awaitClosed(): Promise<void> {
    this.#awaited = true;
    this.#updateHold();
    return this.closed;
  }

  /** The same for those who do not make the process wait. */
  get closed(): Promise<void> {
    this.observed = true;
    if (this.#closed === null) {
      this.#closed = new Deferred();
      if (this.connection.closed) this.#settleClosed();
    }
    return this.#closed.promise;
  }

  /** Whether the socket holds the process. */
  holdProcess(on: boolean): void {
    this.#unref = !on;
    this.connection.withStream((stream) => on ? stream.ref() : stream.unref());
    this.#updateHold();
  }

  onOpen(): void {
    this.#opened?.resolve(this.#info());
    // Nobody can listen yet to a socket that comes from a server's port.
    if (this.host === null || this.openEvent !== "connect") {
      this.#guard(() => this.#emit(this.openEvent));
    }
  }

  /** Gives the place at the server to another socket; this one is nobody's from now on. */
  handOver(successor: Occupant): ServerPlaces | null {
    const { host } = this;
    this.host = null;
    return host?.onSocketReplaced?.(this.#socket, successor) ?? null;
  }

  onData(chunk: Uint8Array): boolean {
    try {
      return this.#socket.emit("data", chunk);
    } catch (error) {
      throwLater(error);
      return true;
    }
  }

  listening(): boolean {
    return this.#socket.listenerCount("data") > 0;
  }

  onEnd(): void {
    this.#guard(() => this.#socket.emit("end"));
  }

  onDrain(): void {
    this.#guard(() => this.#socket.emit("drain"));
  }

  onTimeout(): void {
    this.#guard(() => this.#socket.emit("timeout"));
  }

  onError(error: unknown): void {
    this.#opened?.reject(error);
    const socket = this.#socket;
    if (socket.listenerCount("error") > 0) {
      this.#guard(() => socket.emit("error", error as Error));
    } else if (this.host !== null) {
      this.host.onSocketError(socket, error as Error);
    } else if (!this.observed) {
      throwLater(error);
    }
  }

  onLateWrite(error: unknown): void {
    this.host?.onSocketError(this.#socket, error as Error);
  }

  onClose(hadError: boolean): void {
    this.#opened?.reject(closedError("connect"));
    this.#updateHold();
    if (this.#closed !== null) this.#settleClosed();
    this.host?.onSocketClosed(this.#socket);
    this.#guard(() => this.#socket.emit("close", hadError));
  }

  #updateHold(): void {
    if (this.#awaited && !this.#unref && !this.connection.closed) {
      this.#letGo ??= sharedTimers.hold();
    } else {
      this.#letGo?.();
      this.#letGo = null;
    }
  }

  #settleClosed(): void {
    const { failure } = this.connection;
    if (failure === null) this.#closed!.resolve();
    else this.#closed!.reject(failure.error);
  }

  #info(): SocketInfo {
    const { stream } = this.connection;
    return { localAddress: stream?.localAddress, remoteAddress: stream?.remoteAddress };
  }

  #emit(name: string): void {
    (this.#socket.emit as (name: string) => boolean)(name);
  }

  #guard(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      throwLater(error);
    }
  }
}
