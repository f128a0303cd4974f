/** How connections of a client end (RFC 6455, sections 5.5.1 and 7). @module */

import { type ClientCase, CLOSE, fails, sent } from "./client_case.ts";
import { closing, frame, hex, join } from "./frames.ts";

const GOOD_CODES = [
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
];

const BAD_CODES = [
  0,
  1,
  999,
  1004,
  1005,
  1006,
  1015,
  1016,
  1100,
  2000,
  2999,
  5000,
  9999,
  65_535,
];

const CODES: ClientCase[] = [
  ...GOOD_CODES.flatMap((code): ClientCase[] => [
    { name: `code-${code}`, send: [sent(8, closing(code))], expect: [`close ${code}`], end: code },
    {
      name: `code-${code}-reason`,
      send: [sent(8, closing(code, "why"))],
      expect: [`close ${code}`],
      end: code,
      reason: "why",
    },
  ]),
  ...BAD_CODES.flatMap((code) => [
    fails(`bad-code-${code}`, 1002, [sent(8, closing(code))]),
    fails(`bad-code-${code}-reason`, 1002, [sent(8, closing(code, "why"))]),
  ]),
];

const PAYLOADS: ClientCase[] = [
  { name: "no-code", send: [sent(8)], expect: ["close"], end: 1005, splits: true },
  fails("one-byte", 1002, [sent(8, hex("03"))]),
  ...[1, 2, 122, 123].map((length): ClientCase => ({
    name: `reason-${length}`,
    send: [sent(8, closing(1000, "*".repeat(length)))],
    expect: ["close 1000"],
    end: 1000,
    reason: "*".repeat(length),
  })),
  fails("reason-124", 1002, [sent(8, closing(1000, "*".repeat(124)))]),
  {
    name: "reason-utf8",
    send: [sent(8, closing(4000, "añ€𝄞"))],
    expect: ["close 4000"],
    end: 4000,
    reason: "añ€𝄞",
    splits: true,
  },
  ...["80", "c3", "eda080", "f4908080", "ff", "cebae1bdb9cf83cebcceb5eda080656469746564"].map(
    (digits) => fails(`reason-${digits}`, 1007, [sent(8, closing(1000, hex(digits)))]),
  ),
];

/** What comes after the close frame is nobody's, whatever it is. */
const LATE: ClientCase[] = [
  sent(1, "late"),
  sent(9, "late"),
  sent(8, closing(1001)),
  frame({ opcode: 1, payload: "masked" }),
  hex("ffffffffff"),
  new Uint8Array(100_000),
].flatMap((late, at): ClientCase[] => [
  { name: `late-${at}`, send: [CLOSE, late], expect: ["close 1000"], end: 1000 },
  { name: `late-joined-${at}`, send: [join(CLOSE, late)], expect: ["close 1000"], end: 1000 },
]);

/** The client closes, and the server answers well or badly. */
const CLOSES: ClientCase[] = [
  {
    name: "closes",
    closes: [1000, "Done"],
    after: 1,
    send: [CLOSE],
    expect: ["close 1000"],
    end: 1000,
  },
  {
    name: "closes-3000",
    closes: [3000, ""],
    after: 1,
    send: [sent(8, closing(3000))],
    expect: ["close 3000"],
    end: 3000,
  },
  {
    name: "closes-4999-answered-by-another",
    closes: [4999, "x"],
    after: 1,
    send: [sent(8, closing(1001, "y"))],
    expect: ["close 4999"],
    end: 1001,
    reason: "y",
  },
  {
    name: "closes-answered-without-code",
    closes: [1000, ""],
    after: 1,
    send: [sent(8)],
    expect: ["close 1000"],
    end: 1005,
  },
  {
    name: "closes-while-messages-come",
    closes: [1000, ""],
    after: 1,
    send: [sent(1, "a"), sent(2, new Uint8Array(50_000)), CLOSE],
    expect: ["close 1000"],
    end: 1000,
  },
  {
    name: "closes-and-answers-a-ping",
    closes: [1000, ""],
    after: 1,
    send: [sent(9, "p"), CLOSE],
    // As long as the server's close frame has not come (section 5.5.2).
    expect: ["close 1000", "pong 70"],
    end: 1000,
  },
  {
    name: "closes-in-a-message",
    closes: [1000, ""],
    after: 1,
    send: [sent(1, "a", { fin: false }), CLOSE],
    expect: ["close 1000"],
    end: 1000,
  },
  // The second word would be a second close frame: it only ends.
  ...[frame({ opcode: 1, payload: "a" }), sent(3), sent(1, hex("ff")), sent(8, hex("03"))].map((
    wrong,
    at,
  ): ClientCase => ({
    name: `closes-and-gets-nonsense-${at}`,
    closes: [1000, ""],
    after: 1,
    send: [wrong],
    expect: ["close 1000"],
    end: 1006,
  })),
  ...(["end", "reset"] as const).map((abrupt): ClientCase => ({
    name: `closes-and-gets-${abrupt}`,
    closes: [1000, ""],
    after: 1,
    send: [],
    expect: ["close 1000"],
    end: 1006,
    abrupt,
  })),
];

const ABRUPT: ClientCase[] = (["end", "reset"] as const).flatMap((abrupt): ClientCase[] => [
  { name: `${abrupt}`, end: 1006, abrupt },
  { name: `${abrupt}-in-head`, send: [hex("81")], end: 1006, abrupt },
  { name: `${abrupt}-in-length`, send: [hex("827e01")], end: 1006, abrupt },
  { name: `${abrupt}-in-long-length`, send: [hex("827f00000000")], end: 1006, abrupt },
  { name: `${abrupt}-in-frame`, send: [hex("8105")], end: 1006, abrupt },
  { name: `${abrupt}-in-payload`, send: [hex("81054865")], end: 1006, abrupt },
  { name: `${abrupt}-in-text`, send: [sent(1, "a", { fin: false })], end: 1006, abrupt },
  { name: `${abrupt}-in-close`, send: [hex("880203")], end: 1006, abrupt },
]).concat([
  // What came before the end is not lost.
  { name: "end-after-text", send: [sent(1, "a")], expect: ["text a"], end: 1006, abrupt: "end" },
  { name: "end-after-ping", send: [sent(9, "a")], expect: ["pong 61"], end: 1006, abrupt: "end" },
  {
    name: "end-after-close",
    send: [sent(8, closing(1001, "x"))],
    expect: ["close 1001"],
    end: 1001,
    reason: "x",
    abrupt: "end",
  },
  {
    name: "end-after-many",
    send: [join(...Array.from({ length: 50 }, () => sent(1, "a")))],
    expect: Array.from({ length: 50 }, () => "text a"),
    end: 1006,
    abrupt: "end",
  },
]);

/** By area. */
export const CLIENT_CLOSES: Readonly<Record<string, readonly ClientCase[]>> = {
  "close codes": CODES,
  "close frames": PAYLOADS,
  "what comes after a close frame": LATE,
  "closing by the client": CLOSES,
  "abrupt ends": ABRUPT,
};
