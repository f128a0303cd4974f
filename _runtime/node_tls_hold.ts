/**
 * Holds back what a session gives while nobody wants it. Deno's `TLSSocket` must not be paused: once
 * resumed, it gives neither data nor end. So it flows, and what is paused is the stream below; no
 * more than that one has given already waits here.
 *
 * @module
 */

import type { StreamSink } from "../_io/stream.ts";

/** Stands between what a session reads and its sink. */
export class Hold {
  #sink: StreamSink | null = null;
  #chunks: Uint8Array[] = [];
  #ended = false;
  #flowing = false;
  #scheduled = false;

  /** Whether a chunk goes through at once. */
  get open(): boolean {
    return this.#flowing && this.#chunks.length === 0;
  }

  /** Names who is told from now on. */
  attach(sink: StreamSink): void {
    this.#sink = sink;
  }

  /** Lets data through, or holds it. */
  flow(on: boolean): void {
    this.#flowing = on;
    if (!on || this.#scheduled || (this.#chunks.length === 0 && !this.#ended)) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#drain();
    });
  }

  /** Data came in. */
  push(chunk: Uint8Array): void {
    if (this.open) this.#sink!.onData(chunk);
    else this.#chunks.push(chunk);
  }

  /** The peer has ended its side. */
  end(): void {
    this.#ended = true;
    if (!this.#scheduled) this.#drain();
  }

  /** Nobody wants any of it any more. */
  clear(): void {
    this.#chunks = [];
    this.#ended = false;
  }

  /** The session is closed: what waits is told before that. */
  release(): void {
    this.#flowing = true;
    this.#drain();
  }

  #drain(): void {
    while (this.#flowing && this.#chunks.length > 0) this.#sink?.onData(this.#chunks.shift()!);
    if (!this.#ended || !this.#flowing) return;
    this.#ended = false;
    this.#sink?.onEnd();
  }
}
