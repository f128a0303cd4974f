import { assertEquals, assertRejects } from "@std/assert";
import { bind, NetError, type UdpSocket } from "./mod.ts";

const LOCAL = { hostname: "127.0.0.1" } as const;
const NAME = "example.test";
const TYPE_A = [0, 1, 0, 1];

/** An A record for the name of the question, with an address. */
const record = (...address: number[]) => [192, 12, ...TYPE_A, 0, 0, 0, 60, 0, 4, ...address];

function encodeName(name: string): number[] {
  const labels = name.split(".").map((label) => [...new TextEncoder().encode(label)]);
  return [...labels.flatMap((label) => [label.length, ...label]), 0];
}

function query(id: number): Uint8Array {
  const head = [id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return new Uint8Array([...head, ...encodeName(NAME), ...TYPE_A]);
}

function reply(question: Uint8Array, records: number[][]): Uint8Array {
  const data = new Uint8Array([...question, ...records.flat()]);
  data.set([0x81, 0x80, 0, 1, 0, records.length], 2);
  return data;
}

/** The records of {@linkcode reply} all have one size, and follow the question. */
function addressesIn(data: Uint8Array): string[] {
  const start = query(0).length;
  return Array.from({ length: data[7] ?? 0 }, (_, index) => {
    const end = start + (index + 1) * record(0, 0, 0, 0).length;
    return data.subarray(end - 4, end).join(".");
  });
}

/** The client of the module's documentation in short; `patience` is its time in ms per question. */
async function resolve(server: UdpSocket, patience: number): Promise<string[]> {
  await using socket = await bind(LOCAL);
  await socket.connect(server.address);
  for (let id = 1; id <= 3; id++) {
    await socket.send(query(id));
    const signal = AbortSignal.timeout(patience);
    try {
      for (;;) {
        const { data } = await socket.read({ signal });
        if (data[1] === id) return addressesIn(data);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  throw new NetError("ETIMEDOUT", `Cannot resolve ${NAME}: no answer`);
}

Deno.test("a DNS client asks again when its first question is lost", async () => {
  await using server = await bind(LOCAL);
  const questions: Uint8Array[] = [];
  server.on("message", (question, remote) => {
    if (questions.push(question) === 1) return;
    server.send(reply(question, [record(192, 0, 2, 7), record(192, 0, 2, 8)]), remote);
  });
  assertEquals(await resolve(server, 500), ["192.0.2.7", "192.0.2.8"]);
  assertEquals(questions, [query(1), query(2)]);
});

Deno.test("a DNS client gets no address when the name has none", async () => {
  await using server = await bind(LOCAL);
  server.on("message", (question, remote) => server.send(reply(question, []), remote));
  assertEquals(await resolve(server, 5_000), []);
});

Deno.test("a DNS client takes no answer when it is to another question, or of a stranger", async () => {
  await using server = await bind(LOCAL);
  await using stranger = await bind(LOCAL);
  server.on("message", async (question, remote) => {
    await stranger.send(reply(question, [record(203, 0, 113, 1)]), remote);
    await server.sendMany([
      { data: reply(query(9), [record(203, 0, 113, 2)]), remote },
      { data: reply(question, [record(192, 0, 2, 7)]), remote },
    ]);
  });
  assertEquals(await resolve(server, 5_000), ["192.0.2.7"]);
});

Deno.test("a DNS client gives up when no question is answered", async () => {
  await using server = await bind(LOCAL);
  const error = await assertRejects(() => resolve(server, 20), NetError);
  assertEquals(error.code, "ETIMEDOUT");
  assertEquals(server.waiting, 3);
});
