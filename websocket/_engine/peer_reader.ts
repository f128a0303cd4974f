/**
 * What reads the bytes of a peer: its frames, and the messages in them. Between two messages a
 * reader has nothing to remember, so a silent connection has none: whoever gets bytes takes one of
 * those that wait here, and gives it back unless it stands within a message.
 *
 * @module
 */

import type { Inflater } from "./codec.ts";
import type { Role } from "./frame.ts";
import { FrameReader } from "./frame_reader.ts";
import { MessageAssembler, type MessageLimits, type MessageSink } from "./message_assembler.ts";

/** For whom to read. */
export interface ReaderOwner extends MessageSink {
  /** Our role. */
  readonly role: Role;
  /** What messages may be. */
  readonly limits: MessageLimits;
  /** Inflates messages, when compression was agreed on. */
  readonly inflater: Inflater | null;
  /** Copies bytes for somebody to keep. */
  readonly copy: (bytes: Uint8Array, start: number, end: number) => Uint8Array;
}

/** Stands in while a reader waits, which shall keep nobody alive. */
const NOBODY: ReaderOwner = {
  role: "server",
  limits: { maxMessageSize: 0, maxFrameSize: 0, maxFragments: 0 },
  inflater: null,
  copy: (bytes) => bytes,
  onMessage: () => {},
  onControl: () => {},
  onViolation: () => {},
};

/** Readers that wait, and the most of them. */
const waiting: PeerReader[] = [];
const MOST_WAITING = 16;

/** See the module's text. */
export class PeerReader {
  readonly #frames: FrameReader;
  readonly #messages: MessageAssembler;

  /** For `takeReader()`: makes one for nobody. */
  constructor() {
    const { limits, inflater, copy, role } = NOBODY;
    this.#messages = new MessageAssembler(NOBODY, limits, inflater, copy);
    this.#frames = new FrameReader(this.#messages, role, false);
  }

  /** Names for whom it reads. */
  serve(owner: ReaderOwner): void {
    this.#messages.serve(owner, owner.limits, owner.inflater, owner.copy);
    this.#frames.serve(owner.role, owner.inflater !== null);
  }

  /** Reads on from `from`; gives the place up to which bytes were used, all of them unless stopped. */
  receive(chunk: Uint8Array, from: number): number {
    return this.#frames.receive(chunk, from);
  }

  /** Within a call of its owner: no further frame is read for now. */
  stop(): void {
    this.#frames.stop();
  }

  /** Nothing is read any more. */
  kill(): void {
    this.#frames.kill();
  }

  /** Gives it to whoever needs one next; false when it stands within a message, or is dead. */
  giveBack(): boolean {
    if (!this.#frames.idle || !this.#messages.idle) return false;
    if (waiting.length < MOST_WAITING) {
      this.serve(NOBODY);
      waiting.push(this);
    }
    return true;
  }
}

/** A reader for somebody who has bytes to read. */
export function takeReader(owner: ReaderOwner): PeerReader {
  const reader = waiting.pop() ?? new PeerReader();
  reader.serve(owner);
  return reader;
}
