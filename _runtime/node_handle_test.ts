import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import type { Socket } from "node:net";
import { IN_BUN } from "../_testing/in_bun.ts";
import { IN_DENO } from "../_testing/in_deno.ts";
import { nodePair } from "../_testing/node_pair.ts";
import { endReadShared, handleOf, readShared, writeByHandle, type Writer } from "./node_handle.ts";

/** Resolves with the error of a write, or null when it was done. */
function answer(begin: (writer: Writer) => boolean): Promise<Error | null> {
  return new Promise((resolve) => {
    let returned = false;
    const writer: Writer = {
      writeDone: () => {
        assert(returned, "It was told within its own call");
        resolve(null);
      },
      writeFailed: resolve,
    };
    assertEquals(begin(writer), true);
    returned = true;
  });
}

async function closed(...sockets: Socket[]): Promise<void> {
  for (const socket of sockets) {
    if (socket.closed) continue;
    socket.destroy();
    await once(socket, "close");
  }
}

const inNode = { ignore: IN_DENO || IN_BUN };

Deno.test({
  name: "handleOf() finds none in Deno and Bun, whose handles are others",
  ignore: !IN_DENO && !IN_BUN,
  fn: async () => {
    const [peer, socket] = await nodePair();
    assertEquals([handleOf(socket), readShared(socket, () => true)], [null, null]);
    await closed(socket, peer);
  },
});

Deno.test("writeByHandle() writes bytes and texts, and tells in a moment", inNode, async () => {
  const [peer, socket] = await nodePair();
  const handle = handleOf(socket)!;
  assertEquals(await answer((writer) => writeByHandle(handle, "l\xe4tin1", writer)), null);
  const [first] = await once(peer, "data");
  assertEquals(new TextDecoder("latin1").decode(first as Uint8Array), "l\xe4tin1");
  const large = new Uint8Array(8 * 1024 * 1024).fill(7);
  let came = 0;
  peer.on("data", ({ length }: Uint8Array) => came += length);
  assertEquals(await answer((writer) => writeByHandle(handle, large, writer)), null);
  while (came < large.length) await once(peer, "data");
  assertEquals(came, large.length);
  await closed(socket, peer);
});

Deno.test("writeByHandle() tells of a write that fails while it is at work", inNode, async () => {
  const [peer, socket] = await nodePair();
  peer.pause();
  const handle = handleOf(socket)!;
  const large = new Uint8Array(32 * 1024 * 1024);
  const failed = answer((writer) => writeByHandle(handle, large, writer));
  peer.resetAndDestroy();
  const error = await failed as Error & { code: string; syscall: string };
  assert(["ECONNRESET", "EPIPE"].includes(error.code), error.code);
  assertEquals(error.syscall, "write");
  const begun = writeByHandle(handle, "late", { writeDone: () => {}, writeFailed: () => {} });
  assertEquals(begun, false);
  await closed(socket, peer);
});

Deno.test("readShared() lends one piece of memory to all sockets", inNode, async () => {
  const [peer, socket] = await nodePair();
  const [otherPeer, other] = await nodePair();
  const texts: string[] = [];
  const reading = (wanted: number) =>
    new Promise<void>((resolve) => {
      const onRead = (count: number) => {
        texts.push(new TextDecoder().decode(memory!.subarray(0, count)));
        if (texts.length === wanted) resolve();
        return true;
      };
      memory = readShared(texts.length === 0 ? socket : other, onRead);
    });
  let memory: Uint8Array | null = null;
  const first = reading(1);
  const mine = memory;
  socket.resume();
  peer.write("one");
  await first;
  const second = reading(2);
  assert(memory === mine);
  other.resume();
  otherPeer.write("two");
  await second;
  assertEquals(texts, ["one", "two"]);
  endReadShared(socket);
  await closed(socket, peer, other, otherPeer);
});

Deno.test("readShared() leaves a socket alone that has read something", inNode, async () => {
  const [peer, socket] = await nodePair();
  peer.write("early");
  socket.read(0);
  await once(socket, "readable");
  assertEquals(readShared(socket, () => true), null);
  await closed(socket, peer);
});
