/** What a client has to do with frames (RFC 6455, sections 5, 8.1 and 10.4). @module */

import { type ClientCase, echoes, fails, sent } from "./client_case.ts";
import { closing, frame, hex, join, textOf } from "./frames.ts";
import { INVALID, VALID } from "./texts.ts";

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x2a);
const open = { fin: false };

function words(kind: "text" | "binary", size: number): string {
  if (size > 200) return `${kind} of ${size}`;
  return `${kind} ${(kind === "text" ? "*" : "2a").repeat(size)}`;
}

const SIZES: ClientCase[] = [0, 1, 2, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 200_000]
  .flatMap((size) => [
    echoes(`text-${size}`, [sent(1, bytes(size))], [words("text", size)]),
    echoes(`binary-${size}`, [sent(2, bytes(size))], [words("binary", size)]),
  ]);

const SEGMENTS: ClientCase[] = [
  echoes("text-splits", [sent(1, "Hello")], ["text Hello"], { splits: true }),
  echoes("extended-splits", [sent(2, bytes(126))], [words("binary", 126)], { splits: true }),
  echoes("mixed-splits", [sent(1, "a"), sent(9, "p"), sent(2, hex("00ff"))], [
    "text a",
    "pong 70",
    "binary 00ff",
  ], { splits: true }),
  echoes("bytewise", [sent(1, "Hello"), sent(9, "p")], ["text Hello", "pong 70"], {
    bytewise: true,
  }),
  echoes("early", [sent(1, "Hello"), sent(9, "p")], ["text Hello", "pong 70"], { early: true }),
  echoes("early-large", [sent(2, bytes(100_000))], ["binary of 100000"], { early: true }),
  echoes("early-after-100", [sent(1, "a")], ["text a"], {
    early: true,
    before: "HTTP/1.1 100 Continue\r\n\r\n",
  }),
  echoes("early-with-length", [sent(1, "Hello")], ["text Hello"], {
    early: true,
    fields: { "Content-Length": "7" },
  }),
  echoes("early-part", [sent(1, "Hello").slice(0, 3)], [], {
    early: true,
    send: [
      join(sent(1, "Hello"), sent(8, closing(1000))).slice(0, 3),
      join(sent(1, "Hello"), sent(8, closing(1000))).slice(3),
    ],
    expect: ["text Hello", "close 1000"],
  }),
  {
    name: "early-close",
    send: [sent(8, closing(1001, "Bye"))],
    early: true,
    expect: ["close 1001"],
    end: 1001,
    reason: "Bye",
  },
  fails("early-masked", 1002, [frame({ opcode: 1, payload: "a" })], { early: true }),
  fails("early-noise", 1002, [hex("ffffffff")], { early: true }),
  fails("http-after", 1002, [new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n")]),
];

const RESERVED: ClientCase[] = [
  ...[1, 2, 3, 4, 5, 6, 7].flatMap((rsv) =>
    [1, 2, 8, 9, 10].map((opcode) =>
      fails(`rsv-${rsv}-opcode-${opcode}`, 1002, [
        sent(opcode, opcode === 8 ? closing(1000) : "a", { rsv }),
      ])
    )
  ),
  ...[1, 2, 3, 4, 5, 6, 7].map((rsv) =>
    fails(`rsv-${rsv}-continuation`, 1002, [sent(1, "a", open), sent(0, "b", { rsv })])
  ),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
    fails(`opcode-${opcode}`, 1002, [sent(opcode)]),
    fails(`opcode-${opcode}-payload`, 1002, [sent(opcode, "abc"), sent(9, "x")]),
    fails(`opcode-${opcode}-between`, 1002, [sent(1, "a", open), sent(opcode), sent(0, "b")]),
    fails(`opcode-${opcode}-after`, 1002, [sent(1, "a"), sent(opcode)], {
      expect: ["text a", "close 1002"],
    }),
  ]),
];

const MASKS: ClientCase[] = [0, 1, 2, 8, 9, 10].flatMap((opcode) => [
  fails(`masked-${opcode}`, 1002, [
    ...(opcode === 0 ? [sent(1, "a", open)] : []),
    frame({ opcode, payload: opcode === 8 ? closing(1000) : "" }),
  ]),
  fails(`masked-${opcode}-after`, 1002, [
    sent(1, "a"),
    ...(opcode === 0 ? [sent(1, "a", open)] : []),
    frame({ opcode, payload: opcode === 8 ? closing(1000) : "abc" }),
  ], { expect: ["text a", "close 1002"] }),
]);

