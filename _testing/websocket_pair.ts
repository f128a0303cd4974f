/** Two ends of a WebSocket connection over a stream in memory, with the handshake left out. @module */

import type { ByteStream } from "../_io/stream.ts";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "./fake_clock.ts";
import { type MemoryOptions, MemoryStream } from "./memory_stream.ts";

/** Compression with the defaults of both sides. */
export const DEFLATE = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

/** What the handshake agreed on. */
export interface Agreed {
  /** The subprotocol. */
  protocol: string;
  /** How to compress; null for not at all. */
  deflate: typeof DEFLATE | null;
}

/** What the tests of the module hand in of its inside. */
export interface Inside<End, Options> {
  /** Makes an end that is not open yet. */
  make(role: "client" | "server", options: Options, timers: TimerQueue): End;
  /** Finds what is below an end. */
  linkOf(end: End): {
    open(taken: { stream: ByteStream; early: Uint8Array; ended: boolean }, agreed: Agreed): void;
  };
}

/** How a pair behaves. */
export interface PairOptions<Options> {
  /** The client's options. */
  client?: Options;
  /** The server's options. */
  server?: Options;
  /** How the stream behaves. */
  memory?: MemoryOptions;
  /** What the handshake agreed on. */
  agreed?: Agreed;
}

/** The ways to make ends and pairs. */
export function pairsOf<End, Options extends object>({ make, linkOf }: Inside<End, Options>) {
  /** A connection on a clock of the test's, not open yet. */
  function makeEnd(
    role: "client" | "server",
    options: Options = {} as Options,
    clock: FakeClock = new FakeClock(),
  ): End {
    return make(role, options, new TimerQueue(clock));
  }

  /** Opens a connection over a stream. */
  function openEnd(
    end: End,
    stream: MemoryStream,
    agreed: Agreed = { protocol: "", deflate: null },
    early: Uint8Array = new Uint8Array(0),
  ): void {
    linkOf(end).open({ stream, early, ended: false }, agreed);
  }

  /** Both ends, open. */
  function openPair(options: PairOptions<Options> = {}) {
    const clock = new FakeClock();
    const client = makeEnd("client", options.client, clock);
    const server = makeEnd("server", options.server, clock);
    const [near, far] = MemoryStream.pair(options.memory);
    openEnd(server, far, options.agreed);
    openEnd(client, near, options.agreed);
    return { client, server, near, far, clock };
  }

  return { makeEnd, openEnd, openPair };
}
