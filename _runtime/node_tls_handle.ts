/**
 * What Deno's `node:tls` leaves undone over a socket of `node:net`: a session that is paused goes on
 * reading, into memory without a limit, and the end of the connection, be it by an RST, looks like
 * the end of the session. The handle of the socket below can be stopped, and tells the ends apart;
 * it is not public: where a version of Deno has another, sessions stand on a Duplex.
 *
 * @module
 */

import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import type { NetError } from "../_core/errors.ts";
import { type Attempt, mapError } from "./map_error.ts";

/** How the connection below a session is: open, ended by the peer's FIN, or failed. */
export type StateBelow = "open" | "ended" | NetError;

interface Handle {
  readStart(): number;
  readStop(): number;
  onread(...args: unknown[]): unknown;
}

/** Where Deno says how many bytes were read, or the system's error as a negative number. */
interface ReadState {
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
}

const END_OF_FILE = -4095;

function findReadState(): ReadState | null {
  try {
    const { binding } = process as { binding?: (name: string) => Partial<ReadState> };
    const { streamBaseState, kReadBytesOrError } = binding?.("stream_wrap") ?? {};
    if (!(streamBaseState instanceof Int32Array) || kReadBytesOrError === undefined) return null;
    return { streamBaseState, kReadBytesOrError };
  } catch {
    return null;
  }
}

const readState = process.versions["deno"] === undefined ? null : findReadState();

function isHandle(handle: Partial<Handle> | null | undefined): handle is Handle {
  return typeof handle?.readStart === "function" && typeof handle.readStop === "function";
}

/** See the module's text. */
export class SocketHandle {
  readonly #socket: Socket;
  readonly #handle: Handle;
  readonly #state: ReadState;
  #flowing = true;

  /** `of()` makes it. */
  constructor(socket: Socket, handle: Handle, state: ReadState) {
    this.#socket = socket;
    this.#handle = handle;
    this.#state = state;
  }

  /** The handle of a connected socket, if it has what is needed. */
  static of(socket: Socket): SocketHandle | null {
    const { _handle: handle } = socket as Socket & { _handle?: Partial<Handle> | null };
    if (readState === null || !isHandle(handle)) return null;
    return new SocketHandle(socket, handle, readState);
  }

  /** Lets the socket read, or stops it. */
  flow(on: boolean): void {
    if (on === this.#flowing || this.#socket.destroyed) return;
    this.#flowing = on;
    if (on) this.#handle.readStart();
    else this.#handle.readStop();
  }

  /** Gives what tells how the connection is, from when a session has begun to read from it. */
  watchEnd(attempt: Attempt): () => StateBelow {
    const { streamBaseState, kReadBytesOrError } = this.#state;
    const { onread } = this.#handle;
    let state: StateBelow = "open";
    this.#handle.onread = function (...args) {
      const result = streamBaseState[kReadBytesOrError] ?? 0;
      if (result === END_OF_FILE) state = "ended";
      else if (result < 0) state = mapError({ code: getSystemErrorName(result) }, attempt);
      return onread.apply(this, args);
    };
    return () => state;
  }
}
