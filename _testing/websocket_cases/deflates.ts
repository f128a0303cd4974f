/** permessage-deflate (RFC 7692) at a server. @module */

import { begin, echoes, fails, last, more, ping, type ServerCase, text } from "./case.ts";
import { deflated, frame, hex, join } from "./frames.ts";

const NAME = "permessage-deflate";
const ON = { offer: NAME, answer: NAME };

const OFFERS: ServerCase[] = ([
  [NAME, NAME],
  ["Permessage-Deflate", NAME],
  [` ${NAME} `, NAME],
  [`${NAME}, ${NAME}; server_max_window_bits=10`, NAME],
  [`x-unknown, ${NAME}`, NAME],
  [`x-unknown; a=b; c="d", ${NAME}`, NAME],
  ["x-unknown", null],
  ["permessage-bzip2", null],
  ["x-webkit-deflate-frame", null],
  [`${NAME}; client_max_window_bits`, NAME],
  [`${NAME}; server_no_context_takeover`, `${NAME}; server_no_context_takeover`],
  [`${NAME};server_no_context_takeover`, `${NAME}; server_no_context_takeover`],
  [`${NAME}; server_max_window_bits="10"`, `${NAME}; server_max_window_bits=10`],
  [`${NAME}; server_max_window_bits="1\\0"`, `${NAME}; server_max_window_bits=10`],
  ...[8, 9, 10, 11, 12, 13, 14, 15].map((bits): [string, string] => [
    `${NAME}; server_max_window_bits=${bits}`,
    `${NAME}; server_max_window_bits=${bits}`,
  ]),
  ...["7", "16", "0", "08", "9.0", "1e1", "+10", "-8", "0x9", "010", "15a", "99999999999", "8,5x"]
    .flatMap((value): [string, string | null][] =>
      value.includes(",") ? [] : [
        [`${NAME}; server_max_window_bits=${value}`, null],
        [`${NAME}; client_max_window_bits=${value}`, null],
        [`${NAME}; server_max_window_bits=${value}, ${NAME}`, NAME],
      ]
    ),
  [`${NAME}; server_max_window_bits`, null],
  [`${NAME}; server_no_context_takeover=1`, null],
  [`${NAME}; server_no_context_takeover=true`, null],
  [`${NAME}; client_no_context_takeover=true`, null],
  [`${NAME}; unknown`, null],
  [`${NAME}; unknown=1`, null],
  [`${NAME}; server_no_context_takeover; server_no_context_takeover`, null],
  [`${NAME}; client_no_context_takeover; client_no_context_takeover`, null],
  [`${NAME}; server_max_window_bits=10; server_max_window_bits=10`, null],
  [`${NAME}; client_max_window_bits; client_max_window_bits=10`, null],
  [`${NAME}; unknown, ${NAME}`, NAME],
  [`${NAME}; SERVER_MAX_WINDOW_BITS=10`, `${NAME}; server_max_window_bits=10`],
] as [string, string | null][]).map(([offer, answer]) => ({
  name: `offer ${offer}`,
  offer,
  answer,
  send: [text("Hello")],
  expect: ["text Hello"],
  serverForgets: answer?.includes("server_no_context") === true,
}));

/** Repeats itself at a distance of some 3,000 bytes, and of 9. */
const NUMBERS = Array.from({ length: 700 }, (_, at) => at * at).join(",");
const LONG = `${"abcdefgh ".repeat(40)}${NUMBERS}${"abcdefgh ".repeat(40)}${NUMBERS}`;
const LONG_WORDS = `text of ${LONG.length}`;

