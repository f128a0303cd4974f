/** The opening handshake at a server (RFC 6455, section 4.2). @module */

/** A request, and the answer to it. */
export interface HandshakeCase {
  readonly name: string;
  readonly request: string;
  readonly status: number;
  /** Fields of the answer; null for absent. */
  readonly fields?: Readonly<Record<string, string | null>>;
}

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** Fields of the request; undefined leaves one out, a list gives several lines. */
type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

const GOOD: Fields = {
  Host: "a",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": KEY,
  "Sec-WebSocket-Version": "13",
};

function request(fields: Fields, line = "GET / HTTP/1.1", body = ""): string {
  const lines = Object.entries({ ...GOOD, ...fields }).flatMap(([name, values]) =>
    values === undefined ? [] : [values].flat().map((value) => `${name}: ${value}\r\n`)
  );
  return `${line}\r\n${lines.join("")}\r\n${body}`;
}

function opens(name: string, fields: Fields = {}, answer: HandshakeCase["fields"] = {}) {
  const expected = { "sec-websocket-accept": ACCEPT, upgrade: "websocket", ...answer };
  return { name, request: request(fields), status: 101, fields: expected };
}

function refused(
  name: string,
  status: number,
  fields: Fields,
  answer: HandshakeCase["fields"] = {},
): HandshakeCase {
  const expected = { "sec-websocket-accept": null, ...answer };
  return { name, request: request(fields), status, fields: expected };
}

const VERSIONED = { "sec-websocket-version": "13", upgrade: "websocket" };
const NONE = { "sec-websocket-protocol": null };

