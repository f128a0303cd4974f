import { assert, assertEquals, assertRejects } from "@std/assert";
import { Deferred } from "../_core/deferred.ts";
import { NetError } from "../_core/errors.ts";
import type { ByteStream, Listener } from "../_io/stream.ts";
import { STREAM_CONTRACT, withSinks } from "../_testing/stream_contract.ts";
import { runtime } from "./mod.ts";
import type { ListenTcpRequest } from "./runtime.ts";

const settings = { noDelay: true, keepAlive: false, keepAliveDelay: 0 };
const never = new AbortController().signal;

const request: ListenTcpRequest = {
  ...settings,
  host: "127.0.0.1",
  port: 0,
  backlog: 511,
  ipv6Only: false,
  reusePort: false,
};

async function withPair(check: (a: ByteStream, b: ByteStream) => Promise<void>): Promise<void> {
  const accepted = new Deferred<ByteStream>();
  const listener = await runtime.listenTcp(request, {
    onConnection: (stream) => accepted.resolve(stream),
    onDrop: () => {},
  });
  const a = await connectTo(listener);
  try {
    await check(a, await accepted.promise);
  } finally {
    await listener.close();
  }
}

function connectTo(listener: Listener, localAddress?: string): Promise<ByteStream> {
  const { port = 0 } = listener.address;
  return runtime.connectTcp({
    ...settings,
    host: "127.0.0.1",
    port,
    localAddress,
    attemptDelay: 250,
    signal: never,
  });
}

Deno.test("runtime gives streams that keep the contract when they stand on TCP", async (t) => {
  for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
    await t.step(rule, () => withPair((a, b) => check(withSinks(a, b))));
  }
});

Deno.test("runtime connectTcp() connects from an address when it is given one", async () => {
  const accepted = new Deferred<ByteStream>();
  const listener = await runtime.listenTcp(request, {
    onConnection: (stream) => accepted.resolve(stream),
    onDrop: () => {},
  });
  const a = await connectTo(listener, "127.0.0.2");
  const pair = withSinks(a, await accepted.promise);
  assertEquals(pair.b.remoteAddress?.address, "127.0.0.2");
  await STREAM_CONTRACT["ends one side and keeps the other open"]!(pair);
  await listener.close();
});

Deno.test("runtime listenTcp() rejects with code, errno, address and port when the port is taken", async () => {
  const sink = { onConnection: () => {}, onDrop: () => {} };
  const listener = await runtime.listenTcp(request, sink);
  const { port = 0 } = listener.address;
  const error = await assertRejects(() => runtime.listenTcp({ ...request, port }, sink), NetError);
  const { code, errno, syscall, address } = error;
  assertEquals({ code, errno, syscall, address, port: error.port }, {
    code: "EADDRINUSE",
    errno: -98,
    syscall: "listen",
    address: "127.0.0.1",
    port,
  });
  await listener.close();
  await (await runtime.listenTcp({ ...request, port }, sink)).close();
});

Deno.test("runtime lookup() gives addresses of the family when asked for one", async () => {
  const addresses = await runtime.lookup("localhost", 4);
  assert(addresses.length > 0);
  assert(addresses.every(({ family }) => family === 4));
});

Deno.test("runtime lookup() rejects with ENOTFOUND or EAI_AGAIN when there is no such name", async () => {
  const error = await assertRejects(() => runtime.lookup("no-such-name.invalid", 0), NetError);
  assert(["ENOTFOUND", "EAI_AGAIN"].includes(error.code), error.code);
  assertEquals(error.hostname, "no-such-name.invalid");
  assertEquals(error.syscall, "getaddrinfo");
});

Deno.test("runtime mayResolve() allows it when nothing is forbidden", () => {
  assertEquals(runtime.mayResolve("localhost", 80), true);
});
