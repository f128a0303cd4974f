/** What a client has to do with what a server sends (RFC 6455, sections 4.1 and 5). @module */

import type { ClientCase } from "./client_runner.ts";
import { closing, frame, type FrameParts, hex, join } from "./frames.ts";

const BAD = "ERR_WS_BAD_RESPONSE";
const REFUSED = "ERR_WS_REFUSED";

function sent(
  opcode: number,
  payload: FrameParts["payload"] = "",
  parts: Partial<FrameParts> = {},
) {
  return frame({ opcode, payload, masked: false, ...parts });
}

const CLOSE = sent(8, closing(1000));

/** The server sends this and closes; this comes back, and the answer to the close. */
function echoes(
  name: string,
  send: readonly Uint8Array[],
  expect: readonly string[],
  parts: Partial<ClientCase> = {},
): ClientCase {
  return { name, send: [...send, CLOSE], expect: [...expect, "close 1000"], end: 1000, ...parts };
}

function fails(
  name: string,
  code: number,
  send: readonly Uint8Array[],
  parts: Partial<ClientCase> = {},
): ClientCase {
  return { name, send, expect: [`close ${code}`], end: 1006, ...parts };
}

const PMD = "permessage-deflate";

function extension(value: string | readonly string[]): Partial<ClientCase> {
  return { compression: true, fields: { "Sec-WebSocket-Extensions": value } };
}

const HANDSHAKE: ClientCase[] = [
  echoes("plain", [], []),
  echoes("upgrade-case", [], [], { fields: { Upgrade: "WebSocket" } }),
  echoes("connection-list", [], [], { fields: { Connection: "keep-alive, upgrade" } }),
  echoes("reason-phrase", [], [], { fields: { "X-Unknown": "1" } }),
  ...["200 OK", "400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "500 No"]
    .map((status): ClientCase => ({
      name: `status-${status}`,
      line: `HTTP/1.1 ${status}`,
      fields: { "Content-Length": "0" },
      end: REFUSED,
    })),
  ...([
    ["no-upgrade", { Upgrade: undefined }],
    ["other-upgrade", { Upgrade: "h2c" }],
    ["upgrade-list", { Upgrade: "websocket, h2c" }],
    ["no-connection", { Connection: undefined }],
    ["other-connection", { Connection: "close" }],
    ["no-accept", { "Sec-WebSocket-Accept": undefined }],
    ["empty-accept", { "Sec-WebSocket-Accept": "" }],
    ["other-accept", { "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }],
    ["two-accepts", { "Sec-WebSocket-Accept": ["ACCEPT", "ACCEPT"] }],
    ["longer-accept", { "Sec-WebSocket-Accept": "ACCEPTx" }],
    ["protocol-unasked", { "Sec-WebSocket-Protocol": "chat" }],
    ["extension-unasked", { "Sec-WebSocket-Extensions": PMD }],
    ["extension-unknown", { "Sec-WebSocket-Extensions": "x-unknown" }],
  ] as [string, ClientCase["fields"]][]).map(([name, fields]): ClientCase => ({
    name,
    fields: fields!,
    end: /-upgrade$|-connection$/.test(name) ? BAD : BAD,
  })),
  echoes("protocol", [], [], {
    protocols: ["chat", "b"],
    fields: { "Sec-WebSocket-Protocol": "b" },
  }),
  ...["c", "CHAT", "chat, b", ""].map((protocol): ClientCase => ({
    name: `protocol-${protocol}`,
    protocols: ["chat", "b"],
    fields: { "Sec-WebSocket-Protocol": protocol },
    end: BAD,
  })),
  ...[
    PMD,
    `${PMD}; server_no_context_takeover`,
    `${PMD}; client_no_context_takeover`,
    `${PMD}; server_max_window_bits=8`,
    `${PMD}; client_max_window_bits=9; server_max_window_bits=15`,
    `${PMD}; server_max_window_bits="12"`,
  ].map((value) => echoes(`answer ${value}`, [sent(1, "a")], ["text a"], extension(value))),
  ...[
    "x-unknown",
    `${PMD}, x-unknown`,
    `${PMD}, ${PMD}`,
    `${PMD}; unknown`,
    `${PMD}; server_max_window_bits`,
    `${PMD}; client_max_window_bits`,
    ...["7", "16", "08", "9.0", "1e1", "x"].flatMap((bits) => [
      `${PMD}; server_max_window_bits=${bits}`,
      `${PMD}; client_max_window_bits=${bits}`,
    ]),
    `${PMD}; server_no_context_takeover=1`,
    `${PMD}; client_no_context_takeover; client_no_context_takeover`,
    `${PMD};`,
  ].map((value): ClientCase => ({ name: `answer ${value}`, ...extension(value), end: BAD })),
];

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x2a);

const FRAMES: ClientCase[] = [
  echoes("text", [sent(1, "Hello")], ["text Hello"], { splits: true }),
  echoes("early", [sent(1, "Hello"), sent(9, "p")], ["text Hello", "pong 70"], { early: true }),
  ...[0, 125, 126, 65_535, 65_536].map((size) =>
    echoes(`binary-${size}`, [sent(2, bytes(size))], [
      size > 200 ? `binary of ${size}` : `binary ${"2a".repeat(size)}`,
    ])
  ),
  echoes("fragments", [sent(1, "a", { fin: false }), sent(9, "p"), sent(0, "b")], [
    "pong 70",
    "text ab",
  ], { splits: true }),
  ...[1, 2, 8, 9, 10].map((opcode) =>
    fails(`masked-${opcode}`, 1002, [frame({ opcode, payload: opcode === 8 ? closing(1000) : "" })])
  ),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
    fails(`opcode-${opcode}`, 1002, [sent(opcode)])
  ),
  ...[1, 2, 3, 4, 5, 6, 7].map((rsv) => fails(`rsv-${rsv}`, 1002, [sent(1, "a", { rsv })])),
  ...[8, 9, 10].flatMap((opcode) => [
    fails(`control-${opcode}-126`, 1002, [sent(opcode, bytes(126))]),
    fails(`control-${opcode}-in-fragments`, 1002, [sent(opcode, "", { fin: false })]),
  ]),
  fails("continuation-first", 1002, [sent(0, "a")]),
  fails("text-in-text", 1002, [sent(1, "a", { fin: false }), sent(1, "b")]),
  fails("long-form", 1002, [sent(2, "a", { lengthBits: 64 })]),
  fails("high-bit", 1002, [sent(2, "", { length: 1n << 63n })]),
  fails("too-large", 1009, [sent(2, "", { length: 1n << 40n })]),
  ...["80", "c080", "eda080", "f4908080", "ff"].flatMap((digits) => [
    fails(`utf8-${digits}`, 1007, [sent(1, hex(digits))]),
    fails(`utf8-${digits}-fast`, 1007, [sent(1, hex(digits), { length: 100n })]),
  ]),
  fails("early-masked", 1002, [frame({ opcode: 1, payload: "a" })], { early: true }),
];

const CLOSES: ClientCase[] = [
  ...[1000, 1001, 1003, 1011, 1014, 3000, 4999].map((code): ClientCase => ({
    name: `code-${code}`,
    send: [sent(8, closing(code, "why"))],
    expect: [`close ${code}`],
    end: code,
  })),
  { name: "no-code", send: [sent(8)], expect: ["close"], end: 1005 },
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000].map((code) =>
    fails(`bad-code-${code}`, 1002, [sent(8, closing(code))])
  ),
  fails("one-byte", 1002, [sent(8, hex("03"))]),
  fails("reason", 1007, [sent(8, closing(1000, hex("ff")))]),
  { name: "late", send: [join(CLOSE, sent(1, "late"))], expect: ["close 1000"], end: 1000 },
  ...(["end", "reset"] as const).flatMap((abrupt): ClientCase[] => [
    { name: `abrupt-${abrupt}`, send: [], end: 1006, abrupt },
    { name: `abrupt-${abrupt}-in-frame`, send: [hex("8105")], end: 1006, abrupt },
    { name: `abrupt-${abrupt}-in-text`, send: [sent(1, "a", { fin: false })], end: 1006, abrupt },
  ]),
];

