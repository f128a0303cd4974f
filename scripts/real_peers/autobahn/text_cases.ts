/** Group 6 of the list: UTF-8, after Markus Kuhn's stress test for decoders. @module */

import { awaits, type Case, closes, isFailed, plain } from "./case.ts";

function hex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

const KOSME = "cebae1bdb9cf83cebcceb5";
const EDITED = "656469746564";
const MIXED = new TextEncoder().encode("Hello-µ@ßöäüàá-UTF-8!!");
const BAD = hex(`${KOSME}eda080${EDITED}`);

/** A fragment for each of some pieces. */
function fragments(pieces: readonly Uint8Array[]) {
  return pieces.map((payload, at) => [{
    opcode: at === 0 ? 1 : 0,
    fin: at === pieces.length - 1,
    payload,
  }]);
}

function single(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

function echoed(id: string, pieces: readonly Uint8Array[], all: Uint8Array): Case {
  return plain(id, { send: fragments(pieces), expect: [["text", all]] });
}

const EMPTY = new Uint8Array(0);
const GREEK = hex(KOSME);

/** Each fails at its second part: the third is not sent. */
function failsFast(id: string, first: string, second: string, chopped: boolean): Case {
  return {
    id,
    async run(peer) {
      const [good, bad] = [hex(first), hex(second)];
      if (chopped) {
        const length = BigInt(good.length + bad.length + 10);
        // One frame, of which the rest never comes.
        const whole = new Uint8Array([...good, ...bad]);
        await peer.send([{ opcode: 1, payload: whole, length }]);
      } else {
        await peer.send([{ opcode: 1, fin: false, payload: good }]);
        await peer.send([{ opcode: 0, fin: false, payload: bad }]);
      }
      await isFailed(peer, 1007);
    },
  };
}

const FIRST: Case[] = [
  echoed("6.1.1", [EMPTY], EMPTY),
  echoed("6.1.2", [EMPTY, EMPTY, EMPTY], EMPTY),
  echoed("6.1.3", [EMPTY, MIXED, EMPTY], MIXED),
  echoed("6.2.1", [MIXED], MIXED),
  echoed("6.2.2", [MIXED.subarray(0, 9), MIXED.subarray(9)], MIXED),
  echoed("6.2.3", single(MIXED), MIXED),
  echoed("6.2.4", single(GREEK), GREEK),
  plain("6.3.1", { send: [[{ opcode: 1, payload: BAD }]], fails: 1007 }),
  plain("6.3.2", { send: fragments(single(BAD)), fails: 1007 }),
  failsFast("6.4.1", KOSME, "f4908080", false),
  failsFast("6.4.2", `${KOSME}f4`, "90", false),
  failsFast("6.4.3", KOSME, "f4908080", true),
  failsFast("6.4.4", `${KOSME}f4`, "90", true),
];

const MISSING_LAST = [
  "c0",
  "e080",
  "f08080",
  "f8808080",
  "fc80808080",
  "df",
  "efbf",
  "f7bfbf",
  "fbbfbfbf",
  "fdbfbfbfbf",
];

function span(from: number, to: number, between = ""): string {
  return Array.from({ length: to - from }, (_, at) => (from + at).toString(16) + between).join("");
}

/** Of the planes beyond the first, the two last characters, which are none and may be sent. */
const NONCHARACTERS = ["f0", "f1", "f2", "f3", "f4"].flatMap((first) =>
  ["8f", "9f", "af", "bf"].flatMap((second) =>
    (first === "f4" && second !== "8f") || (first === "f0" && second === "8f")
      ? []
      : [`${first}${second}bfbe`, `${first}${second}bfbf`]
  )
);

/** Subgroups 6.5 to 6.23, in their order. */
const SEQUENCES: readonly (readonly string[])[] = [
  [
    "68656c6c6f24776f726c64",
    "68656c6c6fc2a2776f726c64",
    "68656c6c6fe282ac776f726c64",
    "68656c6c6ff0a4ada2776f726c64",
    KOSME,
  ],
  Array.from({ length: GREEK.length }, (_, at) => KOSME.slice(0, 2 * (at + 1))),
  ["00", "c280", "e0a080", "f0908080"],
  ["f888808080", "fc8480808080"],
  ["7f", "dfbf", "efbfbf", "f48fbfbf"],
  ["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"],
  ["ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080"],
  ["80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf", span(0x80, 0xbf)],
  [[0xc0, 0xdf], [0xe0, 0xef], [0xf0, 0xf7], [0xf8, 0xfb], [0xfc, 0xfd]].map(([from, to]) =>
    span(from!, to!, "20")
  ),
  MISSING_LAST,
  [MISSING_LAST.join("")],
  ["fe", "ff", "fefeffff"],
  ["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"],
  ["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"],
  ["c080", "e08080", "f0808080", "f880808080", "fc8080808080"],
  ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"],
  ["eda080", "edadbf", "edae80", "edafbf"].flatMap((high) =>
    ["edb080", "edbfbf"].map((low) => high + low)
  ),
  ["efbfbe", "efbfbf", ...NONCHARACTERS],
  ["efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"],
];

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const KUHN: Case[] = SEQUENCES.flatMap((list, at) =>
  list.map((digits, index): Case => {
    const payload = hex(digits);
    const id = `6.${at + 5}.${index + 1}`;
    if (!isText(payload)) return plain(id, { send: [[{ opcode: 1, payload }]], fails: 1007 });
    return {
      id,
      async run(peer) {
        await peer.send([{ opcode: 1, payload }]);
        await awaits(peer, "text", payload);
        await closes(peer);
      },
    };
  })
);

/** All of them. */
export const TEXT_CASES: readonly Case[] = [...FIRST, ...KUHN];