/** Neither side refers further back than was agreed on. */
const WINDOWS: ServerCase[] = [8, 9, 10, 11, 12, 13, 14, 15].flatMap((bits) => [
  echoes(
    `client-window-${bits}`,
    [
      text(deflated(LONG, undefined, bits), { rsv: 4 }),
      text(deflated("small", undefined, bits), { rsv: 4 }),
    ],
    [LONG_WORDS, "text small"],
    { offer: `${NAME}; client_max_window_bits=${bits}` },
  ),
  echoes(`server-window-${bits}`, [text(LONG), text(LONG)], [LONG_WORDS, LONG_WORDS], {
    offer: `${NAME}; server_max_window_bits=${bits}`,
    serverWindow: bits,
  }),
  echoes(`server-window-${bits}-forgets`, [text(LONG), text(LONG)], [LONG_WORDS, LONG_WORDS], {
    offer: `${NAME}; server_no_context_takeover; server_max_window_bits=${bits}`,
    serverForgets: true,
    serverWindow: bits,
  }),
]);

const HELLO = hex("f248cdc9c90700");

const PAYLOADS: ServerCase[] = [
  echoes("hello", [text(HELLO, { rsv: 4 })], ["text Hello"], { ...ON, splits: true }),
  echoes(
    "hello-in-fragments",
    [
      begin(hex("f248cd"), { rsv: 4 }),
      last(hex("c9c90700")),
    ],
    ["text Hello"],
    { ...ON, splits: true },
  ),
  echoes(
    "hello-byte-by-byte",
    [
      begin("", { rsv: 4 }),
      ...Array.from(HELLO, (byte) => more(Uint8Array.of(byte))),
      last(""),
    ],
    ["text Hello"],
    ON,
  ),
  echoes("ping-between", [begin(hex("f248cd"), { rsv: 4 }), ping("p"), last(hex("c9c90700"))], [
    "pong 70",
    "text Hello",
  ], ON),
  echoes("takeover-sample", [text(HELLO, { rsv: 4 }), text(hex("f200110000"), { rsv: 4 })], [
    "text Hello",
    "text Hello",
  ], ON),
  echoes("no-takeover-sample", [text(HELLO, { rsv: 4 }), text(HELLO, { rsv: 4 })], [
    "text Hello",
    "text Hello",
  ], ON),
  echoes("stored", [text(hex("000500faff48656c6c6f00"), { rsv: 4 })], ["text Hello"], ON),
  echoes("last-block", [text(hex("f348cdc9c9070000"), { rsv: 4 })], ["text Hello"], ON),
  echoes(
    "last-block-twice",
    [
      text(hex("f348cdc9c9070000"), { rsv: 4 }),
      text(HELLO, { rsv: 4 }),
    ],
    ["text Hello", "text Hello"],
    ON,
  ),
  echoes(
    "last-blocks-in-one-message",
    [
      text(hex("f348cdc9c90700 f348cdc9c90700 00"), { rsv: 4 }),
      text(HELLO, { rsv: 4 }),
    ],
    ["text HelloHello", "text Hello"],
    ON,
  ),
  echoes(
    "last-block-in-fragments",
    [
      begin(hex("f348cdc9"), { rsv: 4 }),
      more(hex("c90700")),
      last(hex("f248cdc9c90700")),
    ],
    ["text HelloHello"],
    ON,
  ),
  echoes("no-byte-at-all", [text("", { rsv: 4 }), text(HELLO, { rsv: 4 })], [
    "text ",
    "text Hello",
  ], ON),
  echoes(
    "two-blocks",
    [text(hex("f248050000 00ffff cac9c90700".replaceAll(" ", "")), { rsv: 4 })],
    [
      "text Hello",
    ],
    ON,
  ),
  echoes("empty", [text(hex("00"), { rsv: 4 })], ["text "], ON),
  echoes("empty-fixed", [text(hex("0200"), { rsv: 4 })], ["text "], ON),
  echoes("empty-then-more", [text(hex("00"), { rsv: 4 }), text(HELLO, { rsv: 4 })], [
    "text ",
    "text Hello",
  ], ON),
  echoes("plain-with-deflate", [text("plain"), text(HELLO, { rsv: 4 }), text("plain")], [
    "text plain",
    "text Hello",
    "text plain",
  ], ON),
  echoes("plain-in-fragments", [begin("pl"), last("ain")], ["text plain"], ON),
  echoes(
    "takeover",
    [
      text(deflated("one two three one two three"), { rsv: 4 }),
      text(deflated("two three one", "one two three one two three"), { rsv: 4 }),
    ],
    ["text one two three one two three", "text two three one"],
    ON,
  ),
  echoes("large", [text(deflated("large ".repeat(50_000)), { rsv: 4 })], ["text of 300000"], ON),
  echoes("binary", [frame({ opcode: 2, rsv: 4, payload: deflated(hex("00ff80")) })], [
    "binary 00ff80",
  ], ON),
  echoes("client-forgets", [text(HELLO, { rsv: 4 }), text(HELLO, { rsv: 4 })], [
    "text Hello",
    "text Hello",
  ], { offer: `${NAME}; client_no_context_takeover` }),
  echoes("server-forgets", [text(HELLO, { rsv: 4 }), text(HELLO, { rsv: 4 })], [
    "text Hello",
    "text Hello",
  ], { offer: `${NAME}; server_no_context_takeover`, serverForgets: true }),
];

