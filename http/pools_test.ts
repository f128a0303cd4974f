import { assertEquals, assertStrictEquals } from "@std/assert";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { ClientConnection } from "./client_connection.ts";
import { clientSettings } from "./client_options.ts";
import { Pools } from "./pools.ts";

function make(): Pools {
  return new Pools(clientSettings({ maxTotalSockets: 1 }), new TimerQueue(new FakeClock()));
}

const never = () => new Promise<never>(() => {});

Deno.test("Pools give one pool for each key", () => {
  const pools = make();
  const pool = pools.pool("a", never);
  assertStrictEquals(pools.pool("a", never), pool);
  assertEquals(pools.pool("b", never) === pool, false);
  assertEquals(pools.counts, { open: 0, idle: 0, connecting: 0, queued: 0 });
});

Deno.test("Pools count places", () => {
  const pools = make();
  const pool = pools.pool("a", never);
  assertEquals(pools.mayOpen(pool), true);
  pools.opened();
  assertEquals(pools.mayOpen(pool), false);
  pools.released(pool);
  assertEquals(pools.mayOpen(pool), true);
});

Deno.test("Pools are emptied when the last connection is forgotten", async () => {
  const pools = make();
  await pools.emptied;
  const [stream] = MemoryStream.pair();
  const busy = make();
  const connection = new ClientConnection(busy.pool("a", never), stream);
  busy.remember(connection);
  let empty = false;
  const emptied = busy.emptied.then(() => empty = true);
  assertEquals(empty, false);
  busy.forget(connection);
  await emptied;
  stream.close();
});
