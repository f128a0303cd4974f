/**
 * Servers in a process of their own: killed and started again under their clients, and left without
 * descriptors. Clients see whole answers or errors, and go on once the server is back.
 *
 * @module
 */

import { connect, NetError, type TcpSocket } from "@netstd/net/tcp";
import * as http from "@netstd/net/http";
import * as websocket from "@netstd/net/websocket";
import { setTimeout as delay } from "node:timers/promises";
import { begins, type Case, pattern, repeat, rule, within } from "./check.ts";
import { Victim } from "./victim_process.ts";

const BODY = pattern(100_000, 9);
const PATIENCE = 20_000;

/** A WebSocket that is connected again each time it is lost, and asks for echoes. */
class Talk {
  opens = 0;
  echoes = 0;
  readonly #stop = new AbortController();
  readonly #over: Promise<void>;

  constructor(port: number) {
    this.#over = this.#run(`ws://127.0.0.1:${port}/`);
  }

  async #run(url: string): Promise<void> {
    const { signal } = this.#stop;
    try {
      for await (const connection of websocket.reconnect(url, { maxDelay: 200, signal })) {
        this.opens += 1;
        connection.send("are you there?");
        connection.on("error", () => {});
        connection.on("message", () => {
          this.echoes += 1;
          setTimeout(() => connection.send("are you there?"), 5);
        });
      }
    } catch (error) {
      rule(signal.aborted, `the talk has ended: ${error}`);
    }
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.#over;
  }
}

/** One request with a body that comes back. True when it was answered whole. */
async function post(client: http.HttpClient, port: number): Promise<boolean> {
  try {
    const response = await client.fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body: BODY,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const bytes = await response.bytes();
    rule(bytes.length === BODY.length && begins(bytes, BODY), `${bytes.length} bytes look whole`);
    return true;
  } catch (error) {
    if (error instanceof NetError) return false;
    throw error;
  }
}

const restarts: Case = {
  name: "restarts",
  async run({ ms }) {
    const victim = new Victim(null);
    await victim.start();
    await using client = new http.HttpClient();
    const talk = new Talk(victim.port);
    let kills = 0;
    let whole = 0;
    let failed = 0;
    const end = performance.now() + ms;
    const killing = (async () => {
      while (performance.now() < end) {
        await delay(500);
        await victim.kill();
        kills += 1;
        await victim.start();
      }
    })();
    await repeat(ms, 8, async () => {
      if (await post(client, victim.port)) whole += 1;
      else {
        failed += 1;
        await delay(10);
      }
    });
    await killing;
    rule(await post(client, victim.port), "the server is back, and a request fails");
    const before = talk.echoes;
    const echoed = async () => {
      while (talk.echoes === before) await delay(20);
    };
    await within(PATIENCE, "the WebSocket to be back", echoed());
    await within(PATIENCE, "the WebSocket to close", talk.stop());
    await victim.kill();
    rule(failed > 0 && whole > 0, `${whole} whole, ${failed} failed`);
    return `${kills} kills, ${whole} requests whole, ${failed} failed, ` +
      `${talk.opens} WebSockets one after the other`;
  },
};

/** A server without descriptors; with `reusePort` it stands on another API in Deno. */
const exhausted = (name: string, reusePort: boolean): Case => ({
  name,
  async run({ ms }) {
    const victim = new Victim(100, reusePort);
    await victim.start();
    // In Deno the first signal needs descriptors of its own, which has to be while there are some.
    await delay(1500);
    const sockets: TcpSocket[] = Array.from({ length: 300 }, () => {
      const socket = connect({ hostname: "127.0.0.1", port: victim.port });
      socket.on("error", () => {});
      socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
      return socket;
    });
    await delay(Math.min(ms, 3000));
    rule(victim.lives, "the server has ended");
    const { dropped, open } = await victim.report();
    // Half of them leave, and who waited or comes anew is served.
    for (const socket of sockets.slice(0, 250)) socket.destroy();
    await using client = new http.HttpClient();
    const served = async () => {
      while (!await post(client, victim.port)) await delay(50);
    };
    await within(PATIENCE, "a request to be answered", served());
    for (const socket of sockets) socket.destroy();
    rule(victim.lives, "the server has ended");
    await victim.kill();
    return `with 100 descriptors ${open} of 300 were open, ${dropped} dropped, others served later`;
  },
});

/** See the module's text. */
export const victims: readonly Case[] = [
  restarts,
  exhausted("descriptors", false),
  // Old versions of Node have no `reusePort`, and to newer ones it makes no difference here.
  ...("Deno" in globalThis ? [exhausted("descriptors-shared-port", true)] : []),
];
