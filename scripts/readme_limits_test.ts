/** The tables of limits in README say what `limits.ts` of each module does. @module */

import * as httpClient from "../http/client_limits.ts";
import * as httpServer from "../http/server_limits.ts";
import * as tcp from "../tcp/limits.ts";
import * as tls from "../tls/limits.ts";
import * as udp from "../udp/limits.ts";
import * as websocket from "../websocket/limits.ts";
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "./project_files.ts";

type Write = (value: number) => string;

interface Table {
  /** What README has before the table. */
  readonly behind: RegExp;
  readonly limits: Readonly<Record<string, number>>;
  /** For each limit how the row begins that names it, and how its number is written there. */
  readonly rows: Readonly<Record<string, readonly [start: string, write: Write]>>;
  /** Parts of what others say, or of no use to a reader. */
  readonly unsaid?: readonly string[];
}

const count: Write = (value) => value.toLocaleString("en");
const seconds: Write = (value) => `${value / 1000} s`;
const size: Write = (value) => {
  const [power, unit] = value >= 2 ** 30
    ? [30, "GiB"]
    : value >= 2 ** 20
    ? [20, "MiB"]
    : [10, "KiB"];
  return `${value / 2 ** power} ${unit}`;
};

const TABLES: Readonly<Record<string, Table>> = {
  TCP: {
    behind: /these are those of sockets\./,
    limits: tcp,
    rows: {
      HIGH_WATER_MARK: ["bytes waiting to go out before `write()` is false", count],
      MAX_BUFFERED_AMOUNT: ["bytes waiting to go out before one more write fails", size],
      CONNECT_TIMEOUT: ["time to connect", seconds],
      ATTEMPT_DELAY: ["head start of one address", (value) => `${value} ms`],
      LINGER_TIMEOUT: ["silence after our end", seconds],
      STALL_TIMEOUT: ["no progress of what was written", seconds],
      FORGOTTEN_TIMEOUT: ["a reader who took data", (value) => `${value / 60_000} min`],
      LINGER_BYTES: ["bytes dropped after our end", size],
      BACKLOG: ["connections that the system holds", count],
      ACCEPTED_WAITING: ["accepted sockets that wait", count],
      KEEP_ALIVE_DELAY: ["silence before the first keep-alive probe", seconds],
      UNIX_PATH_BYTES: ["bytes of the path of a Unix socket", count],
    },
  },
  UDP: {
    behind: /^## UDP$/m,
    limits: udp,
    rows: {
      MAX_QUEUED: ["datagrams waiting for a reader", count],
      MAX_UNSENT_BYTES: ["bytes waiting to be sent (each datagram counts 256 more)", size],
      MAX_NAMES: ["destinations remembered", count],
      NAME_LIFETIME: ["time a name is remembered", seconds],
      FLUSH_TIMEOUT: ["time `close()` waits", seconds],
      MAX_IPV4_PAYLOAD: [
        "size of a datagram",
        (value) => `${count(value)} B (IPv6: ${count(udp.MAX_IPV6_PAYLOAD)})`,
      ],
    },
    unsaid: ["SEND_COST", "MAX_IPV6_PAYLOAD"],
  },
  TLS: {
    behind: /^## TLS$/m,
    limits: tls,
    rows: {
      HANDSHAKE_TIMEOUT: [
        "a handshake",
        (value) => `${seconds(value)}, then the client is destroyed`,
      ],
      CONNECT_TIMEOUT: ["connecting", (value) => `${seconds(value)}, the handshake included`],
      ALPN_BYTES: ["names of protocols", (value) => `${count(value)} bytes with their lengths`],
      CERTIFICATE_DAYS: [
        "certificates made",
        (value) => `${value} days, authorities ${count(tls.AUTHORITY_DAYS)}`,
      ],
    },
    unsaid: ["AUTHORITY_DAYS"],
  },
  "HTTP servers": {
    behind: /^The HTTP server's, in/m,
    limits: httpServer,
    rows: {
      MAX_REQUEST_LINE: ["bytes of the request line", size],
      MAX_HEAD: ["bytes of a head", (value) => `${size(value)}, ${httpServer.MAX_FIELDS}`],
      MAX_BODY: ["bytes of content", size],
      MAX_CHUNK_EXTENSIONS: ["bytes of chunk extensions", size],
      MAX_TRAILERS: ["bytes of chunk extensions, of trailers", size],
      MAX_PIPELINED: ["bytes of pipelined requests", size],
      MAX_UNREAD: ["bytes of unread content", size],
      MAX_CONNECTIONS: ["connections at a time", count],
      HEAD_TIMEOUT: ["time for a head", seconds],
      BODY_TIMEOUT: ["no progress of content", seconds],
      KEEP_ALIVE_TIMEOUT: ["an idle connection", seconds],
      RESPONSE_TIMEOUT: [
        "a client that takes nothing",
        (value) => `${value / 1000} to ${seconds(2 * value)}`,
      ],
      PRESENCE_TIMEOUT: ["a client that ended its side", seconds],
      LINGER_TIMEOUT: ["a client that does not end", seconds],
      LINGER_BYTES: ["bytes dropped after the server's end", size],
      HIGH_WATER_MARK: ["bytes of responses that wait", size],
    },
    unsaid: ["MAX_FIELDS", "PRESENCE_AGAIN", "PRESENCE_REPEAT"],
  },
  "HTTP clients": {
    behind: /^The HTTP client's, in/m,
    limits: httpClient,
    rows: {
      MAX_SOCKETS: [
        "connections to one origin",
        (value) => `${value}, ${httpClient.MAX_TOTAL_SOCKETS}`,
      ],
      MAX_QUEUED: ["requests that wait", count],
      MAX_STATUS_LINE: ["bytes of a status line", size],
      MAX_HEAD: ["bytes of a head", (value) => `${size(value)}, ${httpClient.MAX_FIELDS}`],
      MAX_INFORMATIONAL: ["responses of 1xx", count],
      MAX_CHUNK_EXTENSIONS: ["bytes of chunk extensions", size],
      MAX_TRAILERS: ["bytes of chunk extensions, of trailers", size],
      MAX_EXPANSION: [
        "how often coded content expands, beyond 64 MiB",
        (value) => `${value} times`,
      ],
      MAX_CODINGS: ["codings of one response", count],
      MAX_REDIRECTS: ["redirects", count],
      MAX_UNREAD: ["bytes of unwanted content", size],
      CONNECT_TIMEOUT: [
        "time to connect",
        (value) => `${seconds(value)}, ${seconds(httpClient.HANDSHAKE_TIMEOUT)}`,
      ],
      QUEUE_TIMEOUT: ["time in line", seconds],
      HEAD_TIMEOUT: ["time for a response's head", seconds],
      BODY_TIMEOUT: ["no progress of content", seconds],
      CONTINUE_TIMEOUT: ["wait for 100 (Continue)", seconds],
      KEEP_ALIVE_TIMEOUT: ["an idle connection", seconds],
      KEEP_ALIVE_MOST: ["the same, by a server's hint", seconds],
      HIGH_WATER_MARK: ["bytes of streamed content", size],
    },
    unsaid: [
      "MAX_TOTAL_SOCKETS",
      "MAX_FIELDS",
      "HANDSHAKE_TIMEOUT",
      "EXPANSION_FREE",
      "KEEP_ALIVE_MARGIN",
      "LOOK_AGAIN",
    ],
  },
  WebSocket: {
    behind: /^A WebSocket's, in/m,
    limits: websocket,
    rows: {
      MAX_MESSAGE_SIZE: ["bytes of a message", size],
      MAX_FRAGMENTS: ["frames of a message", count],
      HIGH_WATER_MARK: ["bytes of messages unread, 64 more for each", size],
      MAX_BUFFERED_AMOUNT: ["bytes that wait to go out |", size],
      MAX_PENDING_PINGS: ["pings that wait", count],
      MAX_PENDING_PONGS: ["answers to pings", count],
      HANDSHAKE_TIMEOUT: ["time of a client for the handshake", seconds],
      CLOSE_TIMEOUT: ["time for the peer's close", seconds],
      HEARTBEAT_INTERVAL: [
        "silence before a ping",
        (value) => `${value / 1000}, ${seconds(websocket.HEARTBEAT_TIMEOUT)}`,
      ],
      DEFLATE_THRESHOLD: [
        "bytes of messages that are deflated",
        (value) => `${size(value)} to ${size(websocket.MAX_DEFLATE_SIZE)}`,
      ],
      MAX_TOPIC_BACKLOG: ["bytes that wait for one receiver", size],
      RECONNECT_MIN_DELAY: [
        "wait before a client comes back",
        (value) => `${value / 1000} to ${seconds(websocket.RECONNECT_MAX_DELAY)}`,
      ],
    },
    unsaid: [
      "MESSAGE_OVERHEAD",
      "HEARTBEAT_TIMEOUT",
      "MAX_DEFLATE_SIZE",
      "DEFLATE_OVERHEAD",
      "DEFLATE_LEVEL",
      "DEFLATE_MEMORY_LEVEL",
      "POOLED_CODECS",
      "RECONNECT_MAX_DELAY",
    ],
  },
};

const readme = await Deno.readTextFile(`${ROOT}README.md`);

/** The rows of the first table of limits behind a text, without the spaces that align them. */
function rowsBehind(behind: RegExp): string[] {
  const text = readme.slice(readme.search(behind));
  const lines = text.slice(text.search(/^\| limit /m)).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(0, end).map((line) => line.replaceAll(/ +/g, " "));
}

for (const [name, { behind, limits, rows, unsaid = [] }] of Object.entries(TABLES)) {
  Deno.test(`README says the limits of ${name} as they are when it is read beside limits.ts`, () => {
    const said = rowsBehind(behind);
    for (const [constant, [start, write]] of Object.entries(rows)) {
      const row = said.find((row) => row.startsWith(`| ${start}`));
      assert(row !== undefined, `No row begins by "${start}"`);
      assertEquals(row.split(" | ")[1], write(limits[constant]!), `${constant}: ${row}`);
    }
    assertEquals([...Object.keys(rows), ...unsaid].sort(), Object.keys(limits).sort());
  });
}
