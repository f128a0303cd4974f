/** The messages of a connection as iteration and as web streams, with back-pressure. @module */

import { NetError } from "../_core/errors.ts";
import { closedError } from "../_io/failure.ts";
import type { Link } from "./link.ts";
import type { Message } from "./link_owner.ts";

/** Messages one by one, until the connection closes. */
export class MessageIterator implements AsyncIterableIterator<Message> {
  readonly #link: Link;
  #claimed = false;

  /** Makes one; the first `next()` takes the reading. */
  constructor(link: Link) {
    this.#link = link;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next message; the end when the connection has closed. */
  async next(): Promise<IteratorResult<Message>> {
    const { messages } = this.#link;
    if (!this.#claimed) messages.claim("iteration");
    this.#claimed = true;
    let message: Message | null;
    try {
      message = await messages.pull();
    } catch (error) {
      // The read before is still at work, and the claim is its.
      const twice = error instanceof NetError && error.code === "ERR_INVALID_STATE";
      if (!twice || this.#link.phase === "closed") this.#release();
      throw error;
    }
    if (message !== null) return { value: message, done: false };
    this.#release();
    return { value: undefined, done: true };
  }

  /** Leaves off: the connection closes. */
  return(): Promise<IteratorResult<Message>> {
    this.#release();
    this.#link.close(1000, "");
    return Promise.resolve({ value: undefined, done: true });
  }

  #release(): void {
    if (this.#claimed) this.#link.messages.release();
    this.#claimed = false;
  }
}

/** A stream of the messages that come in; `closed` tells of a failure while nobody asks. */
export function messageReadable(link: Link, closed: Promise<unknown>): ReadableStream<Message> {
  const { messages } = link;
  messages.claim("readable");
  return new ReadableStream<Message>({
    start(controller) {
      closed.catch((error) => controller.error(error));
    },
    async pull(controller) {
      const message = await messages.pull();
      if (message === null) controller.close();
      else controller.enqueue(message);
    },
    cancel: () => link.close(1000, ""),
  }, { highWaterMark: 0 });
}

/** What a connection promises. */
export interface Lifetime {
  /** Settles when it is open, or cannot be. */
  readonly opened: Promise<unknown>;
  /** Settles when it has closed. */
  readonly closed: Promise<unknown>;
}

/** A stream whose chunks go out as messages; `closed` tells of a failure while nobody writes. */
export function messageWritable(link: Link, { opened, closed }: Lifetime): WritableStream<Message> {
  return new WritableStream<Message>({
    start(controller) {
      // Of no effect on a stream that was closed before.
      closed.then(() => controller.error(closedError("send")), (error) => controller.error(error));
    },
    async write(message) {
      if (link.phase === "closing" || link.phase === "closed") {
        throw link.failure?.error ?? closedError("send");
      }
      if (link.send(message)) return;
      await opened;
      await link.flush();
    },
    async close() {
      link.close(1000, "");
      await closed;
    },
    abort: () => link.destroy(),
  }, { highWaterMark: 1 });
}
