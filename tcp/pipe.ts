/** Moving what one socket receives into something else. @module */

import type { TcpSocket } from "./socket.ts";

/** What a socket can be piped into: another socket, or a stream in Node's manner. */
export interface PipeDestination {
  /** Takes a chunk; false asks to hold back until `drain`. */
  write(chunk: Uint8Array): boolean;
  /** No more chunks come. */
  end(): void;
  /** Listens to `drain` and `close`. */
  on(event: "drain" | "close", listener: () => void): unknown;
  /** Stops listening. */
  off(event: "drain" | "close", listener: () => void): unknown;
}

/** Pipes until the source ends or either side closes; `send` writes a chunk to the destination. */
export function pipe(
  source: TcpSocket,
  destination: PipeDestination,
  send: (chunk: Uint8Array) => boolean,
): void {
  const onData = (chunk: Uint8Array) => {
    if (!send(chunk)) source.pause();
  };
  const onDrain = () => {
    source.resume();
  };
  const onEnd = () => {
    stop();
    destination.end();
  };
  // Nothing can take the data any more: the source is not read into the void.
  const onGone = () => {
    stop();
    source.pause();
  };
  const stop = () => {
    source.off("data", onData).off("end", onEnd).off("close", stop);
    destination.off("drain", onDrain);
    destination.off("close", onGone);
  };
  source.on("data", onData).on("end", onEnd).on("close", stop);
  destination.on("drain", onDrain);
  destination.on("close", onGone);
}
