// @ts-check
// A server process with topics that it shares over Redis, in Deno and in Node:
// topics.mjs <module> <folder of the package redis> <port of Redis>.
import { createRequire } from "node:module";
import process from "node:process";
import { obey, tell } from "../../bench/servers/control.mjs";

const [module = "", folder, redisPort] = process.argv.slice(2);
const { redisBroker, serve, Topics } = await import(new URL(module, import.meta.url).href);
const { createClient } = createRequire(`${folder}/package.json`)("redis");

const publisher = createClient({ url: `redis://127.0.0.1:${redisPort}` });
const subscriber = publisher.duplicate();
for (const client of [publisher, subscriber]) {
  // It connects anew by itself.
  client.on("error", () => {});
  await client.connect();
}

const topics = new Topics({ broker: redisBroker({ publisher, subscriber, prefix: "test:" }) });

/** A path is a topic; what a client sends is published to all others. */
const server = serve(
  { port: 0, hostname: "127.0.0.1" },
  (/** @type {any} */ connection, /** @type {Request} */ request) => {
    const topic = new URL(request.url).pathname.slice(1);
    connection.on("open", async () => {
      await topics.subscribe(topic, connection);
      connection.send("subscribed");
    });
    connection.on(
      "message",
      (/** @type {string | Uint8Array} */ data) =>
        topics.publish(topic, data, { except: connection }),
    );
  },
);
tell({ port: (await server.opened).port });
obey({ receivers: ({ topic }) => ({ count: topics.receivers(topic) }) });