/** Servers speak chat and superchat, for http://good.test. */
export const HANDSHAKES: readonly HandshakeCase[] = [
  opens("plain", {}, { connection: "Upgrade", "sec-websocket-extensions": null, ...NONE }),
  opens("upgrade-case", { Upgrade: "WebSocket" }),
  opens("upgrade-upper", { Upgrade: "WEBSOCKET" }),
  opens("upgrade-list", { Upgrade: "foo, websocket" }),
  opens("upgrade-lines", { Upgrade: ["foo", "websocket"] }),
  opens("connection-case", { Connection: "upgrade" }),
  opens("connection-list", { Connection: "keep-alive, Upgrade" }),
  opens("connection-list-tight", { Connection: "keep-alive,Upgrade" }),
  opens("connection-lines", { Connection: ["keep-alive", "Upgrade"] }),
  opens("connection-empty-elements", { Connection: ", ,Upgrade," }),
  opens("unknown-fields", { "X-Unknown": "1", Cookie: "a=b" }),
  opens("content-length-0", { "Content-Length": "0" }),
  opens("small-names", {
    "Sec-WebSocket-Key": undefined,
    "sec-websocket-key": KEY,
    "Sec-WebSocket-Version": undefined,
    "SEC-WEBSOCKET-VERSION": "13",
  }),
  opens("spaces", { "Sec-WebSocket-Key": `  ${KEY}  `, "Sec-WebSocket-Version": " 13 " }),
  ...["GET /?a=b HTTP/1.1", "GET http://a/ HTTP/1.1", "GET /chat HTTP/1.1"].map((line) => ({
    name: line,
    request: request({}, line),
    status: 101,
  })),
  ...["POST", "PUT", "HEAD", "OPTIONS", "DELETE", "get"].map((method) => ({
    name: `method-${method}`,
    request: request({}, `${method} / HTTP/1.1`),
    status: 405,
  })),
  { name: "http-1.0", request: request({}, "GET / HTTP/1.0"), status: 400 },
  { name: "http-2.0", request: request({}, "GET / HTTP/2.0"), status: 505 },
  refused("no-host", 400, { Host: undefined }),
  refused("two-hosts", 400, { Host: ["a", "b"] }),
  refused("no-upgrade", 426, { Upgrade: undefined }, { upgrade: "websocket" }),
  refused("other-upgrade", 426, { Upgrade: "h2c" }, { upgrade: "websocket" }),
  refused("near-upgrade", 426, { Upgrade: "websocket2" }, { upgrade: "websocket" }),
  refused("no-connection", 400, { Connection: undefined }),
  refused("other-connection", 400, { Connection: "keep-alive" }),
  refused("near-connection", 400, { Connection: "upgraded" }),
  refused("no-key", 400, { "Sec-WebSocket-Key": undefined }),
  refused("empty-key", 400, { "Sec-WebSocket-Key": "" }),
  refused("short-key", 400, { "Sec-WebSocket-Key": "dGhlIHNhbXBsZQ==" }),
  refused("long-key", 400, { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZWF0b20=" }),
  refused("odd-key", 400, { "Sec-WebSocket-Key": "!!!!IHNhbXBsZSBub25jZQ==" }),
  refused("key-unpadded", 400, { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ" }),
  refused("two-keys", 400, { "Sec-WebSocket-Key": [KEY, KEY] }),
  refused("no-version", 426, { "Sec-WebSocket-Version": undefined }, VERSIONED),
  ...["", "0", "7", "8", "12", "14", "013", "13.0", "13, 13", "13, 8", "+13", "abc", "256"].map((
    version,
  ) => refused(`version-${version}`, 426, { "Sec-WebSocket-Version": version }, VERSIONED)),
  refused("two-versions", 426, { "Sec-WebSocket-Version": ["13", "13"] }, VERSIONED),
  {
    name: "body",
    request: request({ "Content-Length": "5" }, undefined, "Hello"),
    status: 400,
  },
  {
    name: "chunked",
    request: request({ "Transfer-Encoding": "chunked" }, undefined, "0\r\n\r\n"),
    status: 400,
  },
  opens("protocol-one", { "Sec-WebSocket-Protocol": "chat" }, { "sec-websocket-protocol": "chat" }),
  opens("protocol-order", { "Sec-WebSocket-Protocol": "superchat, chat" }, {
    "sec-websocket-protocol": "superchat",
  }),
  opens("protocol-lines", { "Sec-WebSocket-Protocol": ["x", "superchat"] }, {
    "sec-websocket-protocol": "superchat",
  }),
  opens("protocol-unknown", { "Sec-WebSocket-Protocol": "x, y" }, NONE),
  opens("protocol-case", { "Sec-WebSocket-Protocol": "CHAT" }, NONE),
  refused("protocol-empty", 400, { "Sec-WebSocket-Protocol": "" }),
  refused("protocol-odd", 400, { "Sec-WebSocket-Protocol": "a b" }),
  refused("protocol-twice", 400, { "Sec-WebSocket-Protocol": "chat, chat" }),
  ...[
    "permessage-deflate;",
    "permessage-deflate; =1",
    "permessage-deflate; server_max_window_bits=",
    'permessage-deflate; server_max_window_bits="10',
    'permessage-deflate; server_max_window_bits=""',
    "; a",
    "a b",
    "permessage-deflate; a=b c",
    "",
  ].map((value) => refused(`extensions ${value}`, 400, { "Sec-WebSocket-Extensions": value })),
  opens("extensions-lines", { "Sec-WebSocket-Extensions": ["x", "permessage-deflate"] }, {
    "sec-websocket-extensions": "permessage-deflate",
  }),
  opens("extensions-empty-elements", { "Sec-WebSocket-Extensions": ", permessage-deflate ,," }, {
    "sec-websocket-extensions": "permessage-deflate",
  }),
  opens("origin-good", { Origin: "http://good.test" }),
  refused("origin-bad", 403, { Origin: "http://bad.test" }),
  refused("origin-null", 403, { Origin: "null" }),
  // What HTTP itself has to say comes first (RFC 9112).
  ...([
    ["space-before-colon", 400, { "Upgrade ": "websocket", Upgrade: undefined }],
    ["empty-name", 400, { "": "x" }],
    ["value-with-nul", 400, { "X-Odd": "a\0b" }],
    ["value-with-cr", 400, { "X-Odd": "a\rb" }],
    ["folded", 400, { "X-Odd": "a\r\n b" }],
    ["folded-upgrade", 400, { Upgrade: "\r\n websocket" }],
    ["host-with-space", 400, { Host: "a b" }],
    ["host-with-user", 400, { Host: "u@a" }],
    ["host-with-odd-port", 400, { Host: "a:x" }],
    ["length-odd", 400, { "Content-Length": "x" }],
    ["length-signed", 400, { "Content-Length": "-1" }],
    ["length-plus", 400, { "Content-Length": "+0" }],
    ["lengths-differ", 400, { "Content-Length": ["0", "1"] }],
    ["coding-unknown", 400, { "Transfer-Encoding": "identity" }],
    ["large-field", 431, { "X-Large": "v".repeat(100_000) }],
    ["many-fields", 431, { "X-Many": Array.from({ length: 2_000 }, () => "v") }],
  ] as [string, number, Fields][]).map(([name, status, fields]) => refused(name, status, fields)),
  ...[
    "GET /#x HTTP/1.1",
    "GET x HTTP/1.1",
    "GET * HTTP/1.1",
    "GET /a b HTTP/1.1",
    "GET  / HTTP/1.1",
    "GET /",
    "GET / HTTP/1",
    "GET / http/1.1",
    "GET / HTTP/1.1 ",
  ].map((line) => ({ name: `line ${line}`, request: request({}, line), status: 400 })),
  { name: "line-feeds-alone", request: request({}).replaceAll("\r\n", "\n"), status: 400 },
  { name: "empty-lines-first", request: `\r\n${request({})}`, status: 101 },
  opens("key-in-other-form", { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZR==" }, {
    "sec-websocket-accept": "Zgw8jYXtqX5qJr7MJ1Q/MqzeSRI=",
  }),
  ...["-_hlIHNhbXBsZSBub25jZQ==", `${KEY}x`, `${KEY}, ${KEY}`, `"${KEY}"`, "=".repeat(24)].map((
    key,
  ) => refused(`key ${key}`, 400, { "Sec-WebSocket-Key": key })),
  refused("upgrade-quoted", 426, { Upgrade: '"websocket"' }, { upgrade: "websocket" }),
  refused("upgrade-with-version", 426, { Upgrade: "websocket/13" }, { upgrade: "websocket" }),
  opens("upgrade-among-others", {
    Connection: "Upgrade, HTTP2-Settings",
    Upgrade: "h2c, websocket",
  }),
  opens("host-empty", { Host: "" }),
  opens("host-ipv6", { Host: "[::1]:80" }),
  opens("expect", { Expect: "100-continue" }),
  opens("protocol-empty-elements", { "Sec-WebSocket-Protocol": ",chat,," }, {
    "sec-websocket-protocol": "chat",
  }),
  refused("protocol-comma", 400, { "Sec-WebSocket-Protocol": "," }),
  refused("protocol-quoted", 400, { "Sec-WebSocket-Protocol": '"chat"' }),
  refused("extensions-comma", 400, { "Sec-WebSocket-Extensions": "," }),
  refused("two-origins", 403, { Origin: ["http://good.test", "http://bad.test"] }),
  {
    name: "older-draft",
    request: "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Key1: 1 2\r\nSec-WebSocket-Key2: 3 4\r\n\r\n12345678",
    status: 426,
    fields: VERSIONED,
  },
];
