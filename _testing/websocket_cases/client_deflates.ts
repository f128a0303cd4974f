/** permessage-deflate (RFC 7692) at a client. @module */

import { type ClientCase, echoes, extension, fails, PMD, sent } from "./client_case.ts";
import { deflated, hex, join } from "./frames.ts";

const RSV1 = { rsv: 4 };
const ON = extension(PMD);
const HELLO = hex("f248cdc9c90700");
/** Repeats itself at a distance of some 3,000 bytes, and of 9. */
const LONG = `${"abcdefgh ".repeat(40)}${numbers()}${"abcdefgh ".repeat(40)}${numbers()}`;

function numbers(): string {
  return Array.from({ length: 700 }, (_, at) => at * at).join(",");
}

function deflate(payload: Uint8Array | string, opcode = 1): Uint8Array {
  return sent(opcode, payload, RSV1);
}

const WINDOWS: ClientCase[] = [8, 9, 10, 11, 12, 13, 14, 15].flatMap((bits) => [
  echoes(
    `server-window-${bits}`,
    [deflate(deflated(LONG, undefined, bits)), deflate(deflated("small", undefined, bits))],
    [`text of ${LONG.length}`, "text small"],
    extension(`${PMD}; server_max_window_bits=${bits}`),
  ),
  echoes(`client-window-${bits}`, [sent(1, LONG), sent(1, LONG)], [
    `text of ${LONG.length}`,
    `text of ${LONG.length}`,
  ], { ...extension(`${PMD}; client_max_window_bits=${bits}`), clientWindow: bits }),
  echoes(`client-offers-window-${bits}`, [sent(1, LONG)], [`text of ${LONG.length}`], {
    ...extension(`${PMD}; client_max_window_bits=${bits}`),
    compression: { clientMaxWindowBits: bits },
    clientWindow: bits,
  }),
]);

const TAKEOVER: ClientCase[] = [
  echoes("server-keeps", [deflate(HELLO), deflate(hex("f200110000"))], [
    "text Hello",
    "text Hello",
  ], ON),
  echoes("server-may-forget", [deflate(HELLO), deflate(HELLO)], ["text Hello", "text Hello"], ON),
  echoes("server-forgets", [deflate(HELLO), deflate(HELLO)], [
    "text Hello",
    "text Hello",
  ], extension(`${PMD}; server_no_context_takeover`)),
  fails("server-forgets-and-does-not", 1007, [
    deflate(hex("f200110000")),
  ], extension(`${PMD}; server_no_context_takeover`)),
  fails("server-forgets-and-refers", 1007, [deflate(HELLO), deflate(hex("f200110000"))], {
    ...extension(`${PMD}; server_no_context_takeover`),
    expect: ["text Hello", "close 1007"],
  }),
  echoes("client-keeps", [sent(1, LONG), sent(1, LONG)], [
    `text of ${LONG.length}`,
    `text of ${LONG.length}`,
  ], ON),
  echoes("client-forgets", [sent(1, LONG), sent(1, LONG)], [
    `text of ${LONG.length}`,
    `text of ${LONG.length}`,
  ], { ...extension(`${PMD}; client_no_context_takeover`), clientForgets: true }),
  echoes(
    "both-forget",
    [deflate(deflated(LONG)), deflate(deflated(LONG)), sent(1, "plain"), deflate(HELLO)],
    [`text of ${LONG.length}`, `text of ${LONG.length}`, "text plain", "text Hello"],
    {
      ...extension(`${PMD}; client_no_context_takeover; server_no_context_takeover`),
      clientForgets: true,
    },
  ),
  echoes("kept-over-plain", [deflate(HELLO), sent(1, "plain"), deflate(hex("f200110000"))], [
    "text Hello",
    "text plain",
    "text Hello",
  ], ON),
  echoes("kept-over-ping", [deflate(HELLO), sent(9, "p"), deflate(hex("f200110000"))], [
    "text Hello",
    "pong 70",
    "text Hello",
  ], ON),
];

