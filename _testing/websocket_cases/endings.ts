/** How connections of a server end, by the server and by force (RFC 6455, sections 5.5.1 and 7). @module */

import { begin, close, fails, last, ping, type ServerCase, text } from "./case.ts";
import { closing, frame, hex, join } from "./frames.ts";

/** Asks the echo of the tests to close by this. */
function ask(code: number, reason = ""): Uint8Array {
  return text(`close ${code} ${reason}`);
}

const BY_SERVER: ServerCase[] = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999].map(
    (code): ServerCase => ({
      name: `closes-by-${code}`,
      send: [ask(code, "why")],
      expect: [`close ${code}`],
      then: [close(code, "why")],
      report: `${code} why`,
    }),
  ),
  {
    name: "closes-without-code",
    send: [ask(1005)],
    expect: ["close"],
    then: [frame({ opcode: 8 })],
    report: "1005",
  },
  {
    name: "answered-by-another-code",
    send: [ask(4000, "a")],
    expect: ["close 4000"],
    then: [close(1001, "b")],
    report: "1001 b",
  },
  {
    name: "answered-without-code",
    send: [ask(1000)],
    expect: ["close 1000"],
    then: [frame({ opcode: 8 })],
    report: "1005",
  },
  {
    name: "messages-before-the-answer",
    send: [ask(1000)],
    expect: ["close 1000"],
    then: [text("late"), begin("a"), last("b"), close(1000)],
  },
  {
    name: "half-a-message-before-the-answer",
    send: [ask(1000)],
    expect: ["close 1000"],
    then: [begin("a"), close(1000)],
  },
  {
    name: "answer-and-more",
    send: [ask(1000)],
    expect: ["close 1000"],
    then: [join(close(1000), text("late"))],
  },
  {
    name: "messages-after-the-ask",
    send: [join(ask(1000), text("late"), ping("p"))],
    expect: ["close 1000", "pong 70"],
    then: [close(1000)],
    report: "1000",
  },
  {
    name: "ping-after-the-answer",
    send: [ask(1000)],
    expect: ["close 1000"],
    then: [close(1000), ping("p")],
  },
  // A second close frame would be one too many: the server only ends.
  ...[text("a", { masked: false }), frame({ opcode: 3 }), text(hex("ff")), close(1005)].map((
    wrong,
    at,
  ): ServerCase => ({
    name: `nonsense-instead-of-the-answer-${at}`,
    send: [ask(1000)],
    expect: ["close 1000"],
    then: [wrong],
    report: "1006",
  })),
];

const ABRUPT: ServerCase[] = (["end", "reset"] as const).flatMap((abrupt) =>
  ([
    ["at-once", []],
    ["in-head", [hex("81")]],
    ["in-length", [hex("82fe01")]],
    ["in-key", [hex("818537fa")]],
    ["in-payload", [text("Hello").slice(0, 8)]],
    ["in-text", [begin("a")]],
    ["in-close", [close(1000).slice(0, 7)]],
    ["between-fragments", [begin("a"), frame({ opcode: 0, fin: false })]],
  ] as [string, Uint8Array[]][]).map(([name, send]): ServerCase => ({
    name: `${abrupt}-${name}`,
    send,
    expect: [],
    abrupt,
    report: "1006",
  }))
);

/** What came before the end is not lost, and is answered as long as the client reads. */
const HALF: ServerCase[] = [
  {
    name: "end-after-text",
    send: [text("a")],
    expect: ["text a"],
    abrupt: "end",
    report: "1006",
  },
  {
    name: "end-after-ping",
    send: [ping("a")],
    expect: ["pong 61"],
    abrupt: "end",
    report: "1006",
  },
  {
    name: "end-after-large",
    send: [frame({ opcode: 2, payload: new Uint8Array(500_000) })],
    expect: ["binary of 500000"],
    abrupt: "end",
    report: "1006",
  },
  {
    name: "end-after-close",
    send: [close(1001, "x")],
    expect: ["close 1001"],
    abrupt: "end",
    report: "1001 x",
  },
  {
    name: "end-after-text-and-close",
    send: [join(text("a"), close(1000))],
    expect: ["text a", "close 1000"],
    abrupt: "end",
  },
  fails("end-after-violation", 1002, [frame({ opcode: 3 })], { abrupt: "end" }),
  {
    name: "end-after-many",
    send: [join(...Array.from({ length: 100 }, () => text("a")))],
    expect: Array.from({ length: 100 }, () => "text a"),
    abrupt: "end",
    report: "1006",
  },
  {
    name: "early-end",
    send: [text("a")],
    early: true,
    expect: ["text a"],
    abrupt: "end",
    report: "1006",
  },
  {
    name: "reasons",
    send: [frame({ opcode: 8, payload: closing(4321, "Grüße") })],
    expect: ["close 4321"],
    report: "4321 Grüße",
  },
];

/** By area. */
export const ENDINGS: Readonly<Record<string, readonly ServerCase[]>> = {
  "closing by the server": BY_SERVER,
  "abrupt ends": ABRUPT,
  "half-closed connections": HALF,
};
