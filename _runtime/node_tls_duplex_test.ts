import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { concat } from "../_core/bytes.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { pattern } from "../_testing/pattern.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { StreamDuplex } from "./node_tls_duplex.ts";

/** A fatal alert, handshake_failure. */
const ALERT = Uint8Array.of(21, 3, 3, 0, 2, 2, 40);
/** A record of the handshake. */
const HANDSHAKE = Uint8Array.of(22, 3, 3, 0, 1, 20);

/** A duplex over one end of a pair, and the other end, which flows. */
function duplexAndPeer(early: Uint8Array = new Uint8Array(0), capacity = 64 * 1024) {
  const [stream, peer] = MemoryStream.pair({ capacity });
  const sink = new RecordingSink();
  peer.attach(sink);
  const duplex = new StreamDuplex(stream, early);
  return { duplex, stream, peer, sink };
}

/** What a duplex gives up to its end. */
async function readAll(duplex: StreamDuplex): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  duplex.on("data", (chunk: Uint8Array) => chunks.push(new Uint8Array(chunk)));
  await once(duplex, "end");
  return concat(chunks);
}

Deno.test("StreamDuplex carries bytes and ends both ways, the early bytes first", async () => {
  const { duplex, peer, sink } = duplexAndPeer(pattern(10));
  duplex.allowHalfOpen = true;
  const closed = once(duplex, "close");
  const read = readAll(duplex);
  peer.resume();
  // More than fits at once: the rest of a short write has to follow.
  duplex.write(pattern(100_000));
  duplex.write(pattern(50_000, 100_000));
  duplex.end(pattern(50_000, 150_000));
  await sink.saw("end");
  const expected = pattern(200_000);
  assertEquals(sink.received, expected.length);
  assert(concat(sink.chunks).every((byte, index) => byte === expected[index]));
  peer.write(pattern(1000, 10));
  await sink.saw("written");
  peer.end();
  assertEquals(await read, pattern(1010));
  await closed;
  assertEquals(duplex.failure, null);
  peer.close();
  await sink.saw("close");
});

Deno.test("StreamDuplex pauses the stream when nobody reads or flow() stops it", async () => {
  const { duplex, stream, peer, sink } = duplexAndPeer();
  duplex.allowHalfOpen = true;
  duplex.read(0);
  assertEquals(stream.calls, ["resume"]);
  peer.write(pattern(64 * 1024));
  await sink.saw("written");
  await setImmediate();
  assertEquals(stream.calls, ["resume", "pause"]);
  duplex.flow(false);
  assertEquals(duplex.read()?.length, 64 * 1024);
  assertEquals(stream.calls, ["resume", "pause", "pause"]);
  duplex.flow(true);
  assertEquals(stream.calls.at(-1), "resume");
  duplex.destroy();
  peer.close();
  await sink.saw("close");
});

Deno.test("StreamDuplex wake() gives an empty chunk until it is destroyed", async () => {
  const { duplex, peer, sink } = duplexAndPeer();
  const lengths: number[] = [];
  duplex.on("data", (chunk: Uint8Array) => lengths.push(chunk.length));
  duplex.wake();
  assertEquals(lengths, [0]);
  const closed = once(duplex, "close");
  duplex.destroy();
  await closed;
  duplex.wake();
  assertEquals(lengths, [0]);
  peer.close();
  await sink.saw("close");
});

Deno.test("StreamDuplex ends after the bytes that came and tells the failure when the stream fails", async () => {
  const { duplex, stream, peer, sink } = duplexAndPeer();
  const read = readAll(duplex);
  peer.write(pattern(100));
  await sink.saw("written");
  stream.fail("ECONNRESET");
  assertEquals(await read, pattern(100));
  assertEquals(duplex.failure?.code, "ECONNRESET");
  peer.close();
  await sink.saw("close");
});

Deno.test("StreamDuplex hurry() has destroy() close the stream and fail the write at work when half-open", async () => {
  const { duplex, stream, peer, sink } = duplexAndPeer(undefined, 4);
  duplex.allowHalfOpen = true;
  const failed = new Promise<unknown>((resolve) => duplex.write(pattern(10), resolve));
  await setImmediate();
  duplex.hurry();
  duplex.destroy();
  assertEquals(stream.calls.at(-1), "close");
  assert(await failed instanceof Error);
  peer.resume();
  await sink.saw("end");
  assertEquals(concat(sink.chunks), pattern(4));
  peer.close();
  await sink.saw("close");
});

Deno.test("StreamDuplex destroy() waits for the closing message when half-open", async () => {
  const { duplex, stream, peer, sink } = duplexAndPeer(undefined, 4);
  duplex.allowHalfOpen = true;
  const closed = once(duplex, "close");
  // The engine's own queue: what waits there comes with the answer to what is at work.
  duplex.write(pattern(10), () => duplex.write(pattern(6, 10)));
  await setImmediate();
  duplex.destroy();
  assertEquals([duplex.destroyed, stream.calls.includes("close")], [false, false]);
  let idle = false;
  duplex.whenIdle(() => idle = true);
  peer.resume();
  await closed;
  await sink.saw("end");
  assertEquals([concat(sink.chunks), idle], [pattern(16), true]);
  // Nothing is left to wait for.
  idle = false;
  duplex.whenIdle(() => idle = true);
  assertEquals([idle, stream.calls.at(-1)], [true, "close"]);
  peer.close();
  await sink.saw("close");
});

Deno.test("StreamDuplex hurry() ends the wait for a peer that takes nothing", async () => {
  const { duplex, stream, peer, sink } = duplexAndPeer(undefined, 4);
  duplex.allowHalfOpen = true;
  duplex.on("error", () => {}).write(pattern(10));
  await setImmediate();
  duplex.destroy();
  duplex.hurry();
  assertEquals([duplex.destroyed, stream.calls.at(-1)], [true, "close"]);
  peer.close();
  await sink.saw("close");
});

Deno.test("StreamDuplex destroy() lets an alert out and nothing else when the handshake is not done", async () => {
  const tries = [[ALERT, 7, true], [ALERT, 4, true], [HANDSHAKE, 7, false]] as const;
  for (const [record, capacity, arrives] of tries) {
    const { duplex, stream, peer, sink } = duplexAndPeer(undefined, capacity);
    // Until the peer reads, there is no room for the record.
    await new Promise((resolve) => duplex.write(pattern(capacity), resolve));
    const closed = once(duplex, "close");
    duplex.destroy();
    duplex.write(record);
    await closed;
    assertEquals(stream.calls.includes("close"), !arrives);
    peer.resume();
    await sink.saw("end");
    const received = concat(sink.chunks).slice(capacity);
    assertEquals(received, arrives ? ALERT : new Uint8Array(0));
    assertEquals(stream.calls.at(-1), "close");
    peer.close();
    await sink.saw("close");
  }
});