const PAYLOADS: ClientCase[] = [
  echoes("hello", [deflate(HELLO)], ["text Hello"], { ...ON, splits: true }),
  echoes("early", [deflate(HELLO)], ["text Hello"], { ...ON, early: true }),
  echoes("bytewise", [deflate(HELLO)], ["text Hello"], { ...ON, bytewise: true }),
  echoes(
    "hello-in-fragments",
    [
      sent(1, hex("f248cd"), { ...RSV1, fin: false }),
      sent(0, hex("c9c90700")),
    ],
    ["text Hello"],
    { ...ON, splits: true },
  ),
  echoes(
    "hello-byte-by-byte",
    [
      sent(1, "", { ...RSV1, fin: false }),
      ...Array.from(HELLO, (byte) => sent(0, Uint8Array.of(byte), { fin: false })),
      sent(0),
    ],
    ["text Hello"],
    ON,
  ),
  echoes(
    "ping-between",
    [
      sent(1, hex("f248cd"), { ...RSV1, fin: false }),
      sent(9, "p"),
      sent(0, hex("c9c90700")),
    ],
    ["pong 70", "text Hello"],
    ON,
  ),
  echoes("stored", [deflate(hex("000500faff48656c6c6f00"))], ["text Hello"], ON),
  echoes("last-block", [deflate(hex("f348cdc9c9070000"))], ["text Hello"], ON),
  echoes("last-block-twice", [deflate(hex("f348cdc9c9070000")), deflate(HELLO)], [
    "text Hello",
    "text Hello",
  ], ON),
  echoes(
    "last-blocks-in-one-message",
    [
      deflate(hex("f348cdc9c90700 f348cdc9c90700 00")),
      deflate(HELLO),
    ],
    ["text HelloHello", "text Hello"],
    ON,
  ),
  echoes("no-byte-at-all", [deflate(""), deflate(HELLO)], ["text ", "text Hello"], ON),
  echoes("two-blocks", [deflate(hex("f248050000 00ffff cac9c90700"))], ["text Hello"], ON),
  echoes("empty", [deflate(hex("00"))], ["text "], ON),
  echoes("empty-fixed", [deflate(hex("0200"))], ["text "], ON),
  echoes("empty-last-block", [deflate(hex("030000"))], ["text "], ON),
  echoes(
    "empty-in-fragments",
    [
      sent(1, "", { ...RSV1, fin: false }),
      sent(0, hex("00"), { fin: false }),
      sent(0),
    ],
    ["text "],
    ON,
  ),
  echoes("empty-then-more", [deflate(hex("00")), deflate(HELLO)], ["text ", "text Hello"], ON),
  echoes("empty-plain", [sent(1), sent(2)], ["text ", "binary "], ON),
  echoes("binary", [deflate(deflated(hex("00ff80")), 2)], ["binary 00ff80"], ON),
  echoes("plain", [sent(1, "plain"), deflate(HELLO), sent(1, "plain")], [
    "text plain",
    "text Hello",
    "text plain",
  ], ON),
  echoes("plain-in-fragments", [sent(1, "pl", { fin: false }), sent(0, "ain")], [
    "text plain",
  ], ON),
  echoes("large", [deflate(deflated("large ".repeat(50_000)))], ["text of 300000"], ON),
  echoes("large-plain", [sent(2, new Uint8Array(300_000))], ["binary of 300000"], ON),
  echoes("at-limit", [deflate(deflated("*".repeat(1000)))], ["text of 1000"], {
    ...ON,
    limited: true,
  }),
  echoes("at-limit-stored", [deflate(stored(1000), 2)], ["binary of 1000"], {
    ...ON,
    limited: true,
  }),
];

/** Bytes that do not get smaller: in one block that is not compressed, five bytes longer. */
function stored(size: number): Uint8Array {
  const [low, high] = [size & 0xff, size >> 8];
  const head = Uint8Array.of(0, low, high, low ^ 0xff, high ^ 0xff);
  return join(head, new Uint8Array(size).fill(7), hex("00"));
}

const BAD: ClientCase[] = [
  fails("reserved-block", 1007, [deflate(hex("0700"))], ON),
  fails("noise", 1007, [deflate(hex("ffffffffff"))], ON),
  fails("bad-stored-length", 1007, [deflate(hex("0005000000"))], ON),
  fails("too-far-back", 1007, [deflate(hex("f200110000"))], ON),
  fails("not-compressed", 1007, [deflate("not deflated at all")], ON),
  fails("cut-stored", 1007, [deflate(hex("0064009bff0102"), 2)], ON),
  fails("cut-huffman", 1007, [deflate(hex("f248cdc9c907"))], ON),
  fails("cut-huffman-short", 1007, [deflate(hex("f248cd"))], ON),
  fails("noise-after-last-block", 1007, [deflate(hex("f348cdc9c90700 0700"))], ON),
  fails("no-utf8", 1007, [deflate(deflated(hex("61ff")))], ON),
  fails("half-a-character", 1007, [deflate(deflated(hex("61e282")))], ON),
  fails("no-utf8-fast", 1007, [
    sent(1, deflated(hex("61ff62")), { ...RSV1, fin: false }),
  ], ON),
  fails("not-agreed", 1002, [deflate(HELLO)], { compression: true }),
  fails("not-offered", 1002, [deflate(HELLO)]),
  ...[2, 1, 3].flatMap((rsv) => [
    fails(`rsv-${rsv}`, 1002, [sent(1, HELLO, { rsv: 4 + rsv })], ON),
    fails(`rsv-${rsv}-plain`, 1002, [sent(1, "a", { rsv })], ON),
  ]),
  ...[8, 9, 10].map((opcode) =>
    fails(`control-${opcode}`, 1002, [sent(opcode, opcode === 8 ? hex("03e8") : "", RSV1)], ON)
  ),
  fails("control-between", 1002, [
    sent(1, HELLO.slice(0, 2), { ...RSV1, fin: false }),
    sent(9, "p", RSV1),
  ], ON),
  fails("continuation", 1002, [
    sent(1, HELLO.slice(0, 2), { ...RSV1, fin: false }),
    sent(0, HELLO.slice(2), RSV1),
  ], ON),
  fails("continuation-of-plain", 1002, [
    sent(1, "a", { fin: false }),
    sent(0, HELLO, RSV1),
  ], ON),
  fails("inflated-size", 1009, [deflate(deflated("*".repeat(1001)))], { ...ON, limited: true }),
  fails("inflated-size-fragments", 1009, [
    sent(1, deflated("*".repeat(2000)).slice(0, 8), { ...RSV1, fin: false }),
    sent(0, deflated("*".repeat(2000)).slice(8)),
  ], { ...ON, limited: true }),
  fails("bomb", 1009, [deflate(deflated("*".repeat(20_000_000)))], ON),
  fails("bad-after-good", 1007, [join(deflate(HELLO), deflate(hex("0700")))], {
    ...ON,
    expect: ["text Hello", "close 1007"],
  }),
];

/** By area. */
export const CLIENT_DEFLATES: Readonly<Record<string, readonly ClientCase[]>> = {
  windows: WINDOWS,
  "context takeover": TAKEOVER,
  "compressed messages": PAYLOADS,
  "corrupt messages": BAD,
};
