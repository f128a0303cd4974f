/** Fuzzes the WebSocket engine, with and without compression, as a server and as a client. @module */

import { concat } from "../../_core/bytes.ts";
import type { NetError } from "../../_core/errors.ts";
import { latin1, utf8 } from "../../_core/text.ts";
import { copyToKeep } from "../../_runtime/small_buffers.ts";
import type { CloseStatus } from "../../websocket/_engine/close_code.ts";
import { type EngineSink, WebSocketEngine } from "../../websocket/_engine/engine.ts";
import { BIT, OPCODE, type Role } from "../../websocket/_engine/frame.ts";
import { maskedFrame, unmaskedFrame } from "../../websocket/_engine/frame_writer.ts";
import { MessageDeflater, MessageInflater } from "../../websocket/deflate.ts";
import { mutated, split } from "./mutate.ts";
import { Random } from "../random.ts";
import { type Input, rule, sameLog, type Target } from "./target.ts";

const AGREEMENT = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 12,
};

const deflater = new MessageDeflater(AGREEMENT, "client", { level: 6, memoryLevel: 8 });

const DATA = [OPCODE.TEXT, OPCODE.BINARY, OPCODE.CONTINUATION];
const CONTROL = [OPCODE.PING, OPCODE.PONG, OPCODE.CLOSE];
const LENGTHS = [0, 1, 2, 5, 100, 125, 126, 127, 300];
const TEXTS = ["", "a", "Größe", "€€", "\u{1f600}", "\ufeffx", "plain text ".repeat(10)].map(utf8);

function payloadOf(opcode: number, random: Random): Uint8Array {
  if (opcode === OPCODE.CLOSE) {
    if (random.oneIn(4)) return random.bytes(random.below(4));
    const code = random.pick([1000, 1001, 1002, 1005, 1006, 1007, 1011, 1014, 2999, 3000, 5000]);
    return concat([Uint8Array.of(code >> 8, code & 255), random.pick(TEXTS).subarray(0, 100)]);
  }
  if (opcode !== OPCODE.BINARY && !random.oneIn(6)) return random.pick(TEXTS);
  return random.bytes(random.pick(LENGTHS));
}

/** A frame that is mostly in order, for or from either side. */
function frameOf(random: Random): Uint8Array {
  const opcode = random.pick(random.oneIn(3) ? CONTROL : DATA);
  let payload = payloadOf(opcode, random);
  let first = opcode | (opcode >= OPCODE.CLOSE || !random.oneIn(3) ? BIT.FIN : 0);
  if (random.oneIn(3)) {
    first |= BIT.RSV1;
    if (!random.oneIn(5)) {
      deflater.forget();
      payload = deflater.deflate(payload);
    }
  }
  if (random.oneIn(40)) first = random.below(256);
  return random.oneIn(12)
    ? unmaskedFrame(first, payload).slice()
    : maskedFrame(first, payload, random.bits()).slice();
}

const WORDS = [
  [0x81, 0x80, 0, 0, 0, 0],
  [0x88, 0x02, 0x03, 0xe8],
  [0x82, 0xfe, 0, 126],
  [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0],
  [0xff],
  [0x00],
  [0xc1, 0x07],
].map((bytes) => Uint8Array.from(bytes));

/** An engine, and a log of what it told and wrote. */
class Rig implements EngineSink {
  readonly #written: Uint8Array[] = [];
  readonly log: string[] = [];
  readonly backedUp = false;
  ended = false;
  failed = false;
  #peerEnded = false;
  readonly #engine: WebSocketEngine;
  readonly #inflater: MessageInflater | null;
  readonly #limit: number;

  constructor(random: Random) {
    const role: Role = random.oneIn(8) ? "client" : "server";
    this.#limit = random.pick([10, 200, 100_000]);
    const settings = {
      maxMessageSize: this.#limit,
      maxFrameSize: this.#limit,
      maxFragments: random.pick([2, 1000]),
      threshold: 0,
      maxDeflateSize: 1e6,
      maxPendingPongs: 64,
    };
    this.#inflater = random.oneIn(2) ? null : new MessageInflater(AGREEMENT, role);
    const codecs = { inflater: this.#inflater, deflater: null };
    const means = { nextKey: () => 0x01020304, copy: copyToKeep };
    this.#engine = new WebSocketEngine(this, settings, codecs, role, means);
  }

  receive(chunk: Uint8Array): void {
    const used = this.#engine.receive(chunk);
    rule(used === chunk.length, `${used} of ${chunk.length} bytes were used`);
    chunk.fill(0x5a);
  }

  /** Our side ends. */
  end(): void {
    rule(!this.ended || this.#peerEnded, "ended twice");
    this.ended = true;
  }

  /** The peer's side ends. */
  receiveEnd(): void {
    this.#peerEnded = true;
    this.#engine.receiveEnd();
    this.#inflater?.close();
    rule(this.ended, "our side has not ended although the peer's has");
    this.#noteFrames(concat(this.#written));
  }

  onMessage(data: string | Uint8Array): void {
    rule(data.length <= this.#limit, "a message beyond the limit");
    this.#note(`message ${typeof data === "string" ? data : latin1(data, 0, data.length)}`);
  }

  onPing(payload: Uint8Array): void {
    this.#note(`ping ${payload}`);
  }

  onPong(payload: Uint8Array): void {
    this.#note(`pong ${payload}`);
  }

  onCloseFrame({ code, reason }: CloseStatus): void {
    this.#note(`close ${code} ${reason}`);
  }

  onFailure(error: NetError): void {
    rule(/^ERR_WS_/.test(error.code), `an odd code: ${error.code}`);
    this.log.push(error.code);
    this.failed = true;
  }

  write(bytes: Uint8Array): void {
    rule(!this.ended, "written after its end");
    this.#written.push(bytes.slice());
  }

  /** What is written between which events is the chunks' affair; which frames, and in which order, is not. */
  #noteFrames(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      // Pongs and closes: short, with a key where a client sends them.
      const second = bytes[at + 1]!;
      const end = at + 2 + (second & 0x7f) + (second > 0x7f ? 4 : 0);
      // What a close frame of ours says is the error's, which is logged by itself.
      const isClose = (bytes[at]! & 0xf) === OPCODE.CLOSE;
      this.log.push(isClose ? "> close" : `> ${bytes.subarray(at, end)}`);
      at = end;
    }
  }

  #note(event: string): void {
    rule(!this.failed, `told after its failure: ${event}`);
    this.log.push(event);
  }
}

function run(pieces: readonly Uint8Array[], { seed }: Input): Rig {
  const rig = new Rig(new Random(seed));
  for (const piece of pieces) rig.receive(piece.slice());
  rig.receiveEnd();
  return rig;
}

/** See the module's text. */
export const webSocket: Target = {
  name: "websocket",
  make(random) {
    const frames = Array.from({ length: 1 + random.small(12) }, () => frameOf(random));
    return random.oneIn(3) ? mutated(frames, WORDS, random) : concat(frames);
  },
  judge(input) {
    const { bytes, seed } = input;
    const whole = run([bytes], input);
    const random = new Random(seed ^ 0x5bd1e995);
    for (const pieces of [split(bytes, random), split(bytes, random)]) {
      sameLog(`cut ${pieces.map(({ length }) => length)}`, whole.log, run(pieces, input).log);
    }
  },
};
