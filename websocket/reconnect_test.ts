import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { pairsOf } from "../_testing/websocket_pair.ts";
import { reconnect, reconnecting, type ReconnectOptions } from "./reconnect.ts";
import { serve } from "./serve.ts";
import { linkOf, prepared, WebSocketConnection } from "./connection.ts";
import { settingsOf, type WebSocketOptions } from "./options.ts";

const { makeEnd, openEnd } = pairsOf({
  make: (role, options: WebSocketOptions, timers) =>
    new WebSocketConnection(role, { [prepared]: settingsOf(options, timers) } as WebSocketOptions),
  linkOf,
});

/** Attempts that fail or succeed as told; waits take no time and are written down. */
function rig(outcomes: boolean[], options: ReconnectOptions = {}, chance = 0) {
  const waits: number[] = [];
  const servers: WebSocketConnection[] = [];
  const parts = {
    connect() {
      const client = makeEnd("client", { heartbeat: false });
      const opens = outcomes.shift() ?? false;
      queueMicrotask(() => {
        if (!opens) return linkOf(client).refuse(new Error("refused"));
        const server = makeEnd("server", { heartbeat: false });
        const [near, far] = MemoryStream.pair();
        openEnd(server, far);
        servers.push(server);
        openEnd(client, near);
      });
      return client;
    },
    wait(ms: number, callback: () => void) {
      waits.push(ms);
      queueMicrotask(callback);
      return () => {};
    },
    random: () => chance,
  };
  return { waits, servers, connections: reconnecting(parts, options) };
}

Deno.test("reconnecting() waits longer after each failure, and begins anew after a success", async () => {
  const { waits, servers, connections } = rig([false, false, false, true, true, false, true], {
    minDelay: 100,
    maxDelay: 300,
  });
  let count = 0;
  for await (const connection of connections) {
    assertEquals(connection.readyState, "open");
    count += 1;
    if (count === 3) break;
    servers.at(-1)!.close();
  }
  assertEquals(waits, [100, 200, 300, 100, 100, 100]);
  assertEquals((await servers.at(-1)!.closed).code, 1000);
});

Deno.test("reconnecting() leaves up to a half of a wait to chance", async () => {
  const { waits, connections } = rig([false], { minDelay: 100, maxAttempts: 2 }, 0.5);
  await assertRejects(() => connections.next(), Error, "refused");
  assertEquals(waits, [75]);
});

Deno.test("reconnecting() ends with its signal, and takes the connection along", async () => {
  const controller = new AbortController();
  const { servers, connections } = rig([true], { signal: controller.signal });
  await connections.next();
  controller.abort(new Error("enough"));
  await assertRejects(() => connections.next(), Error, "enough");
  await servers[0]!.closed.catch(() => {});
  assertEquals(servers[0]!.readyState, "closed");
});

Deno.test("reconnect() comes back to a server that closes", async () => {
  let visits = 0;
  await using server = serve({ port: 0, hostname: "127.0.0.1" }, (connection) => {
    connection.send(`visit ${++visits}`);
    connection.close(1012);
  });
  const { port } = await server.opened as { port: number };
  const messages: unknown[] = [];
  for await (const connection of reconnect(`ws://127.0.0.1:${port}/`, { minDelay: 1 })) {
    for await (const message of connection) messages.push(message);
    if (messages.length === 2) break;
  }
  assertEquals(messages, ["visit 1", "visit 2"]);
});
