/** Groups 9, 12 and 13 of the list: large messages, many messages, compression. @module */

import { awaits, type Case, closes } from "./case.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

function filled(length: number): Uint8Array {
  return new Uint8Array(length).fill(0x2a);
}

function echo(
  id: string,
  opcode: 1 | 2,
  payload: Uint8Array,
  { fragment = 0, chop }: { fragment?: number; chop?: number } = {},
): Case {
  return {
    id,
    async run(peer) {
      if (chop === undefined) await peer.sendMessage(opcode, payload, fragment);
      else await peer.send([{ opcode, payload }], chop);
      await awaits(peer, opcode === 1 ? "text" : "binary", payload);
      await closes(peer);
    },
  };
}

const MESSAGES: Case[] = ([1, 2] as const).flatMap((opcode) => [
  ...[64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB].map((size, at) =>
    echo(`9.${opcode}.${at + 1}`, opcode, filled(size))
  ),
  ...[64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB].map((fragment, at) =>
    echo(`9.${opcode + 2}.${at + 1}`, opcode, filled(4 * MIB), { fragment })
  ),
  ...[64, 128, 256, 512, KIB, 2 * KIB].map((chop, at) =>
    echo(`9.${opcode + 4}.${at + 1}`, opcode, filled(MIB), { chop })
  ),
  ...[0, 16, 64, 256, KIB, 4 * KIB].map((size, at): Case => ({
    id: `9.${opcode + 6}.${at + 1}`,
    async run(peer) {
      const payload = filled(size);
      for (let round = 0; round < 1000; round++) {
        await peer.sendMessage(opcode, payload);
        await awaits(peer, opcode === 1 ? "text" : "binary", payload);
      }
      await closes(peer);
    },
  })),
]);

/** Bytes of a message, and of its fragments. */
const SIZES: readonly (readonly [size: number, fragment: number])[] = [
  ...[16, 64, 256, KIB, 4 * KIB, 8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB].map((
    size,
  ) => [size, 0] as const),
  ...[8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB].map((size) => [size, 256] as const),
  ...[KIB, 4 * KIB, 32 * KIB].map((fragment) => [128 * KIB, fragment] as const),
];

/** A long text of its kind, the same each time. */
function material(make: (random: (below: number) => number) => string): Uint8Array {
  let state = 12345;
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  let text = "";
  while (text.length < 400_000) text += make(random);
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const WORDS = "der die und in zu den das nicht von sie ist des sich mit dem dass er es ein ich"
  .split(" ");

/** As in the list: prose, a picture, a file that is compressed already, JSON, HTML. */
const MATERIALS: readonly (readonly [opcode: 1 | 2, data: Uint8Array])[] = [
  [2, material((random) => `${WORDS[random(WORDS.length)]} `)],
  [2, material((random) => String.fromCharCode(100 + random(12)))],
  [2, material((random) => String.fromCharCode(random(256)))],
  [
    1,
    material((random) =>
      `{"id":${random(1e6)},"name":"${WORDS[random(9)]}","tags":[${random(9)}]},`
    ),
  ],
  [
    1,
    material((random) =>
      `<tr><td class="c${random(5)}">${WORDS[random(WORDS.length)]}</td></tr>\n`
    ),
  ],
];

/** Messages of one case, and the bytes that they have together unless the list is run in full. */
const COUNT = 1000;
const SHORTENED = MIB;

async function echoMany(
  peer: Parameters<Case["run"]>[0],
  [opcode, data]: (typeof MATERIALS)[number],
  [size, fragment]: (typeof SIZES)[number],
  full: boolean,
): Promise<void> {
  if (peer.codecs === null) throw new Error("Compression was not agreed on");
  const count = full ? COUNT : Math.min(COUNT, Math.ceil(SHORTENED / size));
  for (let round = 0; round < count; round++) {
    const start = (round * size) % (data.length - size);
    const payload = data.slice(start, start + size);
    await peer.sendMessage(opcode, payload, fragment);
    await awaits(peer, opcode === 1 ? "text" : "binary", payload);
  }
  await closes(peer);
}

const PMD = "permessage-deflate";
const HINTS = "client_no_context_takeover; client_max_window_bits";

/** The first offer that has all of these parameters decides. */
function accept(needed: readonly string[], answer: string) {
  return (offers: readonly string[]): string | null =>
    offers.some((offer) => needed.every((param) => offer.includes(param))) ? answer : null;
}

const FORGETS = "client_no_context_takeover";
const BITS = "client_max_window_bits";

/** What clients offer and servers answer, in the order of group 13. */
const PARAMETERS: readonly Pick<Case, "offer" | "answer">[] = [
  { offer: `${PMD}; ${HINTS}`, answer: accept([], PMD) },
  {
    offer: `${PMD}; server_no_context_takeover; ${HINTS}`,
    answer: accept([FORGETS], `${PMD}; ${FORGETS}`),
  },
  {
    offer: `${PMD}; server_max_window_bits=9; ${HINTS}`,
    answer: accept([BITS], `${PMD}; ${BITS}=9`),
  },
  {
    offer: `${PMD}; server_max_window_bits=15; ${HINTS}`,
    answer: accept([BITS], `${PMD}; ${BITS}=15`),
  },
  {
    offer: `${PMD}; server_no_context_takeover; server_max_window_bits=9; ${HINTS}`,
    answer: accept([FORGETS, BITS], `${PMD}; ${FORGETS}; ${BITS}=9`),
  },
  {
    offer: `${PMD}; server_no_context_takeover; server_max_window_bits=15; ${HINTS}`,
    answer: accept([FORGETS, BITS], `${PMD}; ${FORGETS}; ${BITS}=15`),
  },
  {
    offer: `${PMD}; server_no_context_takeover; server_max_window_bits=9; ${HINTS}, ` +
      `${PMD}; server_no_context_takeover; ${HINTS}, ${PMD}; ${HINTS}`,
    answer: (offers) =>
      accept([FORGETS, BITS], `${PMD}; ${FORGETS}; ${BITS}=9`)(offers) ??
        accept([FORGETS], `${PMD}; ${FORGETS}`)(offers) ?? PMD,
  },
];

function compressed(full: boolean): Case[] {
  return [
    ...MATERIALS.flatMap((data, at) =>
      SIZES.map((size, index): Case => ({
        id: `12.${at + 1}.${index + 1}`,
        ...PARAMETERS[0],
        run: (peer) => echoMany(peer, data, size, full),
      }))
    ),
    ...PARAMETERS.flatMap((parameters, at) =>
      SIZES.map((size, index): Case => ({
        id: `13.${at + 1}.${index + 1}`,
        ...parameters,
        run: (peer) => echoMany(peer, MATERIALS[3]!, size, full),
      }))
    ),
  ];
}

/** All of them; `full` is with 1,000 messages each where it would be fewer. */
export function sizeCases(full: boolean): readonly Case[] {
  return [...MESSAGES, ...compressed(full)];
}
