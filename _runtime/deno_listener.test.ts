import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { Deferred } from "../_core/deferred.ts";
import type { ByteStream, DropInfo } from "../_io/stream.ts";
import { DenoListener } from "./deno_listener.ts";
import type { SocketSettings } from "./runtime.ts";

/** A listener whose clients and failures come from the test. */
class FakeListener {
  readonly addr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 7 };
  readonly calls: string[] = [];
  accepts = 0;
  #accept: Deferred<Deno.Conn> = new Deferred();
  #waited: Deferred<void> = new Deferred();

  accept(): Promise<Deno.Conn> {
    this.accepts += 1;
    this.#accept = new Deferred();
    this.#waited.resolve();
    this.#waited = new Deferred();
    return this.#accept.promise;
  }

  close(): void {
    this.calls.push("close");
    this.#accept.reject(new Deno.errors.BadResource("Listener has been closed"));
  }

  ref(): void {
    this.calls.push("ref");
  }

  unref(): void {
    this.calls.push("unref");
  }

  /** A client comes. */
  async gives(conn: FakeConn): Promise<void> {
    this.#accept.resolve(conn as unknown as Deno.Conn);
    await setImmediate();
  }

  /** Accepting fails. Resolves in a later turn, or once it is accepted again. */
  async fails(code: string, untilNext = false): Promise<void> {
    const next = this.#waited.promise;
    this.#accept.reject(Object.assign(new Error("Failed"), { code }));
    if (untilNext) await next;
    else await setImmediate();
  }
}

class FakeConn {
  readonly localAddr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 7 };
  readonly remoteAddr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 8 };
  readonly calls: string[] = [];

  setNoDelay(on: boolean): void {
    this.calls.push(`setNoDelay(${on})`);
  }

  setKeepAlive(on: boolean): void {
    this.calls.push(`setKeepAlive(${on})`);
  }

  close(): void {
    this.calls.push("close");
  }
}

const PLAIN: SocketSettings = { noDelay: false, keepAlive: false, keepAliveDelay: 0 };

function setup(settings: SocketSettings | null = PLAIN) {
  const fake = new FakeListener();
  const streams: ByteStream[] = [];
  const drops: DropInfo[] = [];
  const listener = new DenoListener(fake as unknown as Deno.Listener, {
    onConnection: (stream) => streams.push(stream),
    onDrop: (info) => drops.push(info),
  }, settings);
  return { fake, listener, streams, drops };
}

Deno.test("DenoListener gives each client as a stream, and goes on", async () => {
  const { fake, listener, streams } = setup();
  for (let count = 1; count <= 3; count++) {
    await fake.gives(new FakeConn());
    assertEquals([streams.length, fake.accepts], [count, count + 1]);
  }
  assertEquals(streams[0]?.remoteAddress?.port, 8);
  assertEquals({ ...listener.address }, {
    transport: "tcp",
    address: "127.0.0.1",
    family: "IPv4",
    port: 7,
  });
  await listener.close();
});

Deno.test("DenoListener sets up each socket as its settings say", async () => {
  const cases = [
    [PLAIN, []],
    [null, []],
    [{ ...PLAIN, noDelay: true }, ["setNoDelay(true)"]],
    [{ ...PLAIN, keepAlive: true }, ["setKeepAlive(true)"]],
  ] as const;
  for (const [settings, calls] of cases) {
    const { fake, listener } = setup(settings);
    const conn = new FakeConn();
    await fake.gives(conn);
    assertEquals(conn.calls, [...calls]);
    await listener.close();
  }
});

Deno.test("DenoListener accepts on at once when a client is gone before it was accepted", async () => {
  const { fake, listener, streams, drops } = setup();
  const codes = ["ENOTCONN", "ECONNABORTED", "ECONNRESET", "EINVAL"];
  for (const [index, code] of codes.entries()) {
    await fake.fails(code);
    assertEquals(fake.accepts, index + 2);
  }
  assertEquals(drops, codes.map((reason) => ({ reason, localAddress: listener.address })));
  await fake.gives(new FakeConn());
  assertEquals(streams.length, 1);
  await listener.close();
});

Deno.test("DenoListener waits longer each time when there are no descriptors, and then accepts on", async () => {
  const { fake, listener, streams, drops } = setup();
  const waits: number[] = [];
  for (let round = 0; round < 4; round++) {
    const before = performance.now();
    const accepted = fake.fails("EMFILE", true);
    await setImmediate();
    assertEquals(fake.accepts, round + 1);
    await accepted;
    waits.push(performance.now() - before);
  }
  assertEquals(drops.map(({ reason }) => reason), ["EMFILE", "EMFILE", "EMFILE", "EMFILE"]);
  assert(waits[0]! >= 4 && waits[3]! >= 35, `${waits} ms`);
  await fake.gives(new FakeConn());
  assertEquals(streams.length, 1);
  await listener.close();
});

Deno.test("DenoListener begins with a short wait again when a client came in between", async () => {
  const { fake, listener } = setup();
  for (let round = 0; round < 5; round++) await fake.fails("EMFILE", true);
  await fake.gives(new FakeConn());
  const before = performance.now();
  await fake.fails("EMFILE", true);
  const waited = performance.now() - before;
  assert(waited < 160, `${waited} ms`);
  await listener.close();
});

Deno.test("DenoListener throws what its sink throws as uncaught, and accepts on at once", async () => {
  const fake = new FakeListener();
  const errors: unknown[] = [];
  const drops: DropInfo[] = [];
  const onUncaught = (error: unknown) => errors.push(error);
  process.on("uncaughtException", onUncaught);
  const mistake = new Error("My mistake");
  const listener = new DenoListener(fake as unknown as Deno.Listener, {
    onConnection: () => {
      throw mistake;
    },
    onDrop: (info) => drops.push(info),
  }, PLAIN);
  await fake.gives(new FakeConn());
  await setImmediate();
  process.off("uncaughtException", onUncaught);
  assertEquals([errors, drops, fake.accepts], [[mistake], [], 2]);
  await listener.close();
});

Deno.test("DenoListener close() ends the wait after a failure, and accepts no more", async () => {
  const { fake, listener, drops } = setup();
  await fake.fails("EMFILE");
  const before = performance.now();
  await listener.close();
  assert(performance.now() - before < 1000);
  assertEquals([fake.accepts, drops.length, fake.calls], [1, 1, ["close"]]);
});

Deno.test("DenoListener close() tells no drop, may be called again, and waits for the accept", async () => {
  const { fake, listener, drops } = setup();
  await Promise.all([listener.close(), listener.close()]);
  await listener.close();
  await setImmediate();
  assertEquals([fake.calls, drops, fake.accepts], [["close"], [], 1]);
});

Deno.test("DenoListener close() closes a client that was accepted meanwhile", async () => {
  const { fake, listener, streams } = setup();
  const conn = new FakeConn();
  const given = fake.gives(conn);
  await listener.close();
  await given;
  assertEquals([conn.calls, streams.length], [["close"], 0]);
});

Deno.test("DenoListener ref() and unref() reach the system's listener", async () => {
  const { fake, listener } = setup();
  listener.unref();
  listener.ref();
  assertEquals(fake.calls, ["unref", "ref"]);
  await listener.close();
});
