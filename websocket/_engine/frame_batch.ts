/**
 * Memory for frames on their way out. Small ones are written one behind the other into a piece of
 * memory that all connections share, and the frames that a connection sends while it reads leave
 * together: neither a copy nor an object for each of them.
 *
 * @module
 */

/** Whose frames wait here. */
export interface FrameSender {
  /** Send these frames, after all before them. */
  writeFrames(frames: Uint8Array): void;
}

/** The size of the shared piece: it is fresh when it was used up, so that nobody has to give back. */
const SIZE = 32 * 1024;

/** Frames up to this size are written into it, each after `reserve()`. */
export const MOST_BATCHED = 4 * 1024;

/** See the module's text. */
export class FrameBatch {
  /** Where `reserve()` points to. */
  bytes = new Uint8Array(SIZE);
  #start = 0;
  #end = 0;
  #sender: FrameSender | null = null;

  /** Bytes of a sender that wait. */
  pending(sender: FrameSender): number {
    return this.#sender === sender ? this.#end - this.#start : 0;
  }

  /** Makes room for up to `MOST_BATCHED` bytes of a sender, and gives the place. */
  reserve(sender: FrameSender, length: number): number {
    // Only one's frames lie side by side. To send them may lead to more that is sent.
    while (this.#sender !== null && (this.#sender !== sender || this.#isFull(length))) {
      this.flush(this.#sender);
    }
    if (this.#isFull(length)) {
      this.bytes = new Uint8Array(SIZE);
      this.#start = this.#end = 0;
    }
    this.#sender = sender;
    return this.#end;
  }

  #isFull(length: number): boolean {
    return this.#end + length > SIZE;
  }

  /** So many bytes were written where the last `reserve()` said. */
  add(length: number): void {
    this.#end += length;
  }

  /** Sends what waits of a sender. */
  flush(sender: FrameSender): void {
    if (this.#sender !== sender) return;
    const { bytes } = this;
    const start = this.#start;
    const end = this.#end;
    this.#sender = null;
    this.#start = end;
    if (end > start) sender.writeFrames(bytes.subarray(start, end));
  }
}

/** The one that all connections share. */
export const batch: FrameBatch = new FrameBatch();