const HELLO = hex("f248cdc9c90700");

const DEFLATE: ClientCase[] = [
  echoes("hello", [sent(1, HELLO, { rsv: 4 })], ["text Hello"], extension(PMD)),
  echoes("takeover", [sent(1, HELLO, { rsv: 4 }), sent(1, hex("f200110000"), { rsv: 4 })], [
    "text Hello",
    "text Hello",
  ], extension(PMD)),
  echoes("empty", [sent(1, hex("00"), { rsv: 4 })], ["text "], extension(PMD)),
  fails("not-agreed", 1002, [sent(1, HELLO, { rsv: 4 })], { compression: true }),
  fails("noise", 1007, [sent(1, hex("ffff"), { rsv: 4 })], extension(PMD)),
  fails("cut", 1007, [sent(1, hex("f248cd"), { rsv: 4 })], extension(PMD)),
  fails("no-takeover-broken", 1007, [
    sent(1, hex("f200110000"), { rsv: 4 }),
  ], extension(`${PMD}; server_no_context_takeover`)),
  fails("continuation", 1002, [
    sent(1, HELLO.slice(0, 2), { rsv: 4, fin: false }),
    sent(0, HELLO.slice(2), { rsv: 4 }),
  ], extension(PMD)),
];

/** By area. */
export const CLIENTS: Readonly<Record<string, readonly ClientCase[]>> = {
  "the opening handshake": HANDSHAKE,
  frames: FRAMES,
  closing: CLOSES,
  "compressed messages": DEFLATE,
};
