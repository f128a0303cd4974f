/** Groups 1 to 5, 7 and 10 of the list: framing, pings, reserved bits, opcodes, fragments, closing. @module */

import { closing, type FrameParts } from "../../../_testing/websocket_cases/frames.ts";
import { awaits, bytes, type Case, closes, plain } from "./case.ts";

const HELLO = "Hello, world!";
const PING = "ping payload";

function filled(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

const text = (payload: FrameParts["payload"] = "", parts: Partial<FrameParts> = {}) => ({
  opcode: 1,
  payload: payload ?? "",
  ...parts,
});
const more = (payload: string, parts: Partial<FrameParts> = {}) => ({
  opcode: 0,
  payload,
  fin: false,
  ...parts,
});
const ping = (payload: string | Uint8Array = "") => ({ opcode: 9, payload });
const open = { fin: false };
const last = { fin: true };

/** Each frame by itself. */
function alone(...frames: FrameParts[]): FrameParts[][] {
  return frames.map((parts) => [parts]);
}

/** 1: messages of every form of length, whole and in pieces of 997 bytes. */
const FRAMING: Case[] = (["text", "binary"] as const).flatMap((kind, at) =>
  [0, 125, 126, 127, 128, 65_535, 65_536, 65_536].map((length, index): Case => {
    const payload = filled(length, kind === "text" ? 0x2a : 0xfe);
    return {
      id: `1.${at + 1}.${index + 1}`,
      async run(peer) {
        await peer.send([{ opcode: at + 1, payload }], index === 7 ? 997 : undefined);
        await awaits(peer, kind, payload);
        await closes(peer);
      },
    };
  })
);

const TEN_PINGS = Array.from({ length: 10 }, (_, at) => `payload-${at}`);
const TEN_PONGS = TEN_PINGS.map((payload) => ["pong", payload] as const);

/** 2: pings and pongs. */
const PINGS: Case[] = [
  plain("2.1", { send: alone(ping()), expect: [["pong", ""]] }),
  plain("2.2", { send: alone(ping("Hello, world!")), expect: [["pong", HELLO]] }),
  plain("2.3", {
    send: alone(ping(Uint8Array.of(0, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0, 0xff))),
    expect: [["pong", Uint8Array.of(0, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0, 0xff)]],
  }),
  plain("2.4", { send: alone(ping(filled(125, 0xfe))), expect: [["pong", filled(125, 0xfe)]] }),
  plain("2.5", { send: alone(ping(filled(126, 0xfe))), fails: 1002 }),
  plain("2.6", {
    send: alone(ping(filled(125, 0xfe))),
    bytewise: true,
    expect: [["pong", filled(125, 0xfe)]],
  }),
  plain("2.7", { send: alone({ opcode: 10 }) }),
  plain("2.8", { send: alone({ opcode: 10, payload: "unsolicited pong" }) }),
  plain("2.9", {
    send: alone({ opcode: 10, payload: "unsolicited pong" }, ping(PING)),
    expect: [["pong", PING]],
  }),
  plain("2.10", { send: alone(...TEN_PINGS.map(ping)), expect: TEN_PONGS }),
  plain("2.11", { send: alone(...TEN_PINGS.map(ping)), bytewise: true, expect: TEN_PONGS }),
];

/** 3: reserved bits that nobody agreed on. */
const RESERVED: Case[] = [
  plain("3.1", { send: alone(text(HELLO, { rsv: 1 })), fails: 1002 }),
  ...[2, 3, 4].map((rsv) =>
    plain(`3.${rsv}`, {
      send: rsv === 3
        ? [[text(HELLO), text(HELLO, { rsv }), ping()]]
        : alone(text(HELLO), text(HELLO, { rsv }), ping()),
      bytewise: rsv === 4,
      expect: [["text", HELLO]],
      fails: 1002,
    })
  ),
  plain("3.5", { send: alone({ opcode: 2, payload: filled(8, 0xff), rsv: 5 }), fails: 1002 }),
  plain("3.6", { send: alone({ ...ping(HELLO), rsv: 6 }), fails: 1002 }),
  plain("3.7", { send: alone({ opcode: 8, payload: closing(1000), rsv: 7 }), fails: 1002 }),
];

/** 4: opcodes that mean nothing. */
const OPCODES: Case[] = [[3, 4, 5, 6, 7], [11, 12, 13, 14, 15]].flatMap((list, at) =>
  list.map((opcode, index) => {
    const odd = { opcode, payload: index % 2 === 1 ? "reserved opcode payload" : "" };
    return plain(`4.${at + 1}.${index + 1}`, {
      send: index < 2 ? alone(odd) : alone(text(HELLO), odd, ping()),
      bytewise: index === 4,
      expect: index < 2 ? [] : [["text", HELLO]],
      fails: 1002,
    });
  })
);

const PARTS = ["fragment1", "fragment2", "fragment3", "fragment4", "fragment5"] as const;
const BOTH = "fragment1fragment2";
const TWO = [text(PARTS[0], open), more(PARTS[1], last)];
const NESTED = [text(PARTS[0], open), ping(PING), more(PARTS[1], last)];
const STRAY = "non-continuation payload";

/** The three ways in which the list sends: frame by frame, together, byte by byte. */
function inThreeWays(
  first: number,
  frames: FrameParts[],
  rest: Partial<Parameters<typeof plain>[1]>,
): Case[] {
  return [0, 1, 2].map((way) =>
    plain(`5.${first + way}`, {
      send: way === 1 ? [frames] : alone(...frames),
      bytewise: way === 2,
      ...rest,
    })
  );
}

const LONG = [
  [text(PARTS[0], open), more(PARTS[1]), ping("pongme 1!")],
  [more(PARTS[2]), more(PARTS[3]), ping("pongme 2!"), more(PARTS[4], last)],
];
const LONG_ANSWER = [
  ["pong", "pongme 1!"],
  ["pong", "pongme 2!"],
  ["text", PARTS.join("")],
] as const;

/** 5: fragments. */
const FRAGMENTS: Case[] = [
  plain("5.1", {
    send: alone({ ...ping(PARTS[0]), fin: false }, more(PARTS[1], last)),
    fails: 1002,
  }),
  plain("5.2", {
    send: alone({ opcode: 10, payload: PARTS[0], fin: false }, more(PARTS[1], last)),
    fails: 1002,
  }),
  ...inThreeWays(3, TWO, { expect: [["text", BOTH]] }),
  ...inThreeWays(6, NESTED, { expect: [["pong", PING], ["text", BOTH]] }),
  ...inThreeWays(9, [more(STRAY, last), text(HELLO)], { fails: 1002 }),
  ...inThreeWays(12, [more(STRAY), text(HELLO)], { fails: 1002 }),
  plain("5.15", {
    send: alone(...TWO, more(PARTS[2]), text(PARTS[3])),
    expect: [["text", BOTH]],
    fails: 1002,
  }),
  ...[open, last].map((fin, at) =>
    plain(`5.${16 + at}`, {
      send: alone(
        ...[0, 1].flatMap(() => [more(PARTS[0], fin), text(PARTS[1], open), more(PARTS[2], last)]),
      ),
      fails: 1002,
    })
  ),
  plain("5.18", { send: alone(text(PARTS[0], open), text(PARTS[1])), fails: 1002 }),
  ...[5.19, 5.2].map((_, at) => inTwoHalves(`5.${19 + at}`, at === 1)),
];

/** The second half goes only once the first ping was answered: at once, in the midst of a message. */
function inTwoHalves(id: string, frameByFrame: boolean): Case {
  return {
    id,
    async run(peer) {
      const [first, second] = LONG;
      for (const parts of frameByFrame ? alone(...first!) : [first!]) await peer.send(parts);
      await awaits(peer, LONG_ANSWER[0][0], bytes(LONG_ANSWER[0][1]));
      for (const parts of frameByFrame ? alone(...second!) : [second!]) await peer.send(parts);
      for (const [kind, payload] of LONG_ANSWER.slice(1)) await awaits(peer, kind, bytes(payload));
      await closes(peer);
    },
  };
}

const CLOSE = { opcode: 8, payload: closing(1000) };
const LARGE = bytes("BAsd7&jh23".repeat(26_215)).subarray(0, 262_144);

/** 7: closing. */
const CLOSING: Case[] = [
  plain("7.1.1", { send: alone(text("Hello World!")), expect: [["text", "Hello World!"]] }),
  plain("7.1.2", { send: alone(CLOSE, CLOSE), answered: "1000" }),
  plain("7.1.3", { send: alone(CLOSE, ping()), answered: "1000" }),
  plain("7.1.4", { send: alone(CLOSE, text("Hello World!")), answered: "1000" }),
  plain("7.1.5", {
    send: alone(text(PARTS[0], open), CLOSE, more(PARTS[1], last)),
    answered: "1000",
  }),
  plain("7.1.6", {
    send: alone(text(LARGE), text("Hello World!"), CLOSE, ping()),
    expect: [["text", LARGE], ["text", "Hello World!"]],
    answered: "1000",
  }),
  plain("7.3.1", { send: alone({ opcode: 8 }), answered: "" }),
  plain("7.3.2", { send: alone({ opcode: 8, payload: "a" }), fails: 1002 }),
  plain("7.3.3", { send: alone(CLOSE), answered: "1000" }),
  plain("7.3.4", { send: alone({ opcode: 8, payload: closing(1000, HELLO) }), answered: "1000" }),
  plain("7.3.5", {
    send: alone({ opcode: 8, payload: closing(1000, "*".repeat(123)) }),
    answered: "1000",
  }),
  plain("7.3.6", {
    send: alone({ opcode: 8, payload: closing(1000, "*".repeat(124)) }),
    fails: 1002,
  }),
  plain("7.5.1", {
    send: alone({
      opcode: 8,
      payload: closing(
        1000,
        Uint8Array.from(
          "cebae1bdb9cf83cebcceb5eda080656469746564".match(/../g)!,
          (digits) => parseInt(digits, 16),
        ),
      ),
    }),
    fails: 1007,
  }),
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map((
    code,
    at,
  ) =>
    plain(`7.7.${at + 1}`, {
      send: alone({ opcode: 8, payload: closing(code) }),
      answered: String(code),
    })
  ),
  ...[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999].map((code, at) =>
    plain(`7.9.${at + 1}`, { send: alone({ opcode: 8, payload: closing(code) }), fails: 1002 })
  ),
  ...[5000, 65_535].map((code, at) =>
    plain(`7.13.${at + 1}`, { send: alone({ opcode: 8, payload: closing(code) }), fails: 1002 })
  ),
];

/** 10: a message in fragments of 1,300 bytes. */
const MISC: Case[] = [{
  id: "10.1.1",
  async run(peer) {
    const payload = filled(65_536, 0x2a);
    await peer.sendMessage(1, payload, 1300);
    await awaits(peer, "text", payload);
    await closes(peer);
  },
}];

/** All of them. */
export const FRAMING_CASES: readonly Case[] = [
  ...FRAMING,
  ...PINGS,
  ...RESERVED,
  ...OPCODES,
  ...FRAGMENTS,
  ...CLOSING,
  ...MISC,
];
