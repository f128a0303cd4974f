/** Frames, fragments, limits (RFC 6455, sections 5 and 10.4). @module */

import {
  begin,
  binary,
  close,
  echoes,
  fails,
  last,
  more,
  ping,
  type ServerCase,
  text,
} from "./case.ts";
import { frame, hex, join } from "./frames.ts";

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x2a);
const DEFLATE = { offer: "permessage-deflate" };

const SIZES: ServerCase[] = [0, 1, 125, 126, 127, 128, 200, 201, 65_535, 65_536, 200_000].flatMap(
  (size) => {
    const content = bytes(size);
    const letters = "*".repeat(size);
    const long = size > 200;
    return [
      echoes(`text-${size}`, [text(content)], [long ? `text of ${size}` : `text ${letters}`]),
      echoes(`binary-${size}`, [binary(content)], [
        long ? `binary of ${size}` : `binary ${"2a".repeat(size)}`,
      ]),
    ];
  },
);

const RESERVED: ServerCase[] = [
  ...[1, 2, 3, 4, 5, 6, 7].flatMap((rsv) =>
    [1, 2, 8, 9, 10].map((opcode) =>
      fails(`rsv-${rsv}-opcode-${opcode}`, 1002, [frame({ opcode, rsv })])
    )
  ),
  ...[1, 2, 3, 5, 6, 7].flatMap((rsv) =>
    [1, 2].map((opcode) =>
      fails(`rsv-${rsv}-opcode-${opcode}-deflate`, 1002, [frame({ opcode, rsv })], DEFLATE)
    )
  ),
  ...[8, 9, 10].map((opcode) =>
    fails(`rsv-1-control-${opcode}-deflate`, 1002, [frame({ opcode, rsv: 4 })], DEFLATE)
  ),
  fails("rsv-1-continuation-deflate", 1002, [begin("a"), last("b", { rsv: 4 })], DEFLATE),
  fails("rsv-1-continuation-of-compressed", 1002, [
    begin(hex("f248"), { rsv: 4 }),
    last(hex("cdc9c90700"), { rsv: 4 }),
  ], DEFLATE),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
    fails(`opcode-${opcode}`, 1002, [frame({ opcode })]),
    fails(`opcode-${opcode}-payload`, 1002, [frame({ opcode, payload: "abc" }), ping("x")]),
    fails(`opcode-${opcode}-between`, 1002, [begin("a"), frame({ opcode }), last("b")]),
    {
      name: `opcode-${opcode}-after`,
      send: [text("Hello"), frame({ opcode })],
      expect: ["text Hello", "close 1002"],
      report: "1006",
    },
  ]),
];

const LENGTHS: ServerCase[] = [
  ...[0, 1, 125].flatMap((size) => [
    fails(`16-bits-for-${size}`, 1002, [binary(bytes(size), { lengthBits: 16 })]),
    fails(`64-bits-for-${size}`, 1002, [binary(bytes(size), { lengthBits: 64 })]),
  ]),
  fails("64-bits-for-126", 1002, [binary(bytes(126), { lengthBits: 64 })]),
  fails("64-bits-for-65535", 1002, [
    binary(new Uint8Array(0), { length: 65_535n, lengthBits: 64 }),
  ]),
  ...[1n << 63n, (1n << 64n) - 1n, (1n << 63n) + 5n].map((length) =>
    fails(`length-${length}`, 1002, [binary(new Uint8Array(0), { length })])
  ),
  ...[(1n << 63n) - 1n, 1n << 53n, 1n << 32n, 1n << 31n, 16_777_217n].map((length) =>
    fails(`length-${length}`, 1009, [binary(new Uint8Array(0), { length })])
  ),
];

const MASKS: ServerCase[] = [1, 2, 8, 9, 10].flatMap((opcode) => [
  fails(`unmasked-${opcode}`, 1002, [frame({ opcode, masked: false })]),
  fails(`unmasked-${opcode}-payload`, 1002, [frame({ opcode, masked: false, payload: "abc" })]),
]);

const CONTROL: ServerCase[] = [
  ...[0, 1, 8, 124, 125].map((size) =>
    echoes(`ping-${size}`, [ping(bytes(size))], [`pong ${"2a".repeat(size)}`])
  ),
  ...[8, 9, 10].flatMap((opcode) => [
    fails(`control-${opcode}-126`, 1002, [frame({ opcode, payload: bytes(126) })]),
    fails(`control-${opcode}-65536`, 1002, [frame({ opcode, payload: bytes(65_536) })]),
    fails(`control-${opcode}-in-fragments`, 1002, [frame({ opcode, fin: false })]),
    fails(`control-${opcode}-16-bits`, 1002, [
      frame({ opcode, payload: bytes(3), lengthBits: 16 }),
    ]),
    fails(`control-${opcode}-continued`, 1002, [frame({ opcode, fin: false }), last("")]),
  ]),
  echoes("pings", Array.from({ length: 10 }, (_, at) => ping(Uint8Array.of(at))), [
    ...Array.from({ length: 10 }, (_, at) => `pong 0${at}`),
  ]),
  echoes(
    "pings-behind-much",
    [join(binary(bytes(1_000_000)), ...Array.from({ length: 10 }, (_, at) => ping(`${at}`)))],
    ["binary of 1000000", ...Array.from({ length: 10 }, (_, at) => `pong 3${at}`)],
  ),
  echoes("pong-unasked", [frame({ opcode: 10, payload: "abc" }), text("a")], ["text a"]),
  echoes("pong-empty", [frame({ opcode: 10 }), ping("x")], ["pong 78"]),
  echoes("ping-binary", [ping(hex("00fffefdfcfb"))], ["pong 00fffefdfcfb"], { splits: true }),
];

