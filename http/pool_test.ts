import { assert, assertEquals, assertRejects } from "@std/assert";
import { Deferred } from "../_core/deferred.ts";
import { NetError } from "../_core/errors.ts";
import {
  response,
  type ScriptedConnection,
  type ScriptedServer,
  scriptedServer,
} from "../_testing/scripted_server.ts";
import { utf8 } from "../_core/text.ts";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { HttpClient } from "./client.ts";
import type { ClientConnection } from "./client_connection.ts";
import { clientSettings, type HttpClientOptions } from "./client_options.ts";
import type { PoolRequest } from "./pool.ts";
import { Pools } from "./pools.ts";

/** A server whose answers the test gives: it waits for each to be asked. */
class Manual {
  readonly asked: { path: string; connection: ScriptedConnection }[] = [];
  server!: ScriptedServer;
  #onAsked: (() => void)[] = [];

  async start(): Promise<this> {
    this.server = await scriptedServer(async (connection) => {
      for (;;) {
        const [, path = ""] = (await connection.head()).split(" ");
        this.asked.push({ path, connection });
        for (const check of this.#onAsked.splice(0)) check();
      }
    });
    return this;
  }

  /** Resolves once so many requests wait for an answer. */
  async waits(count: number): Promise<void> {
    while (this.asked.length < count) {
      await new Promise<void>((resolve) => this.#onAsked.push(resolve));
    }
  }

  /** Answers the one that waits longest, by its path. */
  answer(head = ""): string {
    const { path, connection } = this.asked.shift()!;
    connection.write(response(path, head)).catch(() => {});
    return path;
  }
}

async function withManual(
  options: HttpClientOptions,
  test: (
    client: HttpClient,
    manual: Manual,
    get: (path: string) => Promise<string>,
  ) => Promise<void>,
): Promise<void> {
  const manual = await new Manual().start();
  await using _server = manual.server;
  await using client = new HttpClient(options);
  await test(client, manual, async (path) => {
    return await (await client.fetch(manual.server.url + path)).text();
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

Deno.test("Pool opens no more connections than allowed, and serves in turn", () =>
  withManual({ maxSockets: 2 }, async (client, manual, get) => {
    const all = ["/1", "/2", "/3", "/4", "/5"].map(get);
    await manual.waits(2);
    assertEquals([client.stats.open, client.stats.queued], [2, 3]);
    const order: string[] = [];
    for (let i = 0; i < 5; i++) {
      await manual.waits(1);
      order.push(manual.answer());
    }
    assertEquals(await Promise.all(all), ["/1", "/2", "/3", "/4", "/5"]);
    assertEquals(order.slice(2), ["/3", "/4", "/5"]);
    assertEquals(manual.server.accepted, 2);
  }));

Deno.test("Pool uses the connection that was used last", () =>
  withManual({}, async (_client, manual, get) => {
    const both = [get("/1"), get("/2")];
    await manual.waits(2);
    const [first, second] = manual.asked;
    manual.answer();
    await both[first!.path === "/1" ? 0 : 1];
    manual.answer();
    await Promise.all(both);
    for (let i = 0; i < 3; i++) {
      const next = get("/3");
      await manual.waits(1);
      assertEquals(manual.asked[0]!.connection.index, second!.connection.index);
      manual.answer();
      await next;
    }
  }));

Deno.test("Pool refuses requests when too many wait", () =>
  withManual({ maxSockets: 1, limits: { queued: 1 } }, async (_client, manual, get) => {
    const first = get("/1");
    await manual.waits(1);
    const second = get("/2");
    assertEquals(await codeOf(get("/3")), "ERR_HTTP_QUEUE_FULL");
    manual.answer();
    await manual.waits(1);
    manual.answer();
    assertEquals([await first, await second], ["/1", "/2"]);
  }));

Deno.test("Pool counts nobody as in line for whom a connection is being opened", () =>
  withManual({ maxSockets: 2, limits: { queued: 0 } }, async (client, manual, get) => {
    const both = [get("/1"), get("/2")];
    assertEquals(client.stats.connecting, 2);
    assertEquals(await codeOf(get("/3")), "ERR_HTTP_QUEUE_FULL");
    await manual.waits(2);
    manual.answer();
    manual.answer();
    assertEquals(await Promise.all(both), ["/1", "/2"]);
    const third = get("/3");
    await manual.waits(1);
    manual.answer();
    assertEquals(await third, "/3");
  }));

Deno.test("Pool refuses a request when it has waited too long", () =>
  withManual({ maxSockets: 1, timeouts: { queue: 30 } }, async (client, manual, get) => {
    const first = get("/1");
    await manual.waits(1);
    assertEquals(await codeOf(get("/2")), "ERR_HTTP_QUEUE_TIMEOUT");
    assertEquals(client.stats.queued, 0);
    manual.answer();
    assertEquals(await first, "/1");
  }));

Deno.test("Pool forgets a request that was aborted while it waited", () =>
  withManual({ maxSockets: 1 }, async (client, manual, get) => {
    const first = get("/1");
    await manual.waits(1);
    const controller = new AbortController();
    const aborted = client.fetch(`${manual.server.url}/2`, { signal: controller.signal });
    const third = get("/3");
    controller.abort();
    await assertRejects(() => aborted);
    assertEquals(client.stats.queued, 1);
    manual.answer();
    await manual.waits(1);
    assertEquals(manual.answer(), "/3");
    assertEquals([await first, await third], ["/1", "/3"]);
  }));

Deno.test("Pool does not keep a connection when that is not wanted, or the server gives no time", async () => {
  await withManual({ keepAlive: false }, async (client, manual, get) => {
    const first = get("/1");
    await manual.waits(1);
    manual.answer();
    await first;
    assertEquals(client.stats.open, 0);
  });
  await withManual({}, async (client, manual, get) => {
    const first = get("/1");
    await manual.waits(1);
    manual.answer("Keep-Alive: timeout=1\r\n");
    await first;
    assertEquals(client.stats.open, 0);
  });
});

Deno.test("Pool fails the request that waits longest when connecting fails", async () => {
  const server = await scriptedServer(() => {});
  const { url } = server;
  await server.close();
  await using client = new HttpClient({ maxSockets: 1 });
  const codes = await Promise.all([1, 2, 3].map(() => codeOf(client.fetch(url))));
  assertEquals(codes, Array(3).fill("ECONNREFUSED"));
  assertEquals([client.stats.connecting, client.stats.queued, client.stats.running], [0, 0, 0]);
});

Deno.test("Pools close another origin's idle connection when all places are taken", async () => {
  const other = await new Manual().start();
  await using _other = other.server;
  await withManual({ maxTotalSockets: 1 }, async (client, manual, get) => {
    const first = get("/1");
    await manual.waits(1);
    manual.answer();
    await first;
    assertEquals(client.stats.idle, 1);
    const second = client.fetch(`${other.server.url}/2`);
    await other.waits(1);
    assertEquals([client.stats.open, client.stats.idle], [1, 0]);
    other.answer();
    assertEquals(await (await second).text(), "/2");
  });
});

Deno.test("Pools let the origin that waits longest have the next place", async () => {
  const other = await new Manual().start();
  await using _other = other.server;
  await withManual({ maxTotalSockets: 1 }, async (_client, manual, get) => {
    const first = get("/1");
    await manual.waits(1);
    const elsewhere = _client.fetch(`${other.server.url}/2`);
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    const third = get("/3");
    manual.answer();
    await first;
    await other.waits(1);
    other.answer();
    await (await elsewhere).text();
    await manual.waits(1);
    manual.answer();
    assertEquals(await third, "/3");
  });
});

Deno.test("Pools stay within their places when many origins are asked at once", async () => {
  const servers = await Promise.all(Array.from({ length: 5 }, () => new Manual().start()));
  await using client = new HttpClient({ maxTotalSockets: 2, maxSockets: 2 });
  const done = new Deferred<void>();
  const answering = servers.map(async (manual) => {
    for (let i = 0; i < 4; i++) {
      await manual.waits(1);
      assert(client.stats.open + client.stats.connecting <= 2);
      manual.answer();
    }
  });
  const texts = await Promise.all(
    servers.flatMap(({ server }) =>
      [1, 2, 3, 4].map(async (n) => await (await client.fetch(`${server.url}/${n}`)).text())
    ),
  );
  done.resolve();
  await Promise.all(answering);
  assertEquals(texts.length, 20);
  assert(servers.every(({ server }) => server.accepted >= 1));
  for (const { server } of servers) await server.close();
});

// --- On streams in memory, with a clock of our own ---------------------------------------------

const settings = clientSettings({});

/** A request that only wants to know which connection carries it. */
function request(careful: boolean): PoolRequest & { carrier: Promise<ClientConnection> } {
  const carrier = new Deferred<ClientConnection>();
  const nothing = () => {};
  return {
    carrier: carrier.promise,
    carriedBy: (connection) => carrier.resolve(connection),
    careful,
    needsFresh: false,
    waiting: false,
    queuedAt: 0,
    message: PLAIN,
    content: null,
    unread: false,
    onInformational: nothing,
    onResponse: nothing,
    onContent: nothing,
    onResponseEnd: nothing,
    onFailure: nothing,
    onSwitch: nothing,
  };
}

const PLAIN = {
  method: "GET",
  head: "GET / HTTP/1.1\r\n\r\n",
  framing: { kind: "none" },
  close: false,
  expectsContinue: false,
  upgrade: null,
} as const;

const LATE: [what: string, careful: boolean, idle: number, sent: string, again: boolean][] = [
  ["ended while it idled", false, 11, "", false],
  ["sent something while it idled", false, 11, "HTTP/1.1 200 OK\r\n\r\n", false],
  ["ended, and repeating could do harm", true, 0, "", false],
  ["is as it was after a while", false, 11, "nothing", true],
  ["is as it was, and repeating could do harm", true, 0, "nothing", true],
];

for (const [what, careful, idle, sent, again] of LATE) {
  Deno.test(`Pool uses ${again ? "the same" : "another"} connection when the one ${what}`, async () => {
    const clock = new FakeClock();
    const far: MemoryStream[] = [];
    const pool = new Pools(settings, new TimerQueue(clock)).pool("test", () => {
      const [near, other] = MemoryStream.pair();
      other.attach(DEAF);
      far.push(other);
      return Promise.resolve(near);
    });
    const first = request(false);
    pool.request(first);
    const used = await first.carrier;
    far[0]!.write(utf8("HTTP/1.1 204 No Content\r\n\r\n"));
    while (pool.idle === 0) await new Promise<void>((resolve) => clock.defer(resolve));
    clock.advance(idle);
    if (sent === "") far[0]!.end();
    else if (sent !== "nothing") far[0]!.write(utf8(sent));
    const second = request(careful);
    pool.request(second);
    assertEquals(await second.carrier === used, again);
    pool.destroy(new Error("The test is over"));
    for (const stream of far) stream.close();
  });
}

const DEAF = {
  borrows: false,
  onData() {},
  onEnd() {},
  onWritten() {},
  onFinish() {},
  onClose() {},
};
