/**
 * Connections by the thousand, opened, used and reset at random points: descriptors, memory and the
 * server's own count are back afterwards to what they were.
 *
 * @module
 */

import { connect, createServer, type TcpSocket } from "@netstd/net/tcp";
import * as http from "@netstd/net/http";
import * as tls from "@netstd/net/tls";
import * as websocket from "@netstd/net/websocket";
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../random.ts";
import {
  type Case,
  descriptors,
  descriptorsBackTo,
  memory,
  repeat,
  rule,
  within,
} from "./check.ts";

const AT_ONCE = 64;
/** Growth in MiB that is a leak: the runtime's own pools and caches take their share of it. */
const LEAK = 40;

const { key, cert } = await tls.createSelfSigned(["localhost", "127.0.0.1"]);
const REQUEST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789";
const HANDSHAKE = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** Leaves a connection in one of the ways there are. */
function leave(socket: TcpSocket, random: Random): void {
  switch (random.below(4)) {
    case 0:
      return socket.reset();
    case 1:
      return socket.destroy();
    case 2:
      return socket.end();
    default:
      void socket.close().catch(() => {});
  }
}

/** Connects, says a part of what is usual, and leaves at a random point. */
async function visit(port: number, words: string, random: Random): Promise<void> {
  const socket = connect({ hostname: "127.0.0.1", port });
  socket.on("error", () => {});
  if (random.oneIn(10)) return leave(socket, random);
  await socket.opened.catch(() => {});
  const length = random.below(words.length + 1);
  for (let at = 0; at < length;) {
    const end = Math.min(length, at + 1 + random.below(80));
    socket.write(words.slice(at, end));
    at = end;
    if (random.oneIn(3)) await delay(0);
  }
  if (random.oneIn(2)) {
    socket.on("data", () => {});
    await delay(random.below(5));
  }
  leave(socket, random);
  // A socket whose peer does nothing lingers; its limits are not what is looked at here.
  const gone = socket.closed.catch(() => {});
  await Promise.race([gone, delay(200)]);
  socket.destroy();
}

interface Served extends AsyncDisposable {
  readonly port: number;
  connections(): number;
}

async function overTcp(secure: boolean): Promise<Served> {
  const listener = (socket: TcpSocket) => void socket.pipe(socket);
  const server = secure ? tls.createServer({ key, cert }, listener) : createServer(listener);
  server.on("clientError", () => {});
  await server.listen({ hostname: "127.0.0.1", port: 0 });
  return {
    port: server.address.port!,
    connections: () => server.connections,
    [Symbol.asyncDispose]: () => server.close({ timeout: 0 }),
  };
}

async function overHttp(): Promise<Served> {
  const timeouts = { head: 1000, body: 1000, keepAlive: 1000, linger: 500 };
  const server = http.serve({ hostname: "127.0.0.1", port: 0, timeouts }, async (request) => {
    return new http.Response(await request.text());
  });
  server.on("clientError", () => {});
  return {
    port: (await server.opened).port!,
    connections: () => server.connections,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function overWebSocket(): Promise<Served> {
  const options = { hostname: "127.0.0.1", port: 0, closeTimeout: 500 };
  const server = websocket.serve(options, (connection) => {
    connection.on("message", (message) => connection.send(message));
    connection.on("error", () => {});
  });
  return {
    port: (await server.opened).port!,
    connections: () => server.connections,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function churnOf(name: string, words: string, serve: () => Promise<Served>): Case {
  return {
    name,
    async run({ ms, seed }) {
      const open = descriptors();
      const random = new Random(seed);
      let visits = 0;
      const round = async (time: number, port: number) => {
        visits += await repeat(time, AT_ONCE, () => visit(port, words, new Random(random.bits())));
      };
      let figures = "";
      {
        await using served = await serve();
        // What a runtime allocates once is there after a quarter.
        await round(ms / 4, served.port);
        const before = await memory();
        await round(ms * 3 / 4, served.port);
        const left = async () => {
          while (served.connections() > 0) await delay(20);
        };
        await within(20_000, `${served.connections()} connections to end`, left());
        const grown = await memory() - before;
        rule(grown <= LEAK, `${grown} MiB more than after a quarter of ${visits} connections`);
        figures = `${visits} connections, ${grown} MiB more than after a quarter of them`;
      }
      await descriptorsBackTo(open);
      return figures;
    },
  };
}

/** See the module's text. */
export const churn: readonly Case[] = [
  churnOf("churn-tcp", "some words that come back", () => overTcp(false)),
  churnOf("churn-tls", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", () => overTcp(true)),
  churnOf("churn-http", REQUEST.repeat(3), overHttp),
  churnOf("churn-ws", `${HANDSHAKE}\x81\x85\0\0\0\0hello\x88\x80\0\0\0\0`, overWebSocket),
];
