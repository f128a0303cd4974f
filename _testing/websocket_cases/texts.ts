/** UTF-8 and the closing handshake (RFC 6455, sections 5.5.1, 7 and 8.1). @module */

import { begin, close, echoes, fails, last, more, ping, type ServerCase, text } from "./case.ts";
import { frame, hex, join, textOf } from "./frames.ts";

/** Byte sequences that are no UTF-8. */
export const INVALID: readonly string[] = [
  "80",
  "bf",
  "8080",
  "c0",
  "c080",
  "c1bf",
  "c3",
  "c328",
  "e0",
  "e08080",
  "e09fbf",
  "e282",
  "e28228",
  "eda080",
  "edbfbf",
  "edadbfedb080",
  "f0808080",
  "f08fbfbf",
  "f0288cbc",
  "f090",
  "f0908c",
  "f4908080",
  "f5808080",
  "f888808080",
  "fc8480808080",
  "fe",
  "ff",
  "feffff",
  "cebae1bdb9cf83cebcceb5eda080656469746564",
];

/** Byte sequences that are. */
export const VALID: readonly string[] = [
  "cebae1bdb9cf83cebcceb5",
  "00",
  "7f",
  "c280",
  "dfbf",
  "e0a080",
  "ed9fbf",
  "ee8080",
  "efbfbd",
  "efbfbe",
  "efbfbf",
  "efbbbf61",
  "f0908080",
  "f48fbfbf",
  "f48fbfbe",
];

function words(bytes: Uint8Array): string {
  return `text ${textOf(bytes)}`;
}

const UTF8: ServerCase[] = [
  ...INVALID.flatMap((digits) => [
    fails(`invalid-${digits}`, 1007, [text(hex(digits))]),
    fails(`invalid-${digits}-in-fragments`, 1007, [
      begin("abc"),
      ...Array.from(hex(digits), (byte) => more(Uint8Array.of(byte))),
      last(""),
    ]),
    fails(`invalid-${digits}-after-text`, 1007, [text(join(hex("61".repeat(70)), hex(digits)))]),
  ]),
  ...VALID.flatMap((digits) => {
    const bytes = hex(digits);
    return [
      echoes(`valid-${digits}`, [text(bytes)], [words(bytes)], { splits: digits === VALID[0] }),
      echoes(`valid-${digits}-in-fragments`, [
        begin(""),
        ...Array.from(bytes, (byte) => more(Uint8Array.of(byte))),
        last(""),
      ], [words(bytes)]),
    ];
  }),
];

/** The connection fails although the frame or the message is not complete. */
const FAIL_FAST: ServerCase[] = [
  ...["80", "c0", "f5", "cebaeda0", "f490"].flatMap((digits) => [
    fails(`fragment-${digits}`, 1007, [begin(hex(digits))]),
    fails(`continuation-${digits}`, 1007, [begin("abc"), more(hex(digits))]),
    fails(`frame-cut-${digits}`, 1007, [text(hex(digits), { length: 100n })]),
    fails(`continuation-cut-${digits}`, 1007, [
      begin("abc"),
      last(hex(digits), { length: 1000n }),
    ]),
  ]),
  fails("across-fragments", 1007, [begin(hex("ed")), more(hex("a0"))]),
  fails("cut-at-the-end", 1007, [begin(hex("f09080")), last("")]),
  fails(
    "byte-by-byte",
    1007,
    Array.from(
      text(hex("cebaf4908080"), { length: 100n }),
      (byte) => Uint8Array.of(byte),
    ),
  ),
  echoes("binary-is-free", [frame({ opcode: 2, payload: hex("80ff") })], ["binary 80ff"]),
  echoes("ping-is-free", [ping(hex("80ff"))], ["pong 80ff"]),
];

const CODES: ServerCase[] = [
  ...[
    1000,
    1001,
    1002,
    1003,
    1007,
    1008,
    1009,
    1010,
    1011,
    1012,
    1013,
    1014,
    3000,
    3999,
    4000,
    4999,
  ]
    .flatMap((code) => [
      { name: `valid-${code}`, send: [close(code)], expect: [`close ${code}`] },
      {
        name: `valid-${code}-reason`,
        send: [close(code, "why")],
        expect: [`close ${code}`],
        report: `${code} why`,
      },
    ]),
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 9999, 65_535].flatMap((
    code,
  ) => [
    fails(`invalid-${code}`, 1002, [close(code)]),
    fails(`invalid-${code}-reason`, 1002, [close(code, "why")]),
  ]),
];

const CLOSES: ServerCase[] = [
  { name: "empty", send: [frame({ opcode: 8 })], expect: ["close"], splits: true },
  fails("one-byte", 1002, [frame({ opcode: 8, payload: hex("03") })]),
  {
    name: "reason-123",
    send: [close(1000, "*".repeat(123))],
    expect: ["close 1000"],
    report: `1000 ${"*".repeat(123)}`,
  },
  {
    name: "reason-utf8",
    send: [close(1000, "añ€𝄞")],
    expect: ["close 1000"],
    report: "1000 añ€𝄞",
    splits: true,
  },
  ...["80", "c3", "eda080", "f4908080", "cebae1bdb9cf83cebcceb5eda080656469746564"].map((digits) =>
    fails(`reason-${digits}`, 1007, [close(1000, hex(digits))])
  ),
  ...[text("late"), ping("late"), close(1001), text("a", { masked: false }), hex("ffff")].flatMap(
    (late, at) => [
      { name: `after-close-${at}`, send: [close(1000), late], expect: ["close 1000"] },
      { name: `after-close-joined-${at}`, send: [join(close(1000), late)], expect: ["close 1000"] },
    ],
  ),
  {
    name: "after-message",
    send: [join(text("a"), close(1000))],
    expect: ["text a", "close 1000"],
    splits: true,
  },
  {
    name: "after-ping",
    send: [join(ping("a"), close(1000))],
    expect: ["pong 61", "close 1000"],
  },
  {
    name: "after-large",
    send: [text("*".repeat(262_144)), close(1000)],
    expect: ["text of 262144", "close 1000"],
  },
  fails("after-violation", 1002, [text("a", { rsv: 1 }), text("b"), close(1000)]),
];

/** By area. */
export const TEXTS: Readonly<Record<string, readonly ServerCase[]>> = {
  "UTF-8": UTF8,
  "UTF-8 at its first wrong byte": FAIL_FAST,
  "close codes": CODES,
  closing: CLOSES,
};
