/** The receiving side of a UDP socket: datagrams wait here for their one reader. @module */

import { closedError } from "../_io/failure.ts";
import { ReadQueue } from "../_io/read_queue.ts";
import type { RemoteInfo } from "./address.ts";

/** A datagram that came in. */
export interface UdpMessage {
  /** Its bytes, yours to keep. */
  readonly data: Uint8Array;
  /** Where it came from; `send()` takes it as the way back. */
  readonly remote: RemoteInfo;
}

/** Who gets datagrams by event. */
export interface InboxOwner {
  /** Emits one; false when nobody listens. */
  deliver(message: UdpMessage): boolean;
  /** Whether somebody listens. */
  listening(): boolean;
}

/** See the module's text. What comes while too many wait is dropped, as the system would. */
export class Inbox {
  /** Datagrams dropped so far. */
  dropped = 0;
  readonly #queue: ReadQueue<UdpMessage>;
  readonly #limit: number;
  #closed = false;

  /** Makes an empty one that holds up to `limit` datagrams. */
  constructor(owner: InboxOwner, limit: number) {
    this.#limit = limit;
    this.#queue = new ReadQueue<UdpMessage>({
      deliver: (message) => owner.deliver(message),
      listening: () => owner.listening(),
      // A socket has no end but its own close, which every reader hears of by itself.
      deliverEnd: () => {},
      deliverFailure: () => {},
      // The system's buffer overflows without a word; here what is lost is counted.
      setReading: () => {},
      sizeOf: () => 1,
    }, limit);
  }

  /** Datagrams that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** A datagram has come in. */
  push(message: UdpMessage): void {
    if (this.#closed) return;
    // From port 0 comes what nobody can answer (RFC 768): an echo would fail for it.
    if (message.remote.port === 0 || this.#queue.size >= this.#limit) this.dropped++;
    else this.#queue.push(message);
  }

  /** A listener has come. */
  listen(): void {
    this.#queue.listen();
  }

  /** The next datagram. */
  async read(signal: AbortSignal | undefined): Promise<UdpMessage> {
    const message = await this.#queue.read(signal);
    if (message === null) throw closedError("read");
    return message;
  }

  /** The datagrams until the socket closes; `leave` is called when the loop is left early. */
  async *messages(leave: () => void): AsyncIterableIterator<UdpMessage> {
    const queue = this.#queue;
    queue.claim("iteration");
    try {
      for (;;) {
        const message = await queue.pull();
        if (message === null) return;
        yield message;
      }
    } finally {
      queue.release();
      leave();
    }
  }

  /** Drops what waits, and ends every reader. */
  close(): void {
    this.#closed = true;
    this.#queue.drop();
    this.#queue.end();
  }
}
