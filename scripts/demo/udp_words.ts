/**
 * What the clients of the echo send: text, a datagram with nothing in it, and one that a network
 * would have to take apart.
 *
 * @module
 */

import type { Exchange } from "./service.ts";

const LARGE = new Uint8Array(8_000).map((_, index) => index % 251);

const DATAGRAMS: readonly Uint8Array[] = [
  new TextEncoder().encode("Good morning"),
  new TextEncoder().encode("Grüße für 5 €"),
  new Uint8Array(),
  LARGE,
];

/** A datagram as the table shows it. */
function show(data: Uint8Array): string {
  if (data.length === 0) return "(an empty datagram)";
  if (data.length < 100) return new TextDecoder().decode(data);
  const isIntact = data.length === LARGE.length && data.every((byte, at) => byte === LARGE[at]);
  return `(${data.length} bytes${isIntact ? "" : ", not those"})`;
}

/** A client's side of the echo: what it sends, one datagram after the other, and what came back. */
export class EchoTranscript {
  readonly #exchanges: Exchange[] = [];
  #asked = 0;

  /** The next datagram to send, if there is one. */
  next(): Uint8Array | null {
    this.#asked = performance.now();
    return DATAGRAMS[this.#exchanges.length] ?? null;
  }

  /** Notes what came back. */
  hear(data: Uint8Array): void {
    const sent = DATAGRAMS[this.#exchanges.length];
    const expected = sent === undefined ? "(nothing)" : show(sent);
    const milliseconds = performance.now() - this.#asked;
    this.#exchanges.push({ sent: expected, received: show(data), expected, milliseconds });
  }

  /** Gives what was exchanged; throws when not everything came back. */
  finish(): Exchange[] {
    const missing = DATAGRAMS[this.#exchanges.length];
    if (missing === undefined) return this.#exchanges;
    throw new Error(`The server did not send back "${show(missing)}"`);
  }
}