const LENGTHS: ClientCase[] = [
  ...[0, 1, 125].flatMap((size) =>
    ([16, 64] as const).flatMap((lengthBits) => [
      fails(`${lengthBits}-bits-for-${size}`, 1002, [sent(2, bytes(size), { lengthBits })]),
      fails(`${lengthBits}-bits-for-${size}-text`, 1002, [sent(1, bytes(size), { lengthBits })]),
    ])
  ),
  fails("64-bits-for-126", 1002, [sent(2, bytes(126), { lengthBits: 64 })]),
  fails("64-bits-for-65535", 1002, [sent(2, "", { length: 65_535n, lengthBits: 64 })]),
  ...[1n << 63n, (1n << 64n) - 1n, (1n << 63n) + 5n].map((length) =>
    fails(`length-${length}`, 1002, [sent(2, "", { length })])
  ),
  ...[(1n << 63n) - 1n, 1n << 53n, 1n << 40n, 1n << 32n, 1n << 31n, 16_777_217n].map((length) =>
    fails(`length-${length}`, 1009, [sent(2, "", { length })])
  ),
];

const CONTROL: ClientCase[] = [
  ...[0, 1, 8, 124, 125].map((size) =>
    echoes(`ping-${size}`, [sent(9, bytes(size))], [`pong ${"2a".repeat(size)}`])
  ),
  ...[8, 9, 10].flatMap((opcode) => [
    fails(`control-${opcode}-126`, 1002, [sent(opcode, bytes(126))]),
    fails(`control-${opcode}-65536`, 1002, [sent(opcode, bytes(65_536))]),
    fails(`control-${opcode}-in-fragments`, 1002, [sent(opcode, "", open)]),
    fails(`control-${opcode}-16-bits`, 1002, [sent(opcode, bytes(3), { lengthBits: 16 })]),
    fails(`control-${opcode}-continued`, 1002, [sent(opcode, "", open), sent(0)]),
    fails(`control-${opcode}-announced`, 1002, [sent(opcode, "", { length: 126n })]),
  ]),
  echoes("pings", Array.from({ length: 10 }, (_, at) => sent(9, Uint8Array.of(at))), [
    ...Array.from({ length: 10 }, (_, at) => `pong 0${at}`),
  ]),
  echoes("pings-together", [join(...Array.from({ length: 9 }, (_, at) => sent(9, `${at}`)))], [
    ...Array.from({ length: 9 }, (_, at) => `pong 3${at}`),
  ]),
  echoes("pong-unasked", [sent(10, "abc"), sent(1, "a")], ["text a"]),
  echoes("pong-empty", [sent(10), sent(9, "x")], ["pong 78"]),
  echoes("ping-binary", [sent(9, hex("00fffefdfcfb"))], ["pong 00fffefdfcfb"], { splits: true }),
];

const FRAGMENTS: ClientCase[] = [
  echoes("two", [sent(1, "Hel", open), sent(0, "lo")], ["text Hello"], { splits: true }),
  echoes("three", [sent(1, "a", open), sent(0, "b", open), sent(0, "c")], ["text abc"]),
  echoes("empty-all", [sent(1, "", open), sent(0, "", open), sent(0)], ["text "]),
  echoes("empty-middle", [sent(1, "a", open), sent(0, "", open), sent(0, "c")], ["text ac"]),
  echoes("empty-first", [sent(1, "", open), sent(0, "c")], ["text c"]),
  echoes("empty-last", [sent(1, "c", open), sent(0)], ["text c"]),
  echoes("binary", [sent(2, "a", open), sent(0, "b")], ["binary 6162"]),
  echoes("ping-between", [sent(1, "a", open), sent(9, "p"), sent(0, "b")], ["pong 70", "text ab"], {
    splits: true,
  }),
  echoes("pong-between", [sent(1, "a", open), sent(10), sent(0, "b")], ["text ab"]),
  echoes("two-messages", [sent(1, "a", open), sent(0, "b"), sent(2, "c", open), sent(0, "d")], [
    "text ab",
    "binary 6364",
  ]),
  echoes("many", [
    sent(1, "a", open),
    ...Array.from({ length: 150 }, () => sent(0, "b", open)),
    sent(0, "c"),
  ], [`text a${"b".repeat(150)}c`]),
  echoes("in-one-write", [join(sent(1, "a", open), sent(9, "p"), sent(0, "b"), sent(1, "c"))], [
    "pong 70",
    "text ab",
    "text c",
  ]),
  fails("continuation-first", 1002, [sent(0, "a")]),
  fails("continuation-first-open", 1002, [sent(0, "a", open), sent(0, "b")]),
  fails("continuation-first-empty", 1002, [sent(0)]),
  fails("text-in-text", 1002, [sent(1, "a", open), sent(1, "b")]),
  fails("begin-in-text", 1002, [sent(1, "a", open), sent(1, "b", open), sent(0, "c")]),
  fails("binary-in-text", 1002, [sent(1, "a", open), sent(2, "b")]),
  fails("text-in-binary", 1002, [sent(2, "a", open), sent(1, "b")]),
  fails("continuation-after", 1002, [sent(1, "a", open), sent(0, "b"), sent(0, "c")], {
    expect: ["text ab", "close 1002"],
  }),
  fails("continuation-after-whole", 1002, [sent(1, "a"), sent(0, "c"), sent(1, "d")], {
    expect: ["text a", "close 1002"],
  }),
  {
    name: "close-between",
    send: [sent(1, "a", open), sent(8, closing(1000)), sent(0, "b")],
    expect: ["close 1000"],
    end: 1000,
  },
];

