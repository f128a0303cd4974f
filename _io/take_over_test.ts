import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { NetError } from "../_core/errors.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { type MemoryOptions, MemoryStream } from "../_testing/memory_stream.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOwner } from "./connection_owner.ts";
import { provideParts, type SocketParts } from "./socket_parts.ts";
import { takeOver } from "./take_over.ts";
import { TimerQueue } from "./timers.ts";

const decoder = new TextDecoder();
const bytes = (text: string) => new TextEncoder().encode(text);

/** What a socket is to the function: its connection, and the log of what it was told. */
class Socket implements ConnectionOwner {
  readonly log: string[] = [];
  failure: unknown = null;
  readonly connection = new Connection(this, {
    highWaterMark: 1000,
    maxBufferedAmount: Infinity,
    allowHalfOpen: false,
    lingerTimeout: 1000,
    lingerCuts: "none",
    forgottenTimeout: Infinity,
    stallTimeout: Infinity,
    lingerBytes: 10_000,
    timers: new TimerQueue(new FakeClock()),
  });

  static {
    provideParts(this.prototype, (socket) => socket as unknown as SocketParts);
  }

  onOpen(): void {}
  onDrain(): void {}
  onTimeout(): void {}
  onLateWrite(): void {}
  onData = () => false;
  listening = () => false;
  onEnd = () => void this.log.push("end");
  onError = (error: unknown) => void (this.failure = error);
  onClose = (hadError: boolean) => void this.log.push(`close(${hadError})`);
}

/** An open socket, and the peer, which does not read before it is resumed. */
function connected(options: MemoryOptions = {}) {
  const socket = new Socket();
  const { connection } = socket;
  const [near, far] = MemoryStream.pair(options);
  const peer = new RecordingSink();
  far.attach(peer);
  connection.open(near);
  return { socket, connection, near, far, peer };
}

/** A successor that must not come to it. */
function unwanted(): never {
  throw new Error("The stream was passed on");
}

Deno.test("takeOver() gives the stream, and what nobody took of it, when the socket has read ahead", async () => {
  const { socket, connection, near, far, peer } = connected({ chunk: 4 });
  far.write(bytes("lineHello, TLS"));
  assertEquals(decoder.decode((await connection.reads.read())!), "line");
  // The rest comes in without being asked for.
  while (connection.bytesRead < 14) await setImmediate();
  connection.reads.unshift(bytes("> "));
  const successor = new RecordingSink();
  const result = await takeOver(socket, ({ stream, early, ended }) => {
    assertStrictEquals(stream, near);
    assertEquals(ended, false);
    assertEquals(near.calls.at(-1), "pause");
    assertEquals(decoder.decode(early), "> Hello, TLS");
    stream.attach(successor);
    return "result";
  });
  assertEquals(result, "result");
  assertEquals([socket.log, connection.destroyed], [["close(false)"], true]);
  // The stream lives on.
  near.resume();
  far.write(bytes("more"));
  await successor.until(() => successor.received === 4);
  assertEquals([near.calls.includes("close"), peer.log.includes("end")], [false, false]);
});

Deno.test("takeOver() passes the stream on only when all that was written has gone out", async () => {
  const { socket, connection, far, peer } = connected({ capacity: 4 });
  connection.write("0123456789");
  const log: string[] = [];
  const taken = takeOver(socket, ({ stream, early }) => {
    log.push(`${connection.bytesWritten} out, ${early.length} early`);
    stream.attach(new RecordingSink());
  });
  await setImmediate();
  assertEquals([log, connection.bytesWritten], [[], 4]);
  far.resume();
  await taken;
  assertEquals(log, ["10 out, 0 early"]);
  await peer.until(() => peer.received === 10);
});

Deno.test("takeOver() rejects a read with ERR_SOCKET_UPGRADED when it waits", async () => {
  const { socket, connection } = connected();
  const pending = assertRejects(() => connection.reads.read(), NetError);
  await takeOver(socket, ({ stream }) => stream.attach(new RecordingSink()));
  assertEquals((await pending).code, "ERR_SOCKET_UPGRADED");
  const later = await assertRejects(() => connection.reads.read(), NetError);
  assertEquals(later.code, "ERR_SOCKET_CLOSED");
});

Deno.test("takeOver() passes nothing on when the socket is closed, was never open, or has failed", async () => {
  const { socket: closed } = connected();
  closed.connection.destroy();
  for (const socket of [closed, new Socket()]) {
    const error = await assertRejects(() => takeOver(socket, unwanted), NetError);
    assertEquals(error.code, "ERR_SOCKET_CLOSED");
  }
  const { socket: failed, near } = connected();
  failed.connection.reads.readAhead();
  near.fail("ECONNRESET");
  const error = await assertRejects(() => failed.connection.reads.read(), NetError);
  assertEquals(error.code, "ECONNRESET");
  assertStrictEquals(await assertRejects(() => takeOver(failed, unwanted)), error);
});
