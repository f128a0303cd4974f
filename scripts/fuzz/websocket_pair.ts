/** Two WebSocket engines that talk: what one sends the other gets, whole and in order. @module */

import { concat } from "../../_core/bytes.ts";
import { latin1, utf8 } from "../../_core/text.ts";
import { copyToKeep } from "../../_runtime/small_buffers.ts";
import { type EngineSink, WebSocketEngine } from "../../websocket/_engine/engine.ts";
import type { Role } from "../../websocket/_engine/frame.ts";
import { MessageDeflater, MessageInflater } from "../../websocket/deflate.ts";
import { split } from "./mutate.ts";
import { Random } from "../random.ts";
import { rule, sameLog, type Target } from "./target.ts";

const EFFORT = { level: 6, memoryLevel: 8 };
const SETTINGS = {
  maxMessageSize: 1e6,
  maxFrameSize: 1e6,
  maxFragments: 10,
  maxDeflateSize: 1e6,
  maxPendingPongs: 64,
};

/** One end, with what came to it and what it has to send. */
class End implements EngineSink {
  readonly log: string[] = [];
  readonly backedUp = false;
  readonly engine: WebSocketEngine;
  #written: Uint8Array[] = [];
  readonly #inflater: MessageInflater | null;
  readonly #deflater: MessageDeflater | null;

  constructor(role: Role, random: Random) {
    const compression = !random.oneIn(3);
    const agreement = {
      serverNoContextTakeover: random.oneIn(2),
      clientNoContextTakeover: random.oneIn(2),
      serverMaxWindowBits: 8 + random.below(8),
      clientMaxWindowBits: 8 + random.below(8),
    };
    const threshold = random.pick([0, 50]);
    this.#inflater = compression ? new MessageInflater(agreement, role) : null;
    this.#deflater = compression ? new MessageDeflater(agreement, role, EFFORT) : null;
    const codecs = { inflater: this.#inflater, deflater: this.#deflater };
    const keys = new Random(7);
    const settings = { ...SETTINGS, threshold };
    const means = { nextKey: () => keys.bits() | 0, copy: copyToKeep };
    this.engine = new WebSocketEngine(this, settings, codecs, role, means);
  }

  /** All that it has to send, as one piece. */
  take(): Uint8Array {
    const bytes = concat(this.#written);
    this.#written = [];
    return bytes;
  }

  close(): void {
    this.#inflater?.close();
    this.#deflater?.release();
  }

  onMessage(data: string | Uint8Array): void {
    this.log.push(typeof data === "string" ? `text ${data}` : `bytes ${asText(data)}`);
  }

  onPing(payload: Uint8Array): void {
    this.log.push(`ping ${asText(payload)}`);
  }

  onPong(payload: Uint8Array): void {
    this.log.push(`pong ${asText(payload)}`);
  }

  onCloseFrame({ code, reason }: { code: number; reason: string }): void {
    this.log.push(`close ${code} ${reason}`);
  }

  onFailure(error: Error): void {
    throw error;
  }

  write(bytes: Uint8Array): void {
    this.#written.push(bytes.slice());
  }

  end(): void {}
}

function asText(bytes: Uint8Array): string {
  return latin1(bytes, 0, bytes.length);
}

/** Sends something, and gives what shall come of it at the other end. */
function say(end: End, bytes: Uint8Array, random: Random): string {
  const { engine } = end;
  const size = random.pick([0, 1, 125, 126, 1000, 65_536]);
  const payload = concat([bytes, new Uint8Array(size).fill(random.below(256))]);
  switch (random.below(4)) {
    case 0: {
      engine.sendBytes(payload.slice());
      return `bytes ${asText(payload)}`;
    }
    case 1: {
      const text = `${asText(payload)}€\u{1f600}`;
      engine.sendText(text);
      return `text ${text}`;
    }
    case 2: {
      const short = payload.subarray(0, 125);
      engine.ping(short);
      return `ping ${asText(short)}`;
    }
    default: {
      const short = payload.subarray(0, 125);
      engine.pong(short);
      return `pong ${asText(short)}`;
    }
  }
}

/** See the module's text. */
export const webSocketPair: Target = {
  name: "websocket-pair",
  make: (random) => utf8("some text that repeats itself, itself ").slice(0, random.below(38)),
  judge({ bytes, seed }) {
    const random = new Random(seed);
    const agreed = random.bits();
    const client = new End("client", new Random(agreed));
    const server = new End("server", new Random(agreed));
    const [from, to] = random.oneIn(2) ? [client, server] : [server, client];
    const expected = Array.from({ length: 1 + random.below(6) }, () => say(from, bytes, random));
    from.engine.close(4000, "Größe");
    expected.push("close 4000 Größe");
    for (const piece of split(from.take(), random)) to.engine.receive(piece);
    sameLog("what came", expected, to.log);
    for (const piece of split(to.take(), random)) from.engine.receive(piece);
    rule(from.log.at(-1) === "close 4000 Größe", `no answer to the close: ${from.log}`);
    client.close();
    server.close();
  },
};
