import { assertEquals } from "@std/assert";
import { pattern } from "../_testing/pattern.ts";
import { redisBroker, type RedisClient } from "./redis.ts";

/** Publish and subscribe within the test, as Redis does it: to the publisher itself as well. */
class FakeRedis implements RedisClient {
  readonly channels = new Map<string, Set<(message: string) => void>>();

  publish(channel: string, message: string): Promise<void> {
    for (const listener of this.channels.get(channel) ?? []) listener(message);
    return Promise.resolve();
  }

  subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    const listeners = this.channels.get(channel) ?? new Set();
    this.channels.set(channel, listeners.add(listener));
    return Promise.resolve();
  }

  unsubscribe(channel: string): Promise<void> {
    this.channels.delete(channel);
    return Promise.resolve();
  }
}

Deno.test("redisBroker() carries texts and bytes to the others, and not back", async () => {
  const redis = new FakeRedis();
  const log: unknown[][] = [];
  const brokers = [1, 2].map((number) => {
    const broker = redisBroker({ publisher: redis, subscriber: redis, prefix: "p:" });
    broker.start((topic, data) => log.push([number, topic, data]));
    return broker;
  });
  for (const broker of brokers) await broker.subscribe("x");
  assertEquals([...redis.channels.keys()], ["p:x"]);
  const [first, second] = brokers;
  await first!.publish("x", "κόσμε");
  await second!.publish("x", "");
  await first!.publish("x", pattern(20_000));
  await first!.publish("y", "nobody");
  assertEquals(log, [[2, "x", "κόσμε"], [1, "x", ""], [2, "x", pattern(20_000)]]);
  await first!.unsubscribe("x");
  assertEquals(redis.channels.size, 0);
});
