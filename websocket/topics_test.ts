import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { pairsOf } from "../_testing/websocket_pair.ts";
import { type TopicBroker, Topics } from "./topics.ts";
import { linkOf, prepared, WebSocketConnection } from "./connection.ts";
import { settingsOf, type WebSocketOptions } from "./options.ts";

const { openPair } = pairsOf({
  make: (role, options: WebSocketOptions, timers) =>
    new WebSocketConnection(role, { [prepared]: settingsOf(options, timers) } as WebSocketOptions),
  linkOf,
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}

/** Pairs, with what their clients get. */
function receivers(count: number) {
  return Array.from({ length: count }, () => {
    const pair = openPair();
    const messages: unknown[] = [];
    pair.client.on("message", (data) => messages.push(data));
    return { ...pair, messages };
  });
}

async function closeAll(ends: { client: WebSocketConnection }[]): Promise<void> {
  await Promise.all(ends.map(({ client }) => client.close()));
}

Deno.test("Topics sends to those who subscribed, but for one who is left out", async () => {
  const topics = new Topics();
  const all = receivers(3);
  const [a, b, c] = all.map(({ server }) => server);
  topics.subscribe("x", a!);
  topics.subscribe("x", b!);
  topics.subscribe("x", b!);
  topics.subscribe("y", c!);
  topics.publish("x", "one");
  topics.publish("x", "two", { except: b! });
  topics.publish("nobody", "three");
  topics.unsubscribe("x", a!);
  topics.unsubscribe("x", c!);
  topics.publish("x", Uint8Array.of(4));
  await turns();
  assertEquals(all.map(({ messages }) => messages), [
    ["one", "two"],
    ["one", Uint8Array.of(4)],
    [],
  ]);
  assertEquals([topics.receivers("x"), topics.receivers("y"), topics.receivers("z")], [1, 1, 0]);
  await closeAll(all);
  await turns();
  assertEquals([topics.receivers("x"), topics.receivers("y")], [0, 0]);
  assertEquals(a!.listenerCount("close"), 0);
  await topics.subscribe("x", a!);
  assertEquals(topics.receivers("x"), 0);
});

Deno.test("Topics closes slow receivers, or drops what they cannot take", async () => {
  for (const slowReceivers of ["close", "drop"] as const) {
    const topics = new Topics({ maxBacklog: 50_000, slowReceivers });
    const { client, server } = openPair({ memory: { capacity: 1000 } });
    client.pause().on("message", () => {});
    topics.subscribe("x", server);
    for (let count = 0; count < 20; count++) topics.publish("x", "a".repeat(20_000));
    assert(topics.dropped > 0);
    assertEquals(server.readyState, slowReceivers === "close" ? "closing" : "open");
    if (slowReceivers === "close") assertEquals(server.sentClose?.code, 1013);
    client.terminate();
    await server.closed.catch(() => {});
  }
});

/** Joins sets of topics in one process, and writes down what it is asked for. */
class Hub {
  readonly log: string[] = [];
  readonly #ends: ((topic: string, data: string | Uint8Array) => void)[] = [];
  fails = false;

  broker(): TopicBroker {
    let own: (topic: string, data: string | Uint8Array) => void;
    const note = async (text: string) => {
      await setImmediate();
      if (this.fails) throw new Error("broker");
      this.log.push(text);
    };
    return {
      start: (deliver) => void this.#ends.push(own = deliver),
      subscribe: (topic) => note(`subscribe ${topic}`),
      unsubscribe: (topic) => note(`unsubscribe ${topic}`),
      publish: async (topic, data) => {
        await note(`publish ${topic}`);
        for (const end of this.#ends) if (end !== own) end(topic, data);
      },
    };
  }
}

Deno.test("Topics of several processes are joined by a broker", async () => {
  const hub = new Hub();
  const [here, there] = [hub.broker(), hub.broker()].map((broker) => new Topics({ broker }));
  const all = receivers(3);
  const [a, b, c] = all.map(({ server }) => server);
  await here!.subscribe("x", a!);
  await here!.subscribe("x", b!);
  await there!.subscribe("x", c!);
  await here!.publish("x", "hello");
  await there!.publish("x", "and back");
  await turns();
  assertEquals(all.map(({ messages }) => messages), Array(3).fill(["hello", "and back"]));
  here!.unsubscribe("x", a!);
  here!.unsubscribe("x", b!);
  await here!.subscribe("x", a!);
  assertEquals(hub.log, [
    "subscribe x",
    "subscribe x",
    "publish x",
    "publish x",
    "unsubscribe x",
    "subscribe x",
  ]);
  hub.fails = true;
  await assertRejects(() => here!.publish("x", "lost"), Error, "broker");
  await assertRejects(() => here!.subscribe("y", a!), Error, "broker");
  await closeAll(all);
  await turns();
});

Deno.test("Topics refuses a policy that it does not know", () => {
  assertThrows(() => new Topics({ slowReceivers: "wait" as never }), TypeError);
  assertThrows(() => new Topics({ maxBacklog: -1 }), RangeError);
});
