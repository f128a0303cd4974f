import { assertEquals } from "@std/assert";
import { Deferred } from "../_core/deferred.ts";
import { SendQueue } from "./datagram_send_queue.ts";

/** A queue whose sends end by hand, each known by its size. */
function rig() {
  const sending: { size: number; end: Deferred<number> }[] = [];
  const told: unknown[] = [];
  const queue = new SendQueue(({ data }) => {
    const end = new Deferred<number>();
    sending.push({ size: data.length, end });
    return end.promise;
  }, (error, { port }) => Promise.resolve(`${error} at ${port}`));
  const push = (size: number, port: number, then = () => {}) => {
    const done = (error: unknown, sent: number) => {
      told.push([size, error, sent]);
      then();
    };
    queue.push({ data: new Uint8Array(size), port, address: "127.0.0.1", done });
  };
  const started = async (count: number) => {
    while (sending.length < count) await Promise.resolve();
    return sending.map(({ size }) => size);
  };
  return { sending, told, push, started };
}

Deno.test("SendQueue sends one at a time to a destination, in order, also after a failure", async () => {
  const { sending, told, push, started } = rig();
  const all = new Deferred<void>();
  // One comes from inside of an answer.
  push(1, 9, () => push(4, 9, () => all.resolve()));
  for (const size of [2, 3]) push(size, 9);
  assertEquals(await started(1), [1]);
  sending[0]!.end.resolve(1);
  assertEquals(await started(2), [1, 2]);
  sending[1]!.end.reject(new Error("Failure"));
  assertEquals(await started(3), [1, 2, 3]);
  sending[2]!.end.resolve(3);
  assertEquals(await started(4), [1, 2, 3, 4]);
  sending[3]!.end.resolve(4);
  await all.promise;
  assertEquals(told, [[1, null, 1], [2, "Error: Failure at 9", 0], [3, null, 3], [4, null, 4]]);
});

Deno.test("SendQueue sends to several destinations at once", async () => {
  const { sending, push, started } = rig();
  for (const [size, port] of [[1, 9], [2, 9], [3, 10], [4, 11]] as const) push(size, port);
  assertEquals(await started(3), [1, 3, 4]);
  sending[1]!.end.resolve(3);
  sending[0]!.end.resolve(1);
  assertEquals(await started(4), [1, 3, 4, 2]);
  sending[3]!.end.resolve(2);
  push(5, 10);
  assertEquals((await started(5)).at(-1), 5);
});

Deno.test("SendQueue keeps the order of a destination that never rests", async () => {
  const seen: number[] = [];
  const queue = new SendQueue(({ data }) => {
    seen.push(data.length);
    return Promise.resolve(data.length);
  }, (error) => Promise.resolve(error));
  await new Promise<void>((resolve) => {
    for (let size = 0; size < 3000; size++) {
      const done = () => {
        if (size === 2999) resolve();
      };
      queue.push({ data: new Uint8Array(size), port: 9, address: "127.0.0.1", done });
    }
  });
  assertEquals(seen, Array.from({ length: 3000 }, (_, size) => size));
});
