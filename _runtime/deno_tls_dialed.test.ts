import { assertEquals, assertStrictEquals } from "@std/assert";
import { pattern } from "../_testing/pattern.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { DialedStream } from "./deno_tls_dialed.ts";

/** A connection that was dialed, and the end of who accepted it; the listener is closed. */
async function connectedPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const connecting = Deno.connect({ hostname: "127.0.0.1", port });
  return await Promise.all([connecting, listener.accept()]);
}

Deno.test("DialedStream release() gives the connection when nothing was read", async () => {
  const [conn, peer] = await connectedPair();
  const stream = new DialedStream(conn);
  const sink = new RecordingSink();
  stream.attach(sink);
  stream.setNoDelay(true);
  stream.pause();
  stream.write(pattern(5));
  await sink.saw("written");
  const released = stream.release();
  assertStrictEquals(released, conn);
  await peer.write(pattern(7));
  assertEquals(await released!.read(new Uint8Array(10)), 7);
  assertEquals(sink.log, ["written"]);
  conn.close();
  peer.close();
});

Deno.test("DialedStream release() gives nothing when a read is pending", async () => {
  const [conn, peer] = await connectedPair();
  const stream = new DialedStream(conn);
  const sink = new RecordingSink();
  stream.attach(sink);
  stream.resume();
  assertStrictEquals(stream.release(), null);
  stream.pause();
  assertStrictEquals(stream.release(), null);
  stream.close();
  await sink.saw("close");
  peer.close();
});

Deno.test("DialedStream release() gives nothing when all that came was read", async () => {
  const [conn, peer] = await connectedPair();
  const stream = new DialedStream(conn);
  const sink = new RecordingSink();
  stream.attach(sink);
  stream.resume();
  await peer.write(pattern(7));
  peer.close();
  await sink.saw("end");
  assertEquals(sink.chunks, [pattern(7)]);
  assertStrictEquals(stream.release(), null);
  stream.close();
  await sink.saw("close");
});
