import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { type NetError, netError } from "../_core/errors.ts";
import { logEvents } from "../_testing/event_log.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { eventsOf, TcpSocket } from "./socket.ts";
import type { SocketHost } from "./socket_events.ts";

const EVENTS = ["connect", "data", "end", "drain", "timeout", "error", "close"];

/** A server's side of the link, that writes down what it is told. */
class Host implements SocketHost {
  readonly log: string[] = [];
  readonly errors: Error[] = [];

  onSocketError(_socket: TcpSocket, error: Error): void {
    this.errors.push(error);
    this.log.push("error");
  }

  onSocketClosed(): void {
    this.log.push("closed");
  }
}

/** Collects what reaches the process as uncaught while `act` runs. */
async function uncaughtIn(act: () => void | Promise<void>): Promise<unknown[]> {
  const errors: unknown[] = [];
  const onUncaught = (error: unknown) => errors.push(error);
  process.on("uncaughtException", onUncaught);
  try {
    await act();
    await setImmediate();
  } finally {
    process.off("uncaughtException", onUncaught);
  }
  return errors;
}

function refused(): NetError {
  return netError("ECONNREFUSED", "Cannot connect: refused");
}

Deno.test("SocketEvents emits connect when the socket is a client's, not when a server accepted it", () => {
  const client = new TcpSocket();
  const accepted = new TcpSocket();
  const logs = [logEvents(client, EVENTS), logEvents(accepted, EVENTS)];
  eventsOf(accepted).host = new Host();
  for (const socket of [client, accepted]) {
    eventsOf(socket).connection.open(MemoryStream.pair()[0]);
  }
  assertEquals(logs, [["connect"], []]);
  client.destroy();
  accepted.destroy();
});

Deno.test("SocketEvents emits error and close when somebody listens, and nothing is uncaught", async () => {
  const socket = new TcpSocket();
  const log = logEvents(socket, EVENTS);
  assertEquals(await uncaughtIn(() => socket.destroy(refused())), []);
  assertEquals(log, ["error(ECONNREFUSED)", "close(true)"]);
});

Deno.test("SocketEvents throws the error as uncaught when nobody listens and nobody waits", async () => {
  const socket = new TcpSocket();
  const log = logEvents(socket, ["close"]);
  const error = refused();
  const [uncaught, ...more] = await uncaughtIn(() => socket.destroy(error));
  assertStrictEquals(uncaught, error);
  assertEquals([more, log], [[], ["close(true)"]]);
});

Deno.test("SocketEvents keeps the error from being uncaught when somebody took a promise or a stream", async () => {
  const ways: ((socket: TcpSocket) => unknown)[] = [
    (socket) => socket.opened,
    (socket) => socket.closed,
    (socket) => socket.read().catch(() => {}),
    (socket) => socket.flush().catch(() => {}),
    (socket) => socket.readable,
    (socket) => socket.writable,
    (socket) => socket[Symbol.asyncIterator](),
  ];
  for (const way of ways) {
    const socket = new TcpSocket();
    way(socket);
    assertEquals(await uncaughtIn(() => socket.destroy(refused())), [], String(way));
  }
});

Deno.test("SocketEvents tells the host of an error when the socket's user does not listen", async () => {
  const socket = new TcpSocket();
  const host = new Host();
  eventsOf(socket).host = host;
  const error = refused();
  assertEquals(await uncaughtIn(() => socket.destroy(error)), []);
  assertEquals([host.log, host.errors], [["error", "closed"], [error]]);
});

Deno.test("SocketEvents tells the socket's user alone of an error when it listens", async () => {
  const socket = new TcpSocket();
  const host = new Host();
  eventsOf(socket).host = host;
  const log = logEvents(socket, EVENTS);
  socket.on("close", () => host.log.push("close listener"));
  socket.destroy(refused());
  await setImmediate();
  assertEquals(log, ["error(ECONNREFUSED)", "close(true)"]);
  assertEquals(host.log, ["closed", "close listener"]);
});

Deno.test("SocketEvents lets the state whole when a listener throws, and what it threw is uncaught", async () => {
  for (const name of ["connect", "data", "end", "error", "close"] as const) {
    const socket = new TcpSocket();
    const [near, far] = MemoryStream.pair();
    const thrown = new Error(`By ${name}`);
    const heard: string[] = [];
    const add = socket.on.bind(socket) as (name: string, listener: () => void) => void;
    for (const event of EVENTS) add(event, () => heard.push(event));
    add(name, () => {
      throw thrown;
    });
    const uncaught = await uncaughtIn(async () => {
      eventsOf(socket).connection.open(near);
      far.write(new Uint8Array(1));
      far.attach({
        borrows: false,
        onData: () => {},
        onEnd: () => {},
        onWritten: () => far.end(),
        onFinish: () => {},
        onClose: () => {},
      });
      await setImmediate();
      socket.destroy(name === "error" ? refused() : undefined);
      await setImmediate();
    });
    assertEquals(uncaught, [thrown]);
    const errors = name === "error" ? ["error"] : [];
    assertEquals(heard, ["connect", "data", "end", ...errors, "close"], name);
  }
});

Deno.test("SocketEvents settles opened and closed when they are asked for before, and after", async () => {
  const socket = new TcpSocket();
  const early = [socket.opened, socket.closed];
  const error = refused();
  socket.destroy(error);
  for (const wait of [...early, socket.opened, socket.closed]) {
    assertStrictEquals(await assertRejects(() => wait), error);
  }
  const plain = new TcpSocket();
  const { closed } = plain;
  plain.destroy();
  await closed;
  await plain.closed;
});

Deno.test("SocketEvents makes no promise that is reported as unhandled when nobody awaits it", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  const socket = new TcpSocket();
  void socket.opened;
  void socket.closed;
  socket.destroy(refused());
  await setImmediate();
  await setImmediate();
  process.off("unhandledRejection", onUnhandled);
  assertEquals(unhandled, []);
});
