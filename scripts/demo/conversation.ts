/**
 * What the servers and clients of the demonstration say to each other, line by line, whatever
 * carries the lines.
 *
 * @module
 */

import type { Meter } from "./counters.ts";
import type { Exchange } from "./service.ts";

/** What a server says first. */
export const GREETING = "Hello! Say something, or bye to leave";

/** A longer line is taken as several: a client that never ends its line fills no memory. */
const LONGEST_LINE = 4096;

/** Whether a client wants to leave. */
export function isFarewell(line: string): boolean {
  return line.trim().toLowerCase() === "bye";
}

/** What a server answers. */
export function answerTo(line: string): string {
  return isFarewell(line) ? "Good bye" : `You said: ${line}`;
}

/** A server's part of the conversation, which is counted. */
export class Host {
  readonly #meter: Meter;

  /** Makes one that counts what is said with `meter`. */
  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** Notes that somebody has connected; for servers that nobody watches. */
  meet(): this {
    this.#meter.connected();
    return this;
  }

  /** Gives what to say first. */
  greet(): string {
    return this.#meter.sent(GREETING);
  }

  /** Gives what to answer. */
  answer(line: string): string {
    return this.#meter.sent(answerTo(this.#meter.received(line)));
  }
}

/** What a client says, and what it should hear; first it just listens. */
const SCRIPT: readonly { say: string | null; expect: string }[] = [
  { say: null, expect: GREETING },
  ...["Good morning", "Grüße für 5 €", "bye"].map((say) => ({ say, expect: answerTo(say) })),
];

/** A client's part of the conversation: what it heard, and what it says next. */
export class Transcript {
  readonly #exchanges: Exchange[] = [];
  #asked = performance.now();

  /** Notes a line of the server, and gives the client's next, if it has one. */
  hear(received: string): string | null {
    const { say = "(nothing)", expect: expected = "" } = SCRIPT[this.#exchanges.length] ?? {};
    const milliseconds = performance.now() - this.#asked;
    this.#exchanges.push({ sent: say ?? "(connects)", received, expected, milliseconds });
    this.#asked = performance.now();
    return SCRIPT[this.#exchanges.length]?.say ?? null;
  }

  /** Gives what was exchanged; throws when the server left before its time. */
  finish(): Exchange[] {
    const missing = SCRIPT[this.#exchanges.length]?.expect;
    if (missing === undefined) return this.#exchanges;
    throw new Error(`The server ended the conversation before "${missing}"`);
  }
}

/** Makes lines of chunks, which end anywhere: between two lines, in one, within a letter. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** Takes a chunk and gives the lines that are complete with it. */
  push(chunk: Uint8Array): string[] {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
    this.#rest = lines.pop() ?? "";
    while (this.#rest.length > LONGEST_LINE) {
      lines.push(this.#rest.slice(0, LONGEST_LINE));
      this.#rest = this.#rest.slice(LONGEST_LINE);
    }
    return lines;
  }
}

/** The lines of a socket, or of anything else that gives chunks. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
}
