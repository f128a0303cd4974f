import { assertEquals } from "@std/assert";
import { collectGarbage } from "../_testing/collect_garbage.ts";
import { response, scriptedServer } from "../_testing/scripted_server.ts";
import { HttpClient } from "./client.ts";
import { ResponseWatch, type Waiting } from "./forgotten.ts";

function waiting(): Waiting & { told: number } {
  return {
    told: 0,
    forgotten() {
      this.told++;
    },
  };
}

/** A watch of an object that nobody else holds. */
const watchOfNobody = () => new ResponseWatch({});

Deno.test("ResponseWatch tells when nobody holds the response any more", async () => {
  const one = waiting();
  const watch = watchOfNobody();
  watch.watch(one);
  watch.watch(one);
  assertEquals([await collectGarbage(() => one.told > 0), one.told], [true, 1]);
});

Deno.test("ResponseWatch tells nothing when the response is held, or the watch stopped", async () => {
  const [held, stopped] = [waiting(), waiting()];
  const object = {};
  new ResponseWatch(object).watch(held);
  const watch = watchOfNobody();
  watch.watch(stopped);
  watch.stop();
  await collectGarbage(() => held.told + stopped.told > 0, 5);
  assertEquals([held.told, stopped.told, typeof object], [0, 0, "object"]);
});

const LARGE = "x".repeat(4 * 1024 * 1024);

/** Asks a server that answers at length, over one connection, and has a first response lost. */
async function afterLoss(
  lose: (client: HttpClient, url: string) => Promise<unknown>,
  test: (client: HttpClient, url: string, kept: unknown) => Promise<void>,
): Promise<void> {
  await using server = await scriptedServer(async (connection) => {
    const [, path] = (await connection.head()).split(" ");
    await connection.write(response(path === "/large" ? LARGE : "small")).catch(() => {});
  });
  await using client = new HttpClient({ maxSockets: 1, timeouts: { queue: 20_000 } });
  const kept = await lose(client, server.url);
  await test(client, server.url, kept);
}

Deno.test("a response that nobody holds gives its connection up", () =>
  afterLoss(async (client, url) => {
    assertEquals((await client.fetch(`${url}/large`)).status, 200);
  }, async (client, url) => {
    assertEquals(client.stats.running, 1);
    assertEquals(await collectGarbage(() => client.stats.running === 0), true);
    assertEquals(await (await client.fetch(`${url}/small`)).text(), "small");
  }));

Deno.test("a response whose body somebody holds, or reads, keeps its connection", () =>
  afterLoss(
    async (client, url) => (await client.fetch(`${url}/large`)).body,
    async (client, _, body) => {
      assertEquals(await collectGarbage(() => client.stats.running === 0, 5), false);
      let length = 0;
      for await (const chunk of body as ReadableStream<Uint8Array>) {
        length += chunk.length;
        if (length === chunk.length) await collectGarbage(() => false, 1);
      }
      assertEquals(length, LARGE.length);
    },
  ));
