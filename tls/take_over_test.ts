import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { NetError } from "../_core/errors.ts";
import { partsOf } from "../_io/socket_parts.ts";
import { logEvents } from "../_testing/event_log.ts";
import { type MemoryOptions, MemoryStream } from "../_testing/memory_stream.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { TcpSocket } from "../tcp/mod.ts";
import { takeOver } from "./take_over.ts";

const decoder = new TextDecoder();
const bytes = (text: string) => new TextEncoder().encode(text);

/** An open socket, and the peer, which does not read before it is resumed. */
function connected(options: MemoryOptions = {}) {
  const socket = new TcpSocket();
  const [near, far] = MemoryStream.pair(options);
  const peer = new RecordingSink();
  far.attach(peer);
  partsOf(socket).connection.open(near);
  return { socket, near, far, peer };
}

/** A successor that must not come to it. */
function unwanted(): never {
  throw new Error("The stream was passed on");
}

Deno.test("takeOver() gives the stream, and what nobody took of it, when the socket has read ahead", async () => {
  const { socket, near, far, peer } = connected({ chunk: 4 });
  const log = logEvents(socket, ["end", "error", "close"]);
  far.write(bytes("lineHello, TLS"));
  assertEquals(decoder.decode((await socket.read())!), "line");
  // The rest comes in without being asked for.
  while (socket.bytesRead < 14) await setImmediate();
  socket.unshift("> ");
  const successor = new RecordingSink();
  const result = await takeOver(socket, ({ stream, early }) => {
    assertStrictEquals(stream, near);
    assertEquals(near.calls.at(-1), "pause");
    assertEquals(decoder.decode(early), "> Hello, TLS");
    stream.attach(successor);
    return "result";
  });
  assertEquals(result, "result");
  await socket.closed;
  assertEquals([log, socket.destroyed], [["close(false)"], true]);
  // The stream lives on.
  near.resume();
  far.write(bytes("more"));
  await successor.until(() => successor.received === 4);
  assertEquals([near.calls.includes("close"), peer.log.includes("end")], [false, false]);
});

Deno.test("takeOver() passes the stream on only when all that was written has gone out", async () => {
  const { socket, far, peer } = connected({ capacity: 4 });
  socket.write("0123456789");
  const log: string[] = [];
  const taken = takeOver(socket, ({ stream, early }) => {
    log.push(`${socket.bytesWritten} out, ${early.length} early`);
    stream.attach(new RecordingSink());
  });
  await setImmediate();
  assertEquals([log, socket.bytesWritten], [[], 4]);
  far.resume();
  await taken;
  assertEquals(log, ["10 out, 0 early"]);
  await peer.until(() => peer.received === 10);
});

Deno.test("takeOver() rejects a read with ERR_SOCKET_UPGRADED when it waits", async () => {
  const { socket } = connected();
  const pending = assertRejects(() => socket.read(), NetError);
  await takeOver(socket, ({ stream }) => stream.attach(new RecordingSink()));
  assertEquals((await pending).code, "ERR_SOCKET_UPGRADED");
  const later = await assertRejects(() => socket.read(), NetError);
  assertEquals(later.code, "ERR_SOCKET_CLOSED");
});

Deno.test("takeOver() passes nothing on when the socket is closed, was never open, or has failed", async () => {
  const { socket: closed } = connected();
  closed.destroy();
  for (const socket of [closed, new TcpSocket()]) {
    const error = await assertRejects(() => takeOver(socket, unwanted), NetError);
    assertEquals(error.code, "ERR_SOCKET_CLOSED");
  }
  const { socket: failed, near } = connected();
  const failure = assertRejects(() => failed.closed, NetError);
  near.fail("ECONNRESET");
  const error = await failure;
  assertEquals(error.code, "ECONNRESET");
  assertStrictEquals(await assertRejects(() => takeOver(failed, unwanted)), error);
});