const FRAGMENTS: ServerCase[] = [
  echoes("two", [begin("Hel"), last("lo")], ["text Hello"], { splits: true }),
  echoes("three", [begin("a"), more("b"), last("c")], ["text abc"]),
  echoes("empty-all", [begin(""), more(""), last("")], ["text "]),
  echoes("empty-middle", [begin("a"), more(""), last("c")], ["text ac"]),
  echoes("empty-first", [begin(""), last("c")], ["text c"]),
  echoes("empty-last", [begin("c"), last("")], ["text c"]),
  echoes("binary", [frame({ opcode: 2, fin: false, payload: "a" }), last("b")], ["binary 6162"]),
  echoes("ping-between", [begin("a"), ping("p"), last("b")], ["pong 70", "text ab"], {
    splits: true,
  }),
  echoes("pings-between", [begin("a"), ping("p"), more("b"), ping("q"), last("c")], [
    "pong 70",
    "pong 71",
    "text abc",
  ]),
  echoes("pong-between", [begin("a"), frame({ opcode: 10 }), last("b")], ["text ab"]),
  echoes("two-messages", [begin("a"), last("b"), begin("c"), last("d")], ["text ab", "text cd"]),
  echoes("many", [begin("a"), ...Array.from({ length: 150 }, () => more("b")), last("c")], [
    `text a${"b".repeat(150)}c`,
  ]),
  echoes("in-one-write", [join(begin("a"), ping("p"), last("b"), text("c"))], [
    "pong 70",
    "text ab",
    "text c",
  ]),
  fails("continuation-first", 1002, [last("a")]),
  fails("continuation-first-open", 1002, [more("a"), last("b")]),
  fails("continuation-first-empty", 1002, [more("")]),
  fails("continuation-in-one-write", 1002, [join(last("a"), text("b"))]),
  fails("text-in-text", 1002, [begin("a"), text("b")]),
  fails("begin-in-text", 1002, [begin("a"), begin("b"), last("c")]),
  fails("binary-in-text", 1002, [begin("a"), binary(bytes(1))]),
  {
    name: "continuation-after",
    send: [begin("a"), last("b"), last("c")],
    expect: ["text ab", "close 1002"],
    report: "1006",
  },
  {
    name: "continuation-after-whole",
    send: [text("a"), last("c"), text("d")],
    expect: ["text a", "close 1002"],
    report: "1006",
  },
  {
    name: "close-between",
    send: [begin("a"), close(1000), last("b")],
    expect: ["close 1000"],
  },
];

const LIMITED = { limited: true };

const LIMITS: ServerCase[] = [
  echoes("size-at-limit", [binary(bytes(1000))], ["binary of 1000"], LIMITED),
  fails("size-over", 1009, [binary(bytes(1001))], LIMITED),
  fails("size-announced", 1009, [binary(new Uint8Array(0), { length: 1001n })], LIMITED),
  fails("size-in-fragments", 1009, [begin(bytes(600)), last(bytes(401))], LIMITED),
  echoes(
    "fragments-at-limit",
    [begin("a"), more("b"), more("c"), last("d")],
    ["text abcd"],
    LIMITED,
  ),
  fails("fragments-over", 1009, [begin("a"), more("b"), more("c"), more("d"), last("e")], LIMITED),
];

const TOGETHER: ServerCase[] = [
  echoes("early-text", [text("Hello")], ["text Hello"], { early: true }),
  echoes("early-many", [text("a"), ping("p"), text("b")], ["text a", "pong 70", "text b"], {
    early: true,
  }),
  { name: "early-close", send: [close(1000)], expect: ["close 1000"], early: true },
  fails("early-unmasked", 1002, [text("a", { masked: false })], { early: true }),
  fails("http-after", 1002, [new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")]),
  echoes("text-splits", [text("Hello")], ["text Hello"], { splits: true }),
  echoes("extended-splits", [binary(bytes(126))], [`binary ${"2a".repeat(126)}`], { splits: true }),
  echoes("mixed-splits", [text("a"), ping("p"), text("b")], ["text a", "pong 70", "text b"], {
    splits: true,
  }),
];

/** By area. */
export const FRAMING: Readonly<Record<string, readonly ServerCase[]>> = {
  sizes: SIZES,
  "reserved bits and opcodes": RESERVED,
  lengths: LENGTHS,
  masks: MASKS,
  "control frames": CONTROL,
  fragments: FRAGMENTS,
  limits: LIMITS,
  segments: TOGETHER,
};
