/**
 * Readers and writers by the thousand that are slow: what they hold of the server's memory has a
 * bound, and who is quick is served as if they were not there.
 *
 * @module
 */

import { connect, type TcpSocket } from "@netstd/net/tcp";
import * as http from "@netstd/net/http";
import * as websocket from "@netstd/net/websocket";
import { setTimeout as delay } from "node:timers/promises";
import { begins, type Case, memory, pattern, rule, within } from "./check.ts";
import { Victim } from "./victim_process.ts";

const SLOW = 1000;
/** Connects in groups: a listener's backlog does not take them all at once. */
const GROUP = 100;
/** KiB that a slow client may cost a server, where it runs in this process with its own end. */
const MOST_EACH = 400;
/** The longest that a quick client may wait, in ms, on a machine that is busy. */
const QUICK = 3000;

const CHUNK = pattern(64 * 1024, 3);

async function crowd(count: number, join: () => Promise<TcpSocket>): Promise<TcpSocket[]> {
  const sockets: TcpSocket[] = [];
  while (sockets.length < count) {
    const group = Array.from({ length: Math.min(GROUP, count - sockets.length) }, join);
    sockets.push(...await Promise.all(group));
  }
  return sockets;
}

async function opened(port: number, words: string): Promise<TcpSocket> {
  // What waits at this end is not what is measured.
  const socket = connect({ hostname: "127.0.0.1", port }, { highWaterMark: 1024 });
  socket.on("error", () => {});
  await socket.opened;
  socket.write(words);
  return socket;
}

/** Has quick clients ask for as long as it takes; gives the longest that one waited, in ms. */
async function askQuickly(port: number, ms: number): Promise<number> {
  await using client = new http.HttpClient();
  let longest = 0;
  for (const end = performance.now() + ms; performance.now() < end;) {
    const before = performance.now();
    const response = await within(
      2 * QUICK,
      "a quick answer",
      client.fetch(`http://127.0.0.1:${port}/quick`, { method: "POST", body: "quick" }),
    );
    rule(await response.text() === "quick", "another answer");
    longest = Math.max(longest, performance.now() - before);
    await delay(20);
  }
  rule(longest <= QUICK, `a quick client waited ${Math.round(longest)} ms`);
  return longest;
}

/** Clients that ask for a lot and take a little; the server has a process of its own. */
const readers: Case = {
  name: "slow-readers",
  async run({ ms }) {
    const victim = new Victim(null);
    await victim.start();
    const before = (await victim.report()).held;
    const sockets = await crowd(SLOW, async () => {
      const socket = await opened(victim.port, "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
      await socket.read();
      return socket;
    });
    const taking = setInterval(() => {
      for (const socket of sockets.slice(0, SLOW / 10)) void socket.read().catch(() => {});
    }, 100);
    const longest = await askQuickly(victim.port, ms);
    clearInterval(taking);
    const { held, open } = await victim.report();
    for (const socket of sockets) socket.destroy();
    await victim.kill();
    const each = Math.round((held - before) / SLOW);
    rule(open >= SLOW, `${open} connections are open`);
    rule(each <= MOST_EACH, `${each} KiB for each slow reader`);
    return `${SLOW} readers, ${each} KiB each, a quick client waited ${Math.round(longest)} ms`;
  },
};

/** Clients that announce content and send a byte now and then. */
const writers: Case = {
  name: "slow-writers",
  async run({ ms }) {
    let whole = 0;
    const content = pattern(20, 5);
    await using server = http.serve({ hostname: "127.0.0.1", port: 0 }, async (request) => {
      if (request.url.endsWith("/quick")) return new http.Response("quick");
      const bytes = new Uint8Array(await request.arrayBuffer());
      rule(bytes.length === content.length && begins(bytes, content), "another content");
      whole += 1;
      return new http.Response("thanks");
    });
    const port = (await server.opened).port!;
    const before = await memory();
    const head = `POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: ${content.length}\r\n\r\n`;
    const sockets = await crowd(SLOW, () => opened(port, head));
    const quick = askQuickly(port, ms);
    for (const byte of content) {
      for (const socket of sockets) socket.write(Uint8Array.of(byte));
      await delay(ms / content.length / 2);
    }
    const each = Math.round((await memory() - before) * 1024 / SLOW);
    const answers = sockets.map(async (socket) => {
      const answer = new TextDecoder().decode(await socket.read() ?? undefined);
      rule(answer.startsWith("HTTP/1.1 200"), `the answer ${answer}`);
      socket.destroy();
    });
    await within(30_000, "the last answer", Promise.all(answers));
    const longest = await quick;
    rule(whole === SLOW, `${whole} of ${SLOW} were read whole`);
    rule(each <= MOST_EACH, `${each} KiB for each slow writer`);
    return `${SLOW} writers, ${each} KiB each, a quick client waited ${Math.round(longest)} ms`;
  },
};

/** WebSocket clients that read nothing of what is sent to all. */
const listeners: Case = {
  name: "slow-listeners",
  async run({ ms }) {
    const topics = new websocket.Topics();
    let refused = 0;
    const options = { hostname: "127.0.0.1", port: 0, maxBufferedAmount: 256 * 1024 };
    await using server = websocket.serve(options, (connection) => {
      topics.subscribe("news", connection);
      connection.on("error", () => refused++);
    });
    const port = (await server.opened).port!;
    const before = await memory();
    const slow: websocket.WebSocketConnection[] = [];
    while (slow.length < SLOW / 2) {
      const group = Array.from({ length: GROUP }, () => {
        const connection = websocket.connect(`ws://127.0.0.1:${port}/`, { compression: false });
        connection.on("error", () => {});
        return connection;
      });
      await Promise.all(group.map(({ opened }) => opened));
      slow.push(...group);
    }
    const quick = websocket.connect(`ws://127.0.0.1:${port}/`, { compression: false });
    await quick.opened;
    let heard = 0;
    quick.on("message", () => heard++);
    const news = CHUNK;
    let sent = 0;
    for (const end = performance.now() + ms; performance.now() < end; sent++) {
      topics.publish("news", news);
      while (heard < sent) await delay(1);
    }
    const each = Math.round((await memory() - before) * 1024 / slow.length);
    for (const connection of slow) connection.terminate();
    quick.terminate();
    rule(refused > 0, "who reads nothing was never given up");
    rule(each <= 2 * MOST_EACH, `${each} KiB for each listener that does not listen`);
    return `${slow.length} that read nothing, ${refused} given up, ${sent} messages to one that ` +
      `reads, ${each} KiB each`;
  },
};

/** See the module's text. */
export const slow: readonly Case[] = [readers, writers, listeners];
