import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { ByteRun } from "../_testing/byte_runs.ts";
import { type RawClient, rawConnect, startPeer } from "../_testing/peer.ts";
import { connect, createServer, NetError, relay, type TcpServer, type TcpSocket } from "./mod.ts";

const MIB = 1_048_576;

/** What the proxy has made of one client. */
interface Relayed {
  /** The side of the client. */
  readonly downstream: TcpSocket;
  /** The side of the peer. */
  readonly upstream: TcpSocket;
  /** Null once relay() has resolved, or the code that it rejected with. */
  readonly outcome: Promise<string | null>;
}

/** A proxy in front of a port, which relays whoever connects. */
class Proxy implements AsyncDisposable {
  port = 0;
  readonly #server: TcpServer;
  #onRelayed: (relayed: Relayed) => void = () => {};

  constructor(target: number) {
    this.#server = createServer((downstream) => {
      const upstream = connect({ port: target, hostname: "127.0.0.1" });
      const outcome = relay(downstream, upstream).then(
        () => null,
        (error) => error instanceof NetError ? error.code : String(error),
      );
      this.#onRelayed({ downstream, upstream, outcome });
    });
  }

  async open(): Promise<this> {
    await this.#server.listen({ port: 0, hostname: "127.0.0.1" });
    const { address } = this.#server;
    if (address.transport === "tcp") this.port = address.port;
    return this;
  }

  /** Connects a raw client and gives both ends. */
  async client(options: { paused?: boolean; allowHalfOpen?: boolean } = {}): Promise<
    { client: RawClient; relayed: Relayed }
  > {
    const coming = new Promise<Relayed>((resolve) => this.#onRelayed = resolve);
    const client = await rawConnect({ port: this.port, ...options });
    return { client, relayed: await coming };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close({ timeout: 0 });
  }
}

Deno.test("relay() moves bytes both ways and resolves when both sides have ended", async () => {
  await using peer = await startPeer();
  await using proxy = await new Proxy(peer.port).open();
  const { client, relayed } = await proxy.client();
  await client.write("echo\nabc");
  await client.waitFor(3);
  await client.write("def");
  await client.waitFor(6);
  client.end();
  assertEquals((await client.closed).how, "eof");
  assertEquals(client.text, "abcdef");
  assertEquals(await relayed.outcome, null);
  assertEquals([relayed.downstream.readyState, relayed.upstream.readyState], ["closed", "closed"]);
  assertEquals((await peer.nextClose()).end, "eof");
});

Deno.test("relay() moves much both ways at a time", async () => {
  await using peer = await startPeer();
  await using proxy = await new Proxy(peer.port).open();
  const { client, relayed } = await proxy.client({ allowHalfOpen: true });
  await client.write("echo\n");
  for (let byte = 65; byte < 73; byte++) await client.write(new Uint8Array(MIB).fill(byte));
  client.end();
  const { how, received } = await client.closed;
  assertEquals([how, received], ["eof", 8_388_608]);
  const bytes = [65, 66, 67, 68, 69, 70, 71, 72];
  assertEquals(client.runs, bytes.map((byte): ByteRun => [byte, MIB]));
  assertEquals(await relayed.outcome, null);
});

Deno.test("relay() holds the client back when the peer is slow", async () => {
  await using peer = await startPeer();
  await using proxy = await new Proxy(peer.port).open();
  const { client, relayed } = await proxy.client({ allowHalfOpen: true });
  await client.write("count R 300\n");
  const sending = client.write(new Uint8Array(48 * MIB).fill(65));
  await peer.after(200);
  const { downstream, upstream } = relayed;
  assert(upstream.bufferedAmount <= 4 * 65_536, `${upstream.bufferedAmount} bytes wait`);
  assert(downstream.bytesRead < 32 * MIB, `${downstream.bytesRead} bytes read`);
  await sending;
  client.end();
  assertEquals((await peer.nextRecord("R")).total, 50_331_648);
  await client.closed;
  assertEquals([client.text, await relayed.outcome], ["TOTAL 50331648\n", null]);
});

Deno.test("relay() holds the peer back when the client is slow", async () => {
  await using peer = await startPeer();
  await using proxy = await new Proxy(peer.port).open();
  const { client, relayed } = await proxy.client({ paused: true });
  await client.write("send 50331648\n");
  await peer.after(200);
  const { downstream, upstream } = relayed;
  assert(downstream.bufferedAmount <= 4 * 65_536, `${downstream.bufferedAmount} bytes wait`);
  assert(upstream.bytesRead < 32 * MIB, `${upstream.bytesRead} bytes read`);
  client.resume();
  const { how, received } = await client.closed;
  assertEquals([how, received], ["eof", 50_331_648]);
  assertEquals(await relayed.outcome, null);
});

