/** A connection that is about to leave HTTP, and who gets it. @module */

import type { NetError } from "../_core/errors.ts";
import { partsOf, type ServerPlaces } from "../_io/socket_parts.ts";
import { provideGiving, type Successor, type Taken } from "../_io/take_over.ts";
import type { TcpSocket } from "../tcp/mod.ts";

/** Gets what came behind the request, in place of the socket. */
export type TakeEarly = (early: Uint8Array) => void;

/** A socket that gets the connection. */
export class SocketSuccessor implements Successor {
  readonly occupant: TcpSocket;
  readonly #takeEarly: TakeEarly | null;

  /** What came early is the first that is read from the socket, unless somebody takes it. */
  constructor(socket: TcpSocket, takeEarly: TakeEarly | null = null) {
    this.occupant = socket;
    this.#takeEarly = takeEarly;
  }

  get destroyed(): boolean {
    return partsOf(this.occupant).connection.destroyed;
  }

  take({ stream, early, ended }: Taken): void {
    const { connection } = partsOf(this.occupant);
    if (this.#takeEarly === null && early.length > 0) connection.reads.unshift(early);
    connection.open(stream);
    if (ended) connection.onEnd();
    this.#takeEarly?.(early);
  }

  destroy(error?: unknown): void {
    this.occupant.destroy(error as NetError | undefined);
  }
}

/** What `upgrade()` gives: the socket is only made for those who ask for it. */
export class Switch {
  /** The response that says so. */
  readonly response: Response;
  readonly #places: ServerPlaces;
  #successor: Successor | null = null;
  #gone = false;

  static {
    provideGiving(this.prototype, (prepared, successor) => prepared.#giveTo(successor));
  }

  /** Prepares the switch that a response tells of. */
  constructor(response: Response, places: ServerPlaces) {
    this.response = response;
    this.#places = places;
  }

  /** The socket that gets the connection. */
  get socket(): TcpSocket {
    return this.successor.occupant as TcpSocket;
  }

  /** Who gets the connection. */
  get successor(): Successor {
    if (this.#successor === null) {
      this.#giveTo(new SocketSuccessor(this.#places.makeSocket() as TcpSocket));
    }
    return this.#successor!;
  }

  /** There will be no switch, because of this error if there is one. */
  destroy(error?: unknown): void {
    this.#gone = true;
    this.#successor?.destroy(error);
  }

  #giveTo(successor: Successor): void {
    this.#successor = successor;
    if (this.#gone) successor.destroy();
  }
}