const UTF8: ClientCase[] = [
  ...INVALID.flatMap((digits) => [
    fails(`invalid-${digits}`, 1007, [sent(1, hex(digits))]),
    fails(`invalid-${digits}-in-fragments`, 1007, [
      sent(1, "abc", open),
      ...Array.from(hex(digits), (byte) => sent(0, Uint8Array.of(byte), open)),
      sent(0),
    ]),
  ]),
  ...VALID.flatMap((digits) => [
    echoes(`valid-${digits}`, [sent(1, hex(digits))], [`text ${textOf(hex(digits))}`]),
    echoes(`valid-${digits}-in-fragments`, [
      sent(1, "", open),
      ...Array.from(hex(digits), (byte) => sent(0, Uint8Array.of(byte), open)),
      sent(0),
    ], [`text ${textOf(hex(digits))}`]),
  ]),
  // Nobody waits for the end of a frame or message that is wrong already.
  ...["80", "c0", "f5", "cebaeda0", "f490"].flatMap((digits) => [
    fails(`fragment-${digits}`, 1007, [sent(1, hex(digits), open)]),
    fails(`continuation-${digits}`, 1007, [sent(1, "abc", open), sent(0, hex(digits), open)]),
    fails(`frame-cut-${digits}`, 1007, [sent(1, hex(digits), { length: 100n })]),
  ]),
  fails("across-fragments", 1007, [sent(1, hex("ed"), open), sent(0, hex("a0"), open)]),
  echoes("binary-is-free", [sent(2, hex("80ff"))], ["binary 80ff"]),
  echoes("ping-is-free", [sent(9, hex("80ff"))], ["pong 80ff"]),
];

const LIMITED = { limited: true };

const LIMITS: ClientCase[] = [
  echoes("size-at-limit", [sent(2, bytes(1000))], ["binary of 1000"], LIMITED),
  echoes("size-at-limit-in-fragments", [sent(2, bytes(600), open), sent(0, bytes(400))], [
    "binary of 1000",
  ], LIMITED),
  fails("size-over", 1009, [sent(2, bytes(1001))], LIMITED),
  fails("size-announced", 1009, [sent(2, "", { length: 1001n })], LIMITED),
  fails("size-in-fragments", 1009, [sent(1, bytes(600), open), sent(0, bytes(401))], LIMITED),
  echoes(
    "fragments-at-limit",
    [
      sent(1, "a", open),
      sent(0, "b", open),
      sent(0, "c", open),
      sent(0, "d"),
    ],
    ["text abcd"],
    LIMITED,
  ),
  fails("fragments-over", 1009, [
    sent(1, "a", open),
    ...Array.from({ length: 4 }, () => sent(0, "b", open)),
  ], LIMITED),
  fails("fragments-empty", 1009, [
    sent(1, "", open),
    ...Array.from({ length: 4 }, () => sent(0, "", open)),
  ], LIMITED),
];

/** By area. */
export const CLIENT_FRAMES: Readonly<Record<string, readonly ClientCase[]>> = {
  sizes: SIZES,
  segments: SEGMENTS,
  "reserved bits and opcodes": RESERVED,
  masks: MASKS,
  lengths: LENGTHS,
  "control frames": CONTROL,
  fragments: FRAGMENTS,
  "UTF-8": UTF8,
  limits: LIMITS,
};
