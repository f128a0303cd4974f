import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { logEvents } from "../_testing/event_log.ts";
import { netnsAvailable, runInNetns } from "../_testing/netns.ts";
import { UDP_CHILD } from "../_testing/udp_child.ts";
import { SAME_FLAGS, startUdpPeer } from "../_testing/udp_peer.ts";
import { bind, createSocket, NetError } from "./mod.ts";

const LOCAL = { hostname: "127.0.0.1" } as const;
const netnsReason = netnsAvailable();
const netnsNote = netnsReason === null ? "" : ` (skipped: ${netnsReason})`;

const text = (data: Uint8Array) => new TextDecoder().decode(data);

function failure(promise: Promise<unknown>): Promise<NetError> {
  return assertRejects(() => promise, NetError);
}

Deno.test("U11 bind() rejects when the port is taken, and may be tried again", async () => {
  await using peer = await startUdpPeer();
  await using socket = createSocket();
  const log = logEvents(socket, ["listening", "error", "close"]);
  // Does not throw, whatever the runtime does.
  const binding = socket.bind({ ...LOCAL, port: peer.port });
  const { code, errno, syscall, address, port } = await failure(binding);
  assertEquals(
    { code, errno, syscall, address, port },
    { code: "EADDRINUSE", errno: -98, syscall: "bind", address: "127.0.0.1", port: peer.port },
  );
  assertEquals(log, ["error(EADDRINUSE)"]);
  await socket.bind(LOCAL);
  assertEquals((await failure(socket.bind(LOCAL))).code, "ERR_SOCKET_ALREADY_BOUND");
  assertEquals(log, ["error(EADDRINUSE)", "listening"]);
  const foreign = await failure(bind({ hostname: "203.0.113.9" }));
  assertEquals(
    [foreign.code, foreign.syscall, foreign.address],
    ["EADDRNOTAVAIL", "bind", "203.0.113.9"],
  );
});

Deno.test("U11 what waits for a bind() that fails, fails with it", async () => {
  await using socket = createSocket();
  const waiting = [socket.setTTL(5), socket.joinGroup("224.0.0.114")];
  assertEquals((await failure(socket.bind({ hostname: "203.0.113.9" }))).code, "EADDRNOTAVAIL");
  for (const call of waiting) assertEquals((await failure(call)).code, "EADDRNOTAVAIL");
});

Deno.test("U12 two sockets with `reuseAddress` share a port, and one gets a datagram", async () => {
  await using first = await bind({ ...LOCAL, reuseAddress: true });
  const { port } = first.address;
  await using second = await bind({ ...LOCAL, port, reuseAddress: true });
  await using peer = await startUdpPeer();
  await peer.send("x", port);
  const controller = new AbortController();
  const { signal } = controller;
  const readers = [first, second].map((socket) => socket.read({ signal }));
  const { data } = await Promise.any(readers);
  assertEquals(text(data), "x");
  await peer.after(20);
  controller.abort();
  const results = await Promise.allSettled(readers);
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 1);
  assertEquals((await failure(bind({ ...LOCAL, port }))).code, "EADDRINUSE");
});

Deno.test("U16 a socket on `::` takes IPv4 in and shows it as IPv4", async () => {
  await using socket = await bind();
  assertEquals(socket.address.address, "::");
  await using peer = await startUdpPeer();
  await peer.send("x", socket.address.port);
  const { remote } = await socket.read();
  const expected = { address: "127.0.0.1", family: "IPv4", port: peer.port } as const;
  assertEquals({ ...remote }, { transport: "udp", ...expected, size: 1 });
  await socket.send("back", remote);
  assertEquals((await peer.next()).text, "back");
});

Deno.test("U16 a socket with `ipv6Only` does not take IPv4 in", async () => {
  await using socket = await bind({ hostname: "::", ipv6Only: true });
  const { port } = socket.address;
  await using peer4 = await startUdpPeer();
  await using peer6 = await startUdpPeer({ host: "::1" });
  await peer4.send("four", port).catch(() => {});
  await peer6.send("six", port);
  assertEquals(text((await socket.read()).data), "six");
  assertEquals(socket.waiting, 0);
  const error = await failure(socket.send("x", { ...LOCAL, port: peer4.port }));
  assertEquals([error.code, error.syscall], ["EAFNOSUPPORT", "send"]);
});

Deno.test({
  name: `U16 a name is resolved by the family of the socket${netnsNote}`,
  ignore: netnsReason !== null,
  async fn() {
    const options = { prefix: SAME_FLAGS };
    const { code, stdout, stderr } = await runInNetns(UDP_CHILD, ["localhost"], options);
    const expected = "127.0.0.1: from 0.0.0.0\n::1: from ::1\n";
    assertEquals([code, stdout, stderr], [0, expected, ""]);
  },
});