Deno.test("relay() passes on the end of the client and leaves the answer open", async () => {
  await using peer = await startPeer();
  await using proxy = await new Proxy(peer.port).open();
  const { client, relayed } = await proxy.client({ allowHalfOpen: true });
  client.end("count T\nabc");
  const { total, end } = await peer.nextRecord("T");
  assertEquals([total, end], [3, "eof"]);
  assertEquals((await client.closed).how, "eof");
  assertEquals([client.text, await relayed.outcome], ["TOTAL 3\n", null]);
});

Deno.test("relay() passes on the end of the peer and leaves the way back open", async () => {
  await using peer = await startPeer();
  await using proxy = await new Proxy(peer.port).open();
  const { client, relayed } = await proxy.client({ allowHalfOpen: true });
  await client.write("fin 20\n");
  assertEquals((await client.ended).how, "eof");
  await peer.after(50);
  client.end("tail");
  const { total, end } = await peer.nextRecord("fin");
  assertEquals([total, end], [4, "eof"]);
  await client.closed;
  assertEquals(await relayed.outcome, null);
});

Deno.test("relay() destroys the client and rejects when the peer resets", async () => {
  await using peer = await startPeer();
  await using proxy = await new Proxy(peer.port).open();
  const { client, relayed } = await proxy.client();
  await client.write("rst 30\n");
  await client.closed;
  assertEquals(await relayed.outcome, "ECONNRESET");
  assertEquals(relayed.downstream.destroyed, true);
});

Deno.test("relay() destroys the peer's side and rejects when the client resets", async () => {
  await using peer = await startPeer();
  await using proxy = await new Proxy(peer.port).open();
  const { client, relayed } = await proxy.client();
  await client.write("echo\nabc");
  await client.waitFor(3);
  client.reset();
  assertEquals(await relayed.outcome, "ECONNRESET");
  assertEquals((await peer.nextClose("echo")).total, 3);
  assertEquals(relayed.upstream.destroyed, true);
});

Deno.test("relay() destroys the client and rejects when the other side cannot connect", async () => {
  const peer = await startPeer();
  const { port } = peer;
  await peer[Symbol.asyncDispose]();
  await using proxy = await new Proxy(port).open();
  const { client, relayed } = await proxy.client();
  await client.closed;
  assertEquals(await relayed.outcome, "ECONNREFUSED");
});

Deno.test("relay() ends both sides when one is destroyed here", async () => {
  await using peer = await startPeer();
  await using proxy = await new Proxy(peer.port).open();
  const { client, relayed } = await proxy.client();
  await client.write("echo\nabc");
  await client.waitFor(3);
  relayed.upstream.destroy();
  const hung = peer.after(2000).then(() => "hung");
  assertEquals(await Promise.race([relayed.outcome, hung]), null);
  await client.closed;
  assertEquals([relayed.downstream.destroyed, relayed.upstream.destroyed], [true, true]);
  assertEquals((await peer.nextClose("echo")).total, 3);
});

Deno.test("relay() rejects when somebody else reads one of the sockets", async () => {
  await using peer = await startPeer();
  const a = connect({ port: peer.port, hostname: "127.0.0.1" });
  const b = connect({ port: peer.port, hostname: "127.0.0.1" });
  const { readable } = a;
  const error = await assertRejects(() => relay(a, b), NetError);
  assertEquals([error.code, readable.locked], ["ERR_INVALID_STATE", false]);
  a.destroy();
  b.destroy();
  await Promise.all([a.closed, b.closed]);
});

Deno.test("relay() destroys both sides and rejects with the reason when its signal aborts", async () => {
  await using peer = await startPeer();
  const place = { port: peer.port, hostname: "127.0.0.1" };
  const reason = new Error("Enough");
  for (const before of [true, false]) {
    const pair = [connect(place), connect(place)] as const;
    const stop = new AbortController();
    if (before) stop.abort(reason);
    const relaying = relay(...pair, { signal: stop.signal }).catch((error) => error);
    stop.abort(reason);
    assertStrictEquals(await relaying, reason);
    assertEquals(pair.map(({ destroyed }) => destroyed), [true, true]);
  }
});
