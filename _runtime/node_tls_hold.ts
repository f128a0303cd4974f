/**
 * Holds back what a session gives while nobody wants it. A `TLSSocket` over a Duplex must not be
 * paused in Deno: once resumed, it gives neither data nor end. So it flows, and what is paused is the
 * stream below; no more than that one has given already waits here.
 *
 * @module
 */

import type { NetError } from "../_core/errors.ts";
import type { StreamSink } from "../_io/stream.ts";

/** Stands between a session and its sink. */
export class HoldingSink implements StreamSink {
  readonly #sink: StreamSink;
  readonly #whenIdle: (act: () => void) => void;
  #chunks: Uint8Array[] = [];
  #ended = false;
  #flowing = false;
  #scheduled = false;
  #closed = false;

  /** Makes it for a sink, holding. `whenIdle` acts once the stream below has written everything. */
  constructor(sink: StreamSink, whenIdle: (act: () => void) => void) {
    this.#sink = sink;
    this.#whenIdle = whenIdle;
  }

  /** The session's chunks have memory of their own. */
  get borrows(): boolean {
    return this.#sink.borrows;
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

  onData(chunk: Uint8Array): void {
    if (this.#flowing && this.#chunks.length === 0) this.#sink.onData(chunk);
    else this.#chunks.push(chunk);
  }

  onEnd(): void {
    this.#ended = true;
    if (!this.#scheduled) this.#drain();
  }

  onWritten(count: number): void {
    this.#sink.onWritten(count);
  }

  /** Deno's engine says that it has finished when its closing message may still wait to be written. */
  onFinish(): void {
    this.#whenIdle(() => {
      if (!this.#closed) this.#sink.onFinish();
    });
  }

  onClose(error: NetError | null): void {
    this.#closed = true;
    this.#flowing = true;
    this.#drain();
    this.#whenIdle(() => this.#sink.onClose(error));
  }

  #drain(): void {
    while (this.#flowing && this.#chunks.length > 0) this.#sink.onData(this.#chunks.shift()!);
    if (!this.#ended || !this.#flowing) return;
    this.#ended = false;
    this.#sink.onEnd();
  }
}
