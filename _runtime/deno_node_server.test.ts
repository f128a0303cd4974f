import { assert, assertEquals } from "@std/assert";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { TimerQueue } from "../_io/timers.ts";
import { startChild } from "../_testing/child.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { LISTEN_CHILD } from "../_testing/listen_child.ts";
import { type RawClient, rawConnect } from "../_testing/raw_client.ts";
import { keepAccepting } from "./deno_node_server.ts";

async function echoes(port: number): Promise<boolean> {
  await using client = await rawConnect({ port });
  await client.write("abc");
  await client.waitFor(3);
  return true;
}

Deno.test("keepAccepting() tells the server to listen each second until it is stopped", () => {
  const clock = new FakeClock();
  const calls: number[] = [];
  const server = { _handle: { listen: (backlog: number) => calls.push(backlog) } };
  const watch = keepAccepting(server as object as Server, 7, () => {}, new TimerQueue(clock));
  clock.advance(10_000);
  assert(calls.length >= 9 && calls.length <= 10, `${calls.length} calls`);
  assertEquals(new Set(calls), new Set([7]));
  watch.stop();
  assertEquals(clock.pending, 0);
});

Deno.test("keepAccepting() does nothing when a version of Deno has no such call", () => {
  const clock = new FakeClock();
  const servers = [{}, { _handle: null }, { _handle: {} }];
  const watches = servers.map((server) => {
    return keepAccepting(server as object as Server, 7, () => {}, new TimerQueue(clock));
  });
  clock.advance(3000);
  for (const watch of watches) watch.stop();
  assertEquals(clock.pending, 0);
});

Deno.test("keepAccepting() leaves a server that accepts as it is", async () => {
  const clock = new FakeClock();
  const server = createServer((socket) => void socket.pipe(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const watch = keepAccepting(server, 7, () => {}, new TimerQueue(clock));
  for (let round = 0; round < 3; round++) {
    clock.advance(2000);
    assert(await echoes(port));
  }
  watch.stop();
  server.close();
  await once(server, "close");
});

Deno.test("keepAccepting() has a server accept again when it was out of descriptors", async () => {
  await using child = startChild(LISTEN_CHILD, ["flood", "reusePort"], {
    prefix: ["sh", "-c", 'ulimit -n 100; exec "$@"', "--"],
    timeout: 30_000,
  });
  const port = Number((await child.nextLine("port")).split(" ")[1]);
  const attempts = Array.from({ length: 120 }, () => rawConnect({ port }));
  const results = await Promise.allSettled(attempts);
  const clients: RawClient[] = results.flatMap((result) =>
    result.status === "fulfilled" ? [result.value] : []
  );
  child.writeLine("measure 1500");
  const [, drops, ...reasons] = (await child.nextLine("drops")).split(" ");
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  assert(await echoes(port));
  assert(Number(drops) > 0 && reasons.includes("EMFILE"), `${drops} drops: ${reasons}`);
});
