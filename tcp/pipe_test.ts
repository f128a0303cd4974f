import { assert, assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import { Writable } from "node:stream";
import { Deferred } from "../_core/deferred.ts";
import { nextEvent } from "../_testing/event_log.ts";
import { pattern } from "../_testing/pattern.ts";
import { type Peer, rawConnect, startPeer } from "../_testing/peer.ts";
import { connect, createServer, type TcpSocket } from "./mod.ts";

const MIB = 1_048_576;

async function openTo(peer: Peer, command: string): Promise<TcpSocket> {
  const socket = connect({ port: peer.port, hostname: "127.0.0.1" });
  await socket.opened;
  socket.write(`${command}\n`);
  return socket;
}

/** A destination that takes what it is told to take, and keeps count. */
class Sink extends EventEmitter {
  full = false;
  taken = 0;
  writes = 0;
  ends = 0;

  write(chunk: Uint8Array): boolean {
    this.writes++;
    this.taken += chunk.length;
    return !this.full;
  }

  end(): void {
    this.ends++;
    this.emit("ended");
  }
}

Deno.test("pipe() holds the source back when the destination is full", async () => {
  await using peer = await startPeer();
  const sink = new Sink();
  sink.full = true;
  const socket = await openTo(peer, "send 33554432");
  assertEquals(socket.pipe(sink), sink);
  const ended = nextEvent(sink, "ended");
  await nextEvent(socket, "data");
  await peer.after(100);
  assertEquals(sink.writes, 1);
  assert(socket.bytesRead <= 3 * 65_536, `${socket.bytesRead} bytes read`);
  sink.emit("drain");
  await peer.after(50);
  assertEquals(sink.writes, 2);
  sink.full = false;
  sink.emit("drain");
  await ended;
  assertEquals([sink.taken, sink.ends], [33_554_432, 1]);
  await socket.closed;
  assertEquals([sink.listenerCount("drain"), sink.listenerCount("close")], [0, 0]);
});

Deno.test("pipe() ends the destination when the peer ends", async () => {
  await using peer = await startPeer();
  const source = await openTo(peer, "drip 3 10 5");
  const destination = await openTo(peer, "count P");
  assertEquals(source.pipe(destination), destination);
  const { total, end } = await peer.nextRecord("P");
  assertEquals([total, end], [30, "eof"]);
  assertEquals(new TextDecoder().decode((await destination.read())!), "TOTAL 30\n");
  assertEquals(await destination.read(), null);
  await Promise.all([source.closed, destination.closed]);
});

Deno.test("pipe() keeps the source within bounds when a socket is slow to take it", async () => {
  await using peer = await startPeer();
  const source = await openTo(peer, "send 33554432");
  const destination = await openTo(peer, "count Q 300");
  source.pipe(destination);
  await peer.after(150);
  assert(source.bytesRead < 33_554_432, "Everything was read");
  assert(destination.bufferedAmount <= 4 * 65_536, `${destination.bufferedAmount} bytes wait`);
  const { total, end } = await peer.nextRecord("Q");
  assertEquals([total, end], [33_554_432, "eof"]);
  destination.resume();
  await Promise.all([source.closed, destination.closed]);
});

Deno.test("pipe() echoes when a socket is piped into itself", async () => {
  await using server = createServer((socket) => socket.pipe(socket));
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const socket = connect(server.address);
  const sent = pattern(4 * MIB);
  socket.end(sent);
  let received = 0;
  let intact = true;
  for await (const chunk of socket) {
    for (let index = 0; index < chunk.length; index++) {
      if (chunk[index] !== sent[received + index]) intact = false;
    }
    received += chunk.length;
  }
  assertEquals([received, intact], [4 * MIB, true]);
  await socket.closed;
});

Deno.test("pipe() of a socket into itself closes it at once when its writes fail", async () => {
  const accepted = new Deferred<TcpSocket>();
  // Without an end to its patience, only the failure can close it.
  await using server = createServer({ allowHalfOpen: true, lingerTimeout: Infinity }, (socket) => {
    socket.on("error", () => {}).pipe(socket);
    accepted.resolve(socket);
  });
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const { address } = server;
  const client = connect(address, {}, () => client.write(pattern(32 * MIB)));
  const echo = await accepted.promise;
  while (echo.bufferedAmount === 0) await nextEvent(echo, "data");
  client.destroy();
  assertEquals(await nextEvent(echo, "close"), [true]);
});

Deno.test("pipe() pauses the source when the destination is gone", async () => {
  await using peer = await startPeer();
  const sink = new Sink();
  const socket = await openTo(peer, "send 33554432");
  socket.pipe(sink);
  await nextEvent(socket, "data");
  const { writes } = sink;
  sink.emit("close");
  const { bytesRead } = socket;
  await peer.after(100);
  assertEquals([sink.writes, sink.ends], [writes, 0]);
  assert(socket.bytesRead <= bytesRead + 2 * 65_536, `${socket.bytesRead} bytes read`);
  assertEquals([socket.readyState, socket.listenerCount("data")], ["open", 1]);
  socket.destroy();
  await socket.closed;
});

Deno.test("pipe() leaves the destination open when the source breaks off", async () => {
  await using peer = await startPeer();
  const source = await openTo(peer, "rst 20");
  const sink = new Sink();
  source.pipe(sink);
  source.on("error", () => {});
  await nextEvent(source, "close");
  assertEquals([sink.ends, sink.listenerCount("drain")], [0, 0]);
});

Deno.test("pipe() fills a Writable of node:stream no faster than it takes", async () => {
  await using peer = await startPeer();
  const socket = await openTo(peer, "send 4194304");
  let taken = 0;
  let intact = true;
  let atWork = 0;
  const slow = new Writable({
    highWaterMark: 65_536,
    write(chunk: Uint8Array, _encoding, done) {
      assertEquals(++atWork, 1);
      const expected = pattern(chunk.length, taken);
      for (let index = 0; index < chunk.length; index++) {
        if (chunk[index] !== expected[index]) intact = false;
      }
      taken += chunk.length;
      peer.after(1).then(() => {
        atWork--;
        done();
      });
    },
  });
  let most = 0;
  socket.on("data", () => most = Math.max(most, slow.writableLength));
  const finished = nextEvent(slow, "finish");
  socket.pipe(slow);
  await finished;
  assertEquals([taken, intact], [4_194_304, true]);
  assert(most <= 3 * 65_536, `${most} bytes waited`);
  await socket.closed;
});

Deno.test("pipe() into a Writable that is destroyed leaves the source paused", async () => {
  await using peer = await startPeer();
  const server = createServer();
  const accepted = new Promise<TcpSocket>((resolve) => server.once("connection", resolve));
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  const { address } = server;
  assert(address.transport === "tcp");
  await using client = await rawConnect({ port: address.port });
  client.write(new Uint8Array(16 * MIB)).catch(() => {});
  const socket = await accepted;
  const gone = new Writable({ write: (_chunk, _encoding, done) => done() });
  socket.pipe(gone);
  await nextEvent(socket, "data");
  gone.destroy();
  await nextEvent(gone, "close");
  const { bytesRead } = socket;
  await peer.after(100);
  assert(socket.bytesRead <= bytesRead + 2 * 65_536, `${socket.bytesRead} bytes read`);
  socket.destroy();
  await server.close();
});
