/** Fuzzes what inflates: any bytes, in any pieces, and bombs. @module */

import { latin1 } from "../../_core/text.ts";
import { constants, deflateRawSync } from "node:zlib";
import { MessageInflater } from "../../websocket/deflate.ts";
import { mutated, split } from "./mutate.ts";
import { Random } from "../random.ts";
import { rule, type Target } from "./target.ts";

const AGREEMENT = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

/** Bytes of output after which no more is wanted. */
const MOST = 100_000;

function deflated(data: Uint8Array, level: number): Uint8Array {
  const bytes = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, level });
  return new Uint8Array(bytes.subarray(0, bytes.length - 4));
}

const random = new Random(1);
const SAMPLES: readonly Uint8Array[] = [
  deflated(new Uint8Array(0), 6),
  deflated(random.bytes(300), 6),
  deflated(random.bytes(300), 0),
  deflated(Uint8Array.from({ length: 2000 }, (_, at) => at % 7), 9),
  deflated(new Uint8Array(500_000), 9),
  new Uint8Array(deflateRawSync(Uint8Array.from({ length: 500 }, (_, at) => at % 50))),
];
const WORDS: readonly Uint8Array[] = [
  [0],
  [1, 0, 0, 255, 255],
  [0, 0, 0, 255, 255],
  [3, 0],
  [0x63, 0, 0],
].map((bytes) => Uint8Array.from(bytes));

/** Inflates a message in pieces; gives all that came out, and how it ended. */
function inflate(pieces: readonly Uint8Array[]): { output: string; ok: boolean; full: boolean } {
  const inflater = new MessageInflater(AGREEMENT, "server");
  let output = "";
  let full = false;
  const sink = {
    onInflated(bytes: Uint8Array, start: number, end: number) {
      rule(!full, "more is told than was wanted");
      output += latin1(bytes, start, end);
      full = output.length > MOST;
      return !full;
    },
  };
  let ok = true;
  for (const piece of pieces) {
    ok &&= full || inflater.push(piece, 0, piece.length, sink);
  }
  if (ok && !full) ok = inflater.finish();
  inflater.close();
  return { output, ok, full };
}

/** See the module's text. */
export const deflate: Target = {
  name: "deflate",
  make: (random) => mutated(SAMPLES, WORDS, random),
  judge({ bytes, seed }) {
    const whole = inflate([bytes]);
    const cut = inflate(split(bytes, new Random(seed)));
    const length = Math.min(whole.output.length, cut.output.length);
    const same = whole.output.slice(0, length) === cut.output.slice(0, length);
    rule(same, "another output");
    // Of a piece that is corrupt nothing comes out, however much it would have been.
    if (whole.full || cut.full) return;
    rule(whole.ok === cut.ok, `valid or not: ${whole.ok}, ${cut.ok}`);
    if (whole.ok) rule(whole.output === cut.output, "a part of the output");
  },
};
