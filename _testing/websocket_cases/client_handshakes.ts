/** What a client has to do with the answer to its handshake (RFC 6455, section 4.1). @module */

import { type ClientCase, echoes, extension, PMD, sent } from "./client_case.ts";

const BAD = "ERR_WS_BAD_RESPONSE";
const REFUSED = "ERR_WS_REFUSED";
const FIELDS = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: <accept>\r\n";
const GOOD = `HTTP/1.1 101 Switching Protocols\r\n${FIELDS}`;

function bad(name: string, parts: Partial<ClientCase>, end = BAD): ClientCase {
  return { name, end, ...parts };
}

const FINE: ClientCase[] = ([
  ["plain", {}],
  ["upgrade-case", { fields: { Upgrade: "WebSocket" } }],
  ["upgrade-upper", { fields: { Upgrade: "WEBSOCKET" } }],
  ["upgrade-spaces", { fields: { Upgrade: " \t websocket \t " } }],
  ["connection-case", { fields: { Connection: "uPgRaDe" } }],
  ["connection-list", { fields: { Connection: "keep-alive, upgrade" } }],
  ["connection-list-first", { fields: { Connection: "Upgrade, keep-alive" } }],
  ["connection-lines", { fields: { Connection: ["keep-alive", "Upgrade"] } }],
  ["connection-empty-elements", { fields: { Connection: ",, Upgrade ," } }],
  ["accept-spaces", { fields: { "Sec-WebSocket-Accept": "\t <accept> \t" } }],
  ["unknown-fields", { fields: { "X-Unknown": "1", Server: "x", Date: "y" } }],
  ["cookies", { fields: { "Set-Cookie": ["a=b", "c=d"] } }],
  ["empty-value", { fields: { "X-Empty": "" } }],
  ["latin-1", { fields: { "X-Latin": "\xfc\xff" } }],
  ["many-fields", {
    fields: Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`X-${at}`, "v"])),
  }],
  ["large-field", { fields: { "X-Large": "v".repeat(30_000) } }],
  ["version", { fields: { "Sec-WebSocket-Version": "13" } }],
  ["length-0", { fields: { "Content-Length": "0" } }],
  ["reason-other", { line: "HTTP/1.1 101 Web Socket Protocol Handshake" }],
  ["reason-empty", { line: "HTTP/1.1 101 " }],
  ["reason-absent", { line: "HTTP/1.1 101" }],
  ["reason-latin-1", { line: "HTTP/1.1 101 \xe9\xff" }],
  ["small-names", {
    raw: GOOD.replace(/[A-Z][-\w]+:/g, (name) => name.toLowerCase()) + "\r\n",
  }],
  ["great-names", {
    raw: GOOD.replace(/[A-Z][-\w]+:/g, (name) => name.toUpperCase()) + "\r\n",
  }],
  ["no-spaces", { raw: GOOD.replaceAll(": ", ":") + "\r\n" }],
  ["other-order", {
    raw: "HTTP/1.1 101 x\r\nSec-WebSocket-Accept: <accept>\r\nConnection: Upgrade\r\n" +
      "Upgrade: websocket\r\n\r\n",
  }],
  ["bytewise", { bytewise: true }],
  ["after-100", { before: "HTTP/1.1 100 Continue\r\n\r\n" }],
  ["after-102", { before: "HTTP/1.1 102 Processing\r\n\r\n" }],
  ["after-103", { before: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" }],
  ["after-several", { before: "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(5) }],
  ["after-100-bytewise", { before: "HTTP/1.1 100 Continue\r\n\r\n", bytewise: true }],
] as [string, Partial<ClientCase>][]).map(([name, parts]) =>
  echoes(name, [sent(1, "Hello")], ["text Hello"], parts)
);

const STATUSES: ClientCase[] = [
  ...[
    200,
    201,
    202,
    204,
    205,
    206,
    300,
    301,
    302,
    303,
    304,
    307,
    308,
    400,
    401,
    403,
    404,
    405,
    407,
    408,
    410,
    418,
    426,
    429,
    431,
    500,
    501,
    502,
    503,
    504,
    505,
    599,
  ].map((status): ClientCase => ({
    name: `status-${status}`,
    line: `HTTP/1.1 ${status} x`,
    fields: { "Content-Length": [204, 304].includes(status) ? undefined : "0" },
    end: REFUSED,
  })),
  ...[301, 302, 307].map((status): ClientCase => ({
    name: `redirect-${status}`,
    line: `HTTP/1.1 ${status} Elsewhere`,
    fields: { "Content-Length": "0", Location: "/elsewhere" },
    end: REFUSED,
  })),
  {
    name: "status-with-content",
    raw: "HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nSorry",
    end: REFUSED,
  },
  {
    name: "status-with-frames",
    line: "HTTP/1.1 200 OK",
    send: [sent(1, "Hello")],
    end: REFUSED,
  },
  {
    name: "status-chunked",
    raw: "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nSorry\r\n0\r\n\r\n",
    end: REFUSED,
  },
  bad("status-1010", { line: "HTTP/1.1 1010 x" }, "ERR_HTTP_INVALID_START_LINE"),
  bad("status-99", { line: "HTTP/1.1 099 x" }, "ERR_HTTP_INVALID_START_LINE"),
  bad("status-10", { line: "HTTP/1.1 10 x" }, "ERR_HTTP_INVALID_START_LINE"),
  bad("status-text", { line: "HTTP/1.1 abc x" }, "ERR_HTTP_INVALID_START_LINE"),
  bad("status-signed", { line: "HTTP/1.1 +101 x" }, "ERR_HTTP_INVALID_START_LINE"),
  bad("status-absent", { line: "HTTP/1.1" }, "ERR_HTTP_INVALID_START_LINE"),
  bad("version-1.0", { line: "HTTP/1.0 101 Switching Protocols" }),
  bad("version-2.0", { line: "HTTP/2.0 101 Switching Protocols" }, "ERR_HTTP_VERSION"),
  bad("version-small", { line: "http/1.1 101 Switching Protocols" }, "ERR_HTTP_NOT_HTTP"),
  bad("version-short", { line: "HTTP/1 101 x" }, "ERR_HTTP_INVALID_START_LINE"),
  bad("not-http", { raw: "SSH-2.0-OpenSSH_9.2\r\n\r\n" }, "ERR_HTTP_NOT_HTTP"),
  bad("frame-first", { raw: "\x81\x05Hello" }, "ERR_HTTP_NOT_HTTP"),
  bad("empty-line-first", { raw: `\r\n${GOOD}\r\n` }, "ERR_HTTP_NOT_HTTP"),
  bad("tls", { raw: "\x15\x03\x01\x00\x02\x02\x16" }, "ERR_HTTP_NOT_HTTP"),
];

const FIELD_CASES: ClientCase[] = ([
  ["no-upgrade", { Upgrade: undefined }],
  ["empty-upgrade", { Upgrade: "" }],
  ["other-upgrade", { Upgrade: "h2c" }],
  ["near-upgrade", { Upgrade: "websocket2" }],
  ["versioned-upgrade", { Upgrade: "websocket/13" }],
  ["upgrade-list", { Upgrade: "websocket, h2c" }],
  ["upgrade-list-last", { Upgrade: "h2c, websocket" }],
  ["upgrade-lines", { Upgrade: ["websocket", "websocket"] }],
  ["no-connection", { Connection: undefined }],
  ["empty-connection", { Connection: "" }],
  ["other-connection", { Connection: "close" }],
  ["keep-alive", { Connection: "keep-alive" }],
  ["near-connection", { Connection: "upgraded" }],
  ["connection-websocket", { Connection: "websocket" }],
  ["no-accept", { "Sec-WebSocket-Accept": undefined }],
  ["empty-accept", { "Sec-WebSocket-Accept": "" }],
  ["other-accept", { "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }],
  ["two-accepts", { "Sec-WebSocket-Accept": ["<accept>", "<accept>"] }],
  ["right-and-wrong", { "Sec-WebSocket-Accept": ["<accept>", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="] }],
  ["wrong-and-right", { "Sec-WebSocket-Accept": ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "<accept>"] }],
  ["longer-accept", { "Sec-WebSocket-Accept": "<accept>x" }],
  ["longer-accept-front", { "Sec-WebSocket-Accept": "x<accept>" }],
  ["accept-quoted", { "Sec-WebSocket-Accept": '"<accept>"' }],
  ["accept-in-list", { "Sec-WebSocket-Accept": "<accept>," }],
  ["accept-spaced", { "Sec-WebSocket-Accept": "<accept> <accept>" }],
  ["protocol-unasked", { "Sec-WebSocket-Protocol": "chat" }],
  ["protocol-empty-unasked", { "Sec-WebSocket-Protocol": "" }],
  ["extension-unknown", { "Sec-WebSocket-Extensions": "x-unknown" }],
  ["extension-unasked", { "Sec-WebSocket-Extensions": PMD }],
  ["extension-empty", { "Sec-WebSocket-Extensions": "" }],
] as [string, NonNullable<ClientCase["fields"]>][]).map(([name, fields]) => bad(name, { fields }));

const PROTOCOLS: ClientCase[] = [
  ...["chat", "b", " b "].map((protocol) =>
    echoes(`protocol-${protocol}`, [sent(1, "a")], ["text a"], {
      protocols: ["chat", "b"],
      fields: { "Sec-WebSocket-Protocol": protocol },
    })
  ),
  ...["c", "CHAT", "Chat", "chat, b", "chat,", ",chat", "cha", "chatt", "", '"chat"'].map(
    (protocol) =>
      bad(`protocol-${protocol}`, {
        protocols: ["chat", "b"],
        fields: { "Sec-WebSocket-Protocol": protocol },
      }),
  ),
  bad("protocol-absent", { protocols: ["chat"] }),
  bad("protocol-lines", {
    protocols: ["chat", "b"],
    fields: { "Sec-WebSocket-Protocol": ["chat", "b"] },
  }),
  bad("protocol-same-lines", {
    protocols: ["chat", "b"],
    fields: { "Sec-WebSocket-Protocol": ["chat", "chat"] },
  }),
];

/** Heads that are no heads (RFC 9112), and those that are cut off. */
const HEADS: ClientCase[] = [
  ...([
    ["space-before-colon", GOOD.replace("Upgrade:", "Upgrade :")],
    ["no-colon", `${GOOD}Nonsense\r\n`],
    ["empty-name", `${GOOD}: x\r\n`],
    ["name-with-space", `${GOOD}A b: x\r\n`],
    ["name-with-nul", `${GOOD}A\0: x\r\n`],
    ["value-with-nul", `${GOOD}X: a\0b\r\n`],
    ["value-with-cr", `${GOOD}X: a\rb\r\n`],
    ["space-first", GOOD.replace("\r\nUpgrade", "\r\n Upgrade")],
  ] as [string, string][]).map(([name, head]) =>
    bad(name, { raw: `${head}\r\n` }, "ERR_HTTP_INVALID_FIELD")
  ),
  bad("huge-head", { fields: { "X-Huge": "v".repeat(70_000) } }, "ERR_HTTP_HEAD_TOO_LARGE"),
  bad("huge-line", { line: `HTTP/1.1 101 ${"x".repeat(9_000)}` }, "ERR_HTTP_START_LINE_TOO_LONG"),
  bad(
    "endless-reason",
    { raw: `HTTP/1.1 101 ${"x".repeat(70_000)}` },
    "ERR_HTTP_START_LINE_TOO_LONG",
  ),
  bad("endless-name", { raw: GOOD + "x".repeat(70_000) }, "ERR_HTTP_HEAD_TOO_LARGE"),
  bad("too-many-fields", {
    fields: Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`X-${at}`, "v"])),
  }, "ERR_HTTP_HEAD_TOO_LARGE"),
  bad("too-many-interim", {
    before: "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(200),
  }, "ERR_HTTP_TOO_MANY_INFORMATIONAL"),
  ...["", "H", "HTTP/1.1", "HTTP/1.1 101", GOOD, GOOD.slice(0, -1), `${GOOD}\r`].map((raw, at) =>
    bad(
      `cut-${at}`,
      { raw, abrupt: "end" },
      at === 0 ? "ERR_HTTP_NO_RESPONSE" : "ERR_HTTP_INCOMPLETE",
    )
  ),
  // With something before it, Node 20 takes a reset for an end.
  bad("reset", { raw: "", abrupt: "reset" }, "ECONNRESET"),
];

const ANSWERS: ClientCase[] = [
  ...[
    PMD,
    "Permessage-Deflate",
    ` ${PMD} `,
    `, ${PMD} ,`,
    `${PMD}; server_no_context_takeover`,
    `${PMD};server_no_context_takeover`,
    `${PMD} ; SERVER_NO_CONTEXT_TAKEOVER`,
    `${PMD}; server_max_window_bits=15`,
    `${PMD}; client_max_window_bits=15; server_max_window_bits=15`,
    `${PMD}; server_max_window_bits="12"`,
    `${PMD}; server_max_window_bits="1\\2"`,
    ...["8", "9", "10", "11", "12", "13", "14"].map((bits) =>
      `${PMD}; server_max_window_bits=${bits}`
    ),
  ].map((value) => echoes(`answer ${value}`, [sent(1, "a")], ["text a"], extension(value))),
  ...[
    "x-unknown",
    `${PMD}, x-unknown`,
    `x-unknown, ${PMD}`,
    `${PMD}, ${PMD}`,
    `${PMD}; unknown`,
    `${PMD}; unknown=1`,
    `${PMD}; server_max_window_bits`,
    `${PMD}; client_max_window_bits`,
    ...["7", "16", "0", "08", "015", "9.0", "1e1", "+9", "-9", "0x9", "x", '""', "99999999999"]
      .flatMap((bits) => [
        `${PMD}; server_max_window_bits=${bits}`,
        `${PMD}; client_max_window_bits=${bits}`,
      ]),
    `${PMD}; server_no_context_takeover=1`,
    `${PMD}; server_no_context_takeover=true`,
    `${PMD}; client_no_context_takeover=""`,
    `${PMD}; server_no_context_takeover; server_no_context_takeover`,
    `${PMD}; client_no_context_takeover; client_no_context_takeover`,
    `${PMD}; server_max_window_bits=10; server_max_window_bits=10`,
    `${PMD}; client_max_window_bits=10; client_max_window_bits=11`,
    `${PMD};`,
    `${PMD}; =1`,
    `${PMD} x`,
    `; ${PMD}`,
    `"${PMD}"`,
    "",
    ",",
  ].map((value) => bad(`answer ${value}`, extension(value))),
  bad("answers-in-lines", extension([PMD, PMD])),
  bad("answer-and-other-line", extension([PMD, "x-unknown"])),
];

/** The same offer of a client that keeps no memory of earlier messages. */
function forgetting(offer: string): string {
  const server = "server_no_context_takeover";
  const after = offer.includes(server) ? `${PMD}; ${server}` : PMD;
  return offer.replace(after, `${after}; client_no_context_takeover`);
}

/** What was offered has to be kept to (RFC 7692, sections 7.1.1 and 7.1.2). */
const OFFERS: ClientCase[] = [
  ...([
    [{}, `${PMD}; client_max_window_bits`, PMD],
    [
      { serverNoContextTakeover: true },
      `${PMD}; server_no_context_takeover; client_max_window_bits`,
      `${PMD}; server_no_context_takeover`,
    ],
    [
      { clientNoContextTakeover: true },
      `${PMD}; client_no_context_takeover; client_max_window_bits`,
      PMD,
    ],
    [
      { serverMaxWindowBits: 10 },
      `${PMD}; server_max_window_bits=10; client_max_window_bits`,
      `${PMD}; server_max_window_bits=9`,
    ],
    [{ clientMaxWindowBits: 10 }, `${PMD}; client_max_window_bits=10`, PMD],
    [
      { clientMaxWindowBits: 10 },
      `${PMD}; client_max_window_bits=10`,
      `${PMD}; client_max_window_bits=9`,
    ],
  ] as const).map(([compression, offer, answer]): ClientCase =>
    echoes(`offer ${offer}; answer ${answer}`, [sent(1, "a")], ["text a"], {
      ...extension(answer),
      compression,
      // Where the client would remember, it offers the other way as well.
      offer: offer.includes("client_no") ? offer : `${offer}, ${forgetting(offer)}`,
      clientForgets: "clientNoContextTakeover" in compression,
    })
  ),
  ...([
    [{ serverNoContextTakeover: true }, PMD],
    [{ serverMaxWindowBits: 10 }, PMD],
    [{ serverMaxWindowBits: 10 }, `${PMD}; server_max_window_bits=11`],
    [{ clientMaxWindowBits: 10 }, `${PMD}; client_max_window_bits=11`],
  ] as const).map(([compression, answer]) =>
    bad(`offer ${JSON.stringify(compression)}; answer ${answer}`, {
      ...extension(answer),
      compression,
    })
  ),
  echoes("declined", [sent(1, "a")], ["text a"], { compression: true }),
];

/** By area. */
export const CLIENT_HANDSHAKES: Readonly<Record<string, readonly ClientCase[]>> = {
  "answers that open": FINE,
  "the status of the answer": STATUSES,
  "fields of the answer": FIELD_CASES,
  "subprotocols of the answer": PROTOCOLS,
  "the head of the answer": HEADS,
  "extensions of the answer": ANSWERS,
  "what was offered": OFFERS,
};
