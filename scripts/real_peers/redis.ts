/**
 * Topics of two server processes that share them over Debian's redis-server, by the package `redis`
 * of npm: both processes in Deno, both in Node, one in each. `deno task test:redis`; the last line
 * is `N passed, N failed`. It fails where there is no redis-server, or no package.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { connect, type WebSocketConnection } from "@netstd/net/websocket";
import { Child } from "../bench/child.ts";
import { installed } from "./installed.ts";
import { programPath, type Runtime, runtimes, Tally } from "./runtimes.ts";
import { missing } from "./missing.ts";

const REDIS = "redis@5";

/** Tries in a row to reach a server that has just been started, and the ms between. */
const TRIES = 100;
const PAUSE = 50;

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Debian's redis-server with nothing kept on the disk. */
class Redis implements AsyncDisposable {
  readonly port = freePort();
  #process: Deno.ChildProcess | null = null;

  async start(): Promise<void> {
    const options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    this.#process = new Deno.Command("redis-server", {
      args: ["--port", String(this.port), ...options],
      stdout: "null",
    }).spawn();
    for (let left = TRIES; left > 0; left--) {
      if (await this.ask("PING").catch(() => "") === "+PONG") return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    throw new Error("Cannot reach redis-server");
  }

  /** Asks by one line, and gives the last line of the answer. */
  async ask(line: string): Promise<string> {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    await connection.write(new TextEncoder().encode(`${line}\r\n`));
    const buffer = new Uint8Array(1024);
    const length = await connection.read(buffer) ?? 0;
    return new TextDecoder().decode(buffer.subarray(0, length)).trim().split("\r\n").at(-1)!;
  }

  async stop(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.status;
    this.#process = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A client of one of the servers. */
class Client implements AsyncDisposable {
  readonly connection: WebSocketConnection;
  readonly #messages: AsyncIterator<string | Uint8Array>;

  constructor(port: number, topic: string) {
    this.connection = connect(`ws://127.0.0.1:${port}/${topic}`);
    this.#messages = this.connection[Symbol.asyncIterator]();
  }

  /** Connects, and waits until it has subscribed in all processes. */
  static async join(port: number, topic: string): Promise<Client> {
    const client = new Client(port, topic);
    assertEquals(await client.next(), "subscribed");
    return client;
  }

  async next(): Promise<string | Uint8Array | undefined> {
    return (await this.#messages.next()).value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close().catch(() => {});
  }
}

/** Two server processes, and the Redis between them. */
interface Stage {
  readonly redis: Redis;
  readonly one: number;
  readonly two: number;
}

const cases: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "texts and bytes reach the other process": async ({ one, two }) => {
    await using ann = await Client.join(one, "news");
    await using bob = await Client.join(two, "news");
    const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at & 0xff);
    for (const message of ["Hello", "", "Grüße 𝄞", bytes, new Uint8Array(0)]) {
      ann.connection.send(message);
      assertEquals(await bob.next(), message);
      bob.connection.send(message);
      assertEquals(await ann.next(), message);
    }
  },
  "each receiver gets each message once, in order": async ({ one, two }) => {
    await using sender = await Client.join(one, "series");
    await using near = await Client.join(one, "series");
    await using far = await Client.join(two, "series");
    for (let number = 0; number < 1000; number++) sender.connection.send(String(number));
    for (const receiver of [near, far]) {
      for (let number = 0; number < 1000; number++) {
        assertEquals(await receiver.next(), String(number));
      }
    }
    // Were anything there twice, it would come before this.
    sender.connection.send("last");
    assertEquals([await near.next(), await far.next()], ["last", "last"]);
  },
  "topics do not mix": async ({ one, two }) => {
    await using red = await Client.join(one, "red");
    await using blue = await Client.join(two, "blue");
    await using sender = await Client.join(two, "red");
    await using other = await Client.join(one, "blue");
    sender.connection.send("for red");
    other.connection.send("for blue");
    assertEquals([await red.next(), await blue.next()], ["for red", "for blue"]);
  },
  "a topic that nobody wants is given up": async ({ redis, one, two }) => {
    const ann = await Client.join(one, "brief");
    const bob = await Client.join(two, "brief");
    assertEquals(await redis.ask("PUBSUB NUMSUB test:brief"), ":2");
    await ann.connection.close();
    await bob.connection.close();
    for (let left = TRIES; await redis.ask("PUBSUB NUMSUB test:brief") !== ":0"; left--) {
      if (left === 0) throw new Error("The subscription is still there");
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  },
  "it goes on after Redis was restarted": async ({ redis, one, two }) => {
    await using ann = await Client.join(one, "lasting");
    await using bob = await Client.join(two, "lasting");
    await redis.stop();
    await redis.start();
    for (let left = TRIES; await redis.ask("PUBSUB NUMSUB test:lasting") !== ":2"; left--) {
      if (left === 0) throw new Error("The subscriptions did not come back");
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    ann.connection.send("still here");
    assertEquals(await bob.next(), "still here");
  },
};

async function play(runtimeOne: Runtime, runtimeTwo: Runtime, folder: string, tally: Tally) {
  await using redis = new Redis();
  await redis.start();
  const start = ({ command, module }: Runtime) =>
    new Child([
      ...command,
      programPath("topics.mjs"),
      module("websocket"),
      folder,
      String(redis.port),
    ]);
  await using childOne = start(runtimeOne);
  await using childTwo = start(runtimeTwo);
  const { port: one } = await childOne.next<{ port: number }>();
  const { port: two } = await childTwo.next<{ port: number }>();
  for (const [name, run] of Object.entries(cases)) {
    const full = `${runtimeOne.name} and ${runtimeTwo.name}: ${name}`;
    await tally.run(full, () => run({ redis, one, two }), 15_000);
  }
}

async function hasRedis(): Promise<boolean> {
  try {
    return (await new Deno.Command("redis-server", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function main(): Promise<number> {
  if (!await hasRedis()) return missing("redis-server", "redis-server");
  const [deno, node] = await runtimes();
  const folder = await installed([REDIS]);
  const tally = new Tally();
  try {
    for (const [one, two] of [[deno!, deno!], [node!, node!], [deno!, node!]] as const) {
      await play(one, two, folder, tally);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return tally.end();
}

if (import.meta.main) Deno.exit(await main());