/** Bytes that do not get smaller: in one block that is not compressed, five bytes longer. */
function stored(size: number): Uint8Array {
  const [low, high] = [size & 0xff, size >> 8];
  const head = Uint8Array.of(0, low, high, low ^ 0xff, high ^ 0xff);
  return join(head, new Uint8Array(size).fill(7), hex("00"));
}

const BAD: ServerCase[] = [
  fails("reserved-block", 1007, [text(hex("0700"), { rsv: 4 })], ON),
  fails("noise", 1007, [text(hex("ffffffffff"), { rsv: 4 })], ON),
  fails("bad-stored-length", 1007, [text(hex("0005000000"), { rsv: 4 })], ON),
  fails("too-far-back", 1007, [text(hex("f200110000"), { rsv: 4 })], ON),
  fails("not-compressed", 1007, [text("not deflated at all", { rsv: 4 })], ON),
  fails("cut-stored", 1007, [
    frame({ opcode: 2, rsv: 4, payload: hex("006400 9bff 0102".replaceAll(" ", "")) }),
  ], ON),
  fails("cut-huffman", 1007, [text(hex("f248cdc9c907"), { rsv: 4 })], ON),
  fails("cut-huffman-short", 1007, [text(hex("f248cd"), { rsv: 4 })], ON),
  fails("noise-after-last-block", 1007, [text(hex("f348cdc9c90700 0700"), { rsv: 4 })], ON),
  fails("no-utf8", 1007, [text(deflated(hex("61ff")), { rsv: 4 })], ON),
  fails("half-a-character", 1007, [text(deflated(hex("61e282")), { rsv: 4 })], ON),
  fails("no-utf8-in-fragments", 1007, [
    begin(deflated(hex("61ff")).slice(0, 2), { rsv: 4 }),
    last(deflated(hex("61ff")).slice(2)),
  ], ON),
  fails("not-agreed", 1002, [text(HELLO, { rsv: 4 })]),
  fails("declined", 1002, [text(HELLO, { rsv: 4 })], { offer: `${NAME}; unknown`, answer: null }),
  fails("inflated-size", 1009, [text(deflated("*".repeat(1001)), { rsv: 4 })], {
    ...ON,
    limited: true,
  }),
  fails("bomb", 1009, [text(deflated("*".repeat(20_000_000)), { rsv: 4 })], ON),
  echoes("stored-at-limit", [frame({ opcode: 2, rsv: 4, payload: stored(1000) })], [
    "binary of 1000",
  ], { ...ON, limited: true }),
  echoes("inflated-at-limit", [text(deflated("*".repeat(1000)), { rsv: 4 })], ["text of 1000"], {
    ...ON,
    limited: true,
  }),
  {
    name: "bad-after-good",
    send: [join(text(HELLO, { rsv: 4 }), text(hex("0700"), { rsv: 4 }))],
    expect: ["text Hello", "close 1007"],
    report: "1006",
    ...ON,
  },
];

/** By area. */
export const DEFLATES: Readonly<Record<string, readonly ServerCase[]>> = {
  offers: OFFERS,
  windows: WINDOWS,
  "compressed messages": PAYLOADS,
  "corrupt messages": BAD,
};
