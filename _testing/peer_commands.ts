/**
 * What the raw peer does on a connection once it has read the command in its first line.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { ByteRuns } from "./byte_runs.ts";
import { pattern } from "./pattern.ts";

/** One connection of the peer, as its command sees it. */
export interface PeerConnection {
  /** The raw socket; nothing is read from it until `read` or `pipe` is called. */
  readonly socket: Socket;
  /** Counts everything that came after the command line. */
  readonly seen: ByteRuns;
  /** The words after the command. */
  readonly args: readonly string[];
  /** Runs `action` after `ms`, unless the connection or the peer is gone by then. */
  after(ms: number, action: () => void): void;
  /**
   * Reads to the end; `onChunk` and `onEof` are told. An EOF alone ends nothing: the command decides
   * when the peer's own side ends.
   */
  read(onChunk?: (chunk: Uint8Array) => void, onEof?: () => void): void;
  /** Logs a record for `tag` when the connection's input has ended, by EOF or by reset. */
  record(tag: string): void;
}

/** A command: starts its work and returns. */
export type PeerCommand = (connection: PeerConnection) => void;

/** The commands by name; SCENARIOS calls this "Peer P". */
export const peerCommands: Readonly<Record<string, PeerCommand>> = {
  echo,
  rst: (c) => {
    c.read();
    c.after(numberAt(c, 0), () => reset(c.socket));
  },
  close: (c) => {
    c.read();
    c.after(numberAt(c, 0), () => c.socket.destroy());
  },
  fin: (c) => {
    c.record("fin");
    c.read();
    c.after(numberAt(c, 0), () => c.socket.end());
  },
  send: (c) => {
    c.read();
    sendPattern(c.socket, numberAt(c, 0), () => c.socket.end());
  },
  sendrst: (c) => {
    c.read();
    sendPattern(c.socket, numberAt(c, 0), () => {
      c.after(numberAt(c, 1), () => reset(c.socket));
    });
  },
  drip,
  count,
  stall: (c) => c.after(numberAt(c, 0), () => c.socket.destroy()),
};

function echo(c: PeerConnection): void {
  // Not pipe(): in pipe the bytes behind the command line would have no place in the count.
  c.socket.on("drain", () => c.socket.resume());
  c.read((chunk) => {
    if (!c.socket.write(chunk)) c.socket.pause();
  }, () => c.socket.end());
}

function drip(c: PeerConnection): void {
  const count = numberAt(c, 0), size = numberAt(c, 1), ms = numberAt(c, 2);
  c.read();
  const step = (index: number): void => {
    c.socket.write(pattern(size, index * size));
    c.after(ms, () => index + 1 < count ? step(index + 1) : c.socket.end());
  };
  step(0);
}

function count(c: PeerConnection): void {
  c.record(c.args[0] ?? "");
  c.after(numberAt(c, 1), () => {
    c.read(undefined, () => c.socket.end(`TOTAL ${c.seen.total}\n`));
  });
}

/**
 * Ends with an RST. A Unix socket has none: closed with input unread the other side gets ECONNRESET,
 * else it sees an end.
 */
function reset(socket: Socket): void {
  if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** Chunks of whole periods, so that one block serves a transfer of any length. */
const BLOCK = pattern(251 * 256);

/** Writes `length` pattern bytes no faster than the socket takes them, then calls `done`. */
function sendPattern(socket: Socket, length: number, done: () => void): void {
  let left = length;
  const next = (): void => {
    if (socket.destroyed) return;
    if (left === 0) return done();
    const chunk = BLOCK.subarray(0, Math.min(left, BLOCK.length));
    left -= chunk.length;
    socket.write(chunk, (error) => {
      // A failed write is reported by the socket's `error`; there is nobody left to send to.
      if (!error) next();
    });
  };
  next();
}

function numberAt(c: PeerConnection, index: number): number {
  const value = Number(c.args[index] ?? "0");
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Bad number ${c.args[index]}`);
  }
  return value;
}
