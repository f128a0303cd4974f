/** The open connections of a server: who has them, and who is told when they are left. @module */

import type { Occupant, ServerPlaces, Taker } from "../_io/socket_parts.ts";
import type { ByteStream } from "../_io/stream.ts";
import { eventsOf, TcpSocket } from "./socket.ts";
import type { SocketHost } from "./socket_events.ts";

/** What the server has to do for its sockets. */
export interface ServerSocketsOwner {
  /** Makes a socket. */
  make(): TcpSocket;
  /** A socket failed, and its user does not listen to that. */
  onError(error: Error, socket: TcpSocket): void;
  /** A connection has closed. */
  onLeft(): void;
}

/** See the module's text. */
export class ServerSockets implements SocketHost, ServerPlaces {
  /** Everybody who has a connection. */
  readonly all = new Set<Occupant>();
  readonly #owner: ServerSocketsOwner;

  /** Makes an empty set. */
  constructor(owner: ServerSocketsOwner) {
    this.#owner = owner;
  }

  /** How many connections are open. */
  get size(): number {
    return this.all.size;
  }

  /** Takes in a socket; it tells here when it closes. */
  own(socket: TcpSocket): void {
    this.all.add(socket);
    eventsOf(socket).host = this;
  }

  /** Gives a connection to a protocol, in the place of the socket that got it ready. */
  give(stream: ByteStream, taker: Taker, socket?: TcpSocket): void {
    const occupant = taker(stream, this);
    if (socket === undefined) {
      this.all.add(occupant);
      return;
    }
    eventsOf(socket).host = null;
    this.passOn(socket, occupant);
  }

  onSocketError(socket: TcpSocket, error: Error): void {
    this.#owner.onError(error, socket);
  }

  onSocketClosed(socket: TcpSocket): void {
    this.leave(socket);
  }

  onSocketReplaced(socket: TcpSocket, successor: Occupant): ServerPlaces {
    this.passOn(socket, successor);
    return this;
  }

  leave(occupant: Occupant): void {
    if (this.all.delete(occupant)) this.#owner.onLeft();
  }

  passOn(occupant: Occupant, successor: Occupant): void {
    // One that was left while it passed on shall not come back.
    if (!this.all.delete(occupant)) return successor.destroy();
    if (successor instanceof TcpSocket) this.own(successor);
    else this.all.add(successor);
  }

  makeSocket(): TcpSocket {
    return this.#owner.make();
  }
}
