/**
 * `ref()` and `unref()` of Deno's `node:dgram` count from the next receive on: the one that is
 * pending holds the process, or does not, as it did when it began. A datagram that the socket sends
 * to itself ends it.
 *
 * @module
 */

import type { NetError } from "../_core/errors.ts";
import type { DatagramHandle, DatagramSink } from "./datagram.ts";

/** Stands before the sink of a socket and keeps the datagrams of its own from it. */
export class WakeUp implements DatagramSink {
  readonly #sink: DatagramSink;
  /** No stranger can send this by chance, nor by guessing. */
  readonly #token = crypto.getRandomValues(new Uint8Array(16));
  #expected = 0;

  /** Makes it for a sink. */
  constructor(sink: DatagramSink) {
    this.#sink = sink;
  }

  onMessage(data: Uint8Array, address: string, port: number): void {
    if (this.#expected > 0 && this.#isOurs(data)) this.#expected--;
    else this.#sink.onMessage(data, address, port);
  }

  onError(error: NetError): void {
    this.#sink.onError(error);
  }

  /** Ends the pending receive of a socket, if the system lets the datagram through. */
  wake(handle: Pick<DatagramHandle, "address" | "port" | "send">): void {
    this.#expected++;
    handle.send(this.#token, handle.port, ownAddress(handle.address), (error) => {
      if (error !== null) this.#expected--;
    });
  }

  #isOurs(data: Uint8Array): boolean {
    return data.length === this.#token.length &&
      data.every((byte, index) => byte === this.#token[index]);
  }
}

/** Where a socket that is bound to every address reaches itself. */
function ownAddress(address: string): string {
  if (address === "::") return "::1";
  return address === "0.0.0.0" ? "127.0.0.1" : address;
}
