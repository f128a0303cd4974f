/** Sending a request's streamed content with back-pressure. @module */

import { netError } from "../_core/errors.ts";
import { chunkBytes, type ContentSource, type OutgoingContent } from "./client_body.ts";

/** The connection that content goes to. */
export interface ContentTaker {
  /** Whether more may be written. */
  readonly hasRoom: boolean;
  /** Sends a part; false when there is more than was announced. */
  sendContent(chunk: Uint8Array): boolean;
  /** That was all, but for trailer fields; false when some is missing. */
  sendEnd(trailers: readonly string[]): boolean;
  /** Calls back when there is room, or never will be. */
  whenDrained(callback: () => void): void;
  /** It cannot be sent. */
  contentFailed(error: unknown): void;
}

/** Content on its way. */
export class ContentSender {
  readonly #content: OutgoingContent;
  readonly #taker: ContentTaker;
  #source: ContentSource | null = null;
  #over = false;

  /** Prepares the sending of content. */
  constructor(content: OutgoingContent, taker: ContentTaker) {
    this.#content = content;
    this.#taker = taker;
  }

  /** Sends it. */
  async run(): Promise<void> {
    try {
      await this.#pump();
    } catch (error) {
      if (this.#over) return;
      this.stop(error);
      this.#taker.contentFailed(error);
    }
  }

  /** Nobody wants the rest. */
  stop(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#source?.cancel(reason);
  }

  async #pump(): Promise<void> {
    const taker = this.#taker;
    const source = this.#source = this.#content.open();
    for (;;) {
      const { done, value } = await source.next();
      if (this.#over) return;
      if (done) break;
      if (!taker.sendContent(chunkBytes(value))) throw lengthError("longer");
      if (!taker.hasRoom) await new Promise<void>((resolve) => taker.whenDrained(resolve));
      if (this.#over) return;
    }
    const trailers = await this.#content.trailers?.() ?? [];
    if (this.#over) return;
    // What it failed with later is nobody's business.
    this.#over = true;
    if (!taker.sendEnd(trailers)) taker.contentFailed(lengthError("shorter"));
  }
}

function lengthError(how: string): Error {
  const message = `Cannot send the content: it is ${how} than its Content-Length`;
  return netError("ERR_HTTP_BODY_LENGTH", message);
}