Deno.test({
  name: `send() tells by the same codes why there is no way${netnsNote}`,
  ignore: netnsReason !== null,
  async fn() {
    const { code, stdout, stderr } = await runInNetns(UDP_CHILD, ["routes"], {
      prefix: SAME_FLAGS,
    });
    const expected = [
      "8.8.8.8 ENETUNREACH send",
      "2001:db8::1 ENETUNREACH send",
      "10.98.0.2 EHOSTUNREACH send",
      "10.97.0.2 EACCES send",
      "nope.test ENOTFOUND getaddrinfo",
    ];
    assertEquals([code, stdout.trim().split("\n"), stderr], [0, expected, ""]);
  },
});

Deno.test("send() fails with EAFNOSUPPORT for an address of the other family", async () => {
  for (const [own, other] of [["127.0.0.1", "::1"], ["::1", "127.0.0.1"]] as const) {
    await using socket = await bind({ hostname: own });
    const { code, errno, syscall, address, port } = await failure(
      socket.send("x", { hostname: other, port: 9 }),
    );
    assertEquals(
      { code, errno, syscall, address, port },
      { code: "EAFNOSUPPORT", errno: -97, syscall: "send", address: other, port: 9 },
    );
  }
});

Deno.test("bind() ends with its signal, before and after", async () => {
  const reason = new Error("Enough");
  assertEquals(await bind({ signal: AbortSignal.abort(reason) }).catch((error) => error), reason);
  const controller = new AbortController();
  const socket = await bind({ ...LOCAL, signal: controller.signal });
  const log = logEvents(socket, ["close", "error"]);
  const reading = failure(socket.read());
  controller.abort(reason);
  assertEquals((await reading).code, "ERR_SOCKET_CLOSED");
  await socket.close();
  assertEquals(log, ["close"]);
  const during = new AbortController();
  const binding = bind({ ...LOCAL, signal: during.signal });
  during.abort(reason);
  assertEquals(await binding.catch((error) => error), reason);
});

/** A signal that counts who listens to it. */
class CountingSignal extends EventTarget {
  readonly aborted = false;
  listeners = 0;

  throwIfAborted(): void {}

  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.listeners++;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget["removeEventListener"]>): void {
    this.listeners--;
    super.removeEventListener(...args);
  }
}

Deno.test("bind() leaves no listener at its signal when a second bind() fails and the socket closes", async () => {
  const counting = new CountingSignal();
  const signal = counting as unknown as AbortSignal;
  const socket = await bind({ hostname: "127.0.0.1", signal });
  assertEquals(counting.listeners, 1);
  const { code } = await assertRejects(() => socket.bind({ signal }), NetError);
  assertEquals([code, counting.listeners], ["ERR_SOCKET_ALREADY_BOUND", 1]);
  await socket.close();
  assertEquals(counting.listeners, 0);
  const closing = createSocket();
  const bound = closing.bind({ hostname: "127.0.0.1", signal });
  await Promise.allSettled([closing.close(), bound]);
  assertEquals(counting.listeners, 0);
});

Deno.test("bind() takes a port, a name, or nothing at all", async () => {
  await using any = await bind();
  assert(any.address.port > 0);
  await using named = await bind({ hostname: "localhost" });
  assert(["127.0.0.1", "::1"].includes(named.address.address), named.address.address);
  const { port } = named.address;
  await named.close();
  await using numbered = await bind(port);
  assertEquals(numbered.address.port, port);
});

Deno.test("createSocket() and bind() refuse options that cannot be", async () => {
  const bad = [
    { maxQueued: 0 },
    { maxQueued: 1.5 },
    { maxUnsentBytes: -1 },
    { maxNames: 0 },
    { nameLifetime: -1 },
    { ttl: 0 },
    { ttl: 256 },
    { multicastTTL: 256 },
    { multicastTTL: -1 },
    { recvBufferSize: 0 },
  ];
  for (const options of bad) {
    const error = assertThrows(() => createSocket(options), RangeError) as NetError;
    assertEquals(error.code, "ERR_OUT_OF_RANGE", JSON.stringify(options));
  }
  const notAnInterface = { multicastInterface: "not an interface" };
  assertThrows(() => createSocket(notAnInterface), TypeError);
  assertEquals((await failure(bind({ port: 70_000 }))).code, "ERR_SOCKET_BAD_PORT");
  assertEquals((await failure(bind({ hostname: "a b" }))).code, "ERR_INVALID_ARG_VALUE");
});
