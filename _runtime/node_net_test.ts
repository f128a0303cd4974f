import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Deferred } from "../_core/deferred.ts";
import { NetError } from "../_core/errors.ts";
import type { ByteStream, ListenerSink } from "../_io/stream.ts";
import { STREAM_CONTRACT, withSinks } from "../_testing/stream_contract.ts";
import { connectTcp, connectUnix, listenTcp, listenUnix } from "./node_net.ts";
import type { ConnectTcpRequest, ListenTcpRequest } from "./runtime.ts";

const settings = { noDelay: true, keepAlive: true, keepAliveDelay: 1000 };
const never = new AbortController().signal;
const nobody: ListenerSink = { onConnection: (stream) => stream.close(), onDrop: () => {} };

function listenRequest(changes: Partial<ListenTcpRequest> = {}): ListenTcpRequest {
  const defaults = { host: "127.0.0.1", port: 0, backlog: 511, ipv6Only: false, reusePort: false };
  return { ...settings, ...defaults, ...changes };
}

function connectRequest(changes: Partial<ConnectTcpRequest>): ConnectTcpRequest {
  const defaults = { host: "127.0.0.1", port: 1, localAddress: undefined, attemptDelay: 250 };
  return { ...settings, ...defaults, signal: never, ...changes };
}

/** Hands the next client of a listener on. */
function taking(): { sink: ListenerSink; taken: Promise<ByteStream> } {
  const taken = new Deferred<ByteStream>();
  return {
    sink: { onConnection: (stream) => taken.resolve(stream), onDrop: () => {} },
    taken: taken.promise,
  };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), "net-"));
  try {
    await use(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function failureOf(promise: Promise<unknown>): Promise<NetError> {
  return await assertRejects(() => promise, NetError);
}

Deno.test("connectTcp() and listenTcp() give streams that keep the contract", async (t) => {
  for (const host of ["127.0.0.1", "::1"]) {
    for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
      await t.step(`${rule} (${host})`, async () => {
        const { sink, taken } = taking();
        const listener = await listenTcp(listenRequest({ host }), sink);
        const { port = 0 } = listener.address;
        const a = await connectTcp(connectRequest({ host, port }));
        await check(withSinks(a, await taken));
        await listener.close();
      });
    }
  }
});

Deno.test("connectUnix() and listenUnix() give streams that keep the contract", async (t) => {
  await withFolder(async (folder) => {
    for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
      if (rule === "tells both ends of both addresses") continue;
      await t.step(rule, async () => {
        const { sink, taken } = taking();
        const path = join(folder, "socket");
        const listener = await listenUnix({ path, backlog: 10, mode: undefined }, sink);
        const a = await connectUnix(path, never);
        await check(withSinks(a, await taken));
        await listener.close();
      });
    }
  });
});

Deno.test("connectUnix() and listenUnix() tell the path where an end is bound to one", async () => {
  await withFolder(async (folder) => {
    const { sink, taken } = taking();
    const path = join(folder, "socket");
    const listener = await listenUnix({ path, backlog: 10, mode: undefined }, sink);
    const a = await connectUnix(path, never);
    const b = await taken;
    const bound = { transport: "unix", path } as const;
    const unbound = { transport: "unix", path: null } as const;
    assertEquals([a.localAddress, a.remoteAddress], [unbound, bound]);
    assertEquals([b.localAddress, b.remoteAddress, listener.address], [bound, unbound, bound]);
    const { atA, atB } = withSinks(a, b);
    a.close();
    b.close();
    await Promise.all([atA.saw("close"), atB.saw("close")]);
    await listener.close();
  });
});

Deno.test("connectTcp() connects from an address when it is given one", async () => {
  const { sink, taken } = taking();
  const listener = await listenTcp(listenRequest(), sink);
  const { port = 0 } = listener.address;
  const a = await connectTcp(connectRequest({ port, localAddress: "127.0.0.2" }));
  const pair = withSinks(a, await taken);
  assertEquals(pair.b.remoteAddress?.address, "127.0.0.2");
  await STREAM_CONTRACT["ends one side and keeps the other open"]!(pair);
  await listener.close();
});

Deno.test("connectTcp() rejects with every field when nobody listens", async () => {
  const listener = await listenTcp(listenRequest(), nobody);
  const { port = 0 } = listener.address;
  await listener.close();
  const error = await failureOf(connectTcp(connectRequest({ port })));
  const { code, errno, syscall, address } = error;
  assertEquals({ code, errno, syscall, address, port: error.port }, {
    code: "ECONNREFUSED",
    errno: -111,
    syscall: "connect",
    address: "127.0.0.1",
    port,
  });
});

Deno.test("connectUnix() rejects with the path when there is no socket", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "none");
    const { code, address, syscall } = await failureOf(connectUnix(path, never));
    assertEquals([code, address, syscall], ["ENOENT", path, "connect"]);
  });
});

Deno.test("connectTcp() and connectUnix() reject with the reason when the signal aborts or has aborted", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "socket");
    const tcp = await listenTcp(listenRequest(), nobody);
    const unix = await listenUnix({ path, backlog: 10, mode: undefined }, nobody);
    const { port = 0 } = tcp.address;
    for (const before of [false, true]) {
      for (const transport of ["tcp", "unix"]) {
        const stop = new AbortController();
        const { signal } = stop;
        const reason = new Error("Enough");
        if (before) stop.abort(reason);
        const connecting = transport === "tcp"
          ? connectTcp(connectRequest({ port, signal }))
          : connectUnix(path, signal);
        if (!before) stop.abort(reason);
        assertStrictEquals(await assertRejects(() => connecting), reason, `${transport} ${before}`);
      }
    }
    await tcp.close();
    await unix.close();
  });
});

Deno.test("listenTcp() rejects with every field when the port is taken, and frees it at close()", async () => {
  const listener = await listenTcp(listenRequest(), nobody);
  const { port = 0 } = listener.address;
  const error = await failureOf(listenTcp(listenRequest({ port }), nobody));
  const { code, errno, syscall, address } = error;
  assertEquals({ code, errno, syscall, address, port: error.port }, {
    code: "EADDRINUSE",
    errno: -98,
    syscall: "listen",
    address: "127.0.0.1",
    port,
  });
  await Promise.all([listener.close(), listener.close()]);
  await (await listenTcp(listenRequest({ port }), nobody)).close();
});

Deno.test("listenTcp() close() frees the port although a client is still open", async () => {
  const { sink, taken } = taking();
  const listener = await listenTcp(listenRequest(), sink);
  const { port = 0 } = listener.address;
  const a = await connectTcp(connectRequest({ port }));
  const pair = withSinks(a, await taken);
  await listener.close();
  await failureOf(connectTcp(connectRequest({ port })));
  await STREAM_CONTRACT["ends one side and keeps the other open"]!(pair);
});

Deno.test("listenTcp() takes IPv4 and IPv6 in on one port when there is no host", async () => {
  const seen: unknown[] = [];
  const came = new Deferred<void>();
  const listener = await listenTcp(listenRequest({ host: undefined }), {
    onConnection: (stream) => {
      seen.push(stream.remoteAddress?.address);
      stream.close();
      if (seen.length === 2) came.resolve();
    },
    onDrop: () => {},
  });
  const { port = 0 } = listener.address;
  for (const host of ["127.0.0.1", "::1"]) {
    (await connectTcp(connectRequest({ host, port }))).close();
  }
  await came.promise;
  assertEquals(seen.sort(), ["127.0.0.1", "::1"]);
  await listener.close();
});

Deno.test("listenUnix() gives the file its mode, and removes it at close()", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "socket");
    const listener = await listenUnix({ path, backlog: 1, mode: 0o600 }, nobody);
    assertEquals(fs.lstatSync(path).mode & 0o777, 0o600);
    const error = await failureOf(listenUnix({ path, backlog: 1, mode: undefined }, nobody));
    assertEquals([error.code, error.address, error.syscall], ["EADDRINUSE", path, "listen"]);
    await listener.close();
    assertEquals(fs.existsSync(path), false);
  });
});

Deno.test("listenUnix() leaves no server behind when the file cannot be given its mode", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "socket");
    await failureOf(listenUnix({ path, backlog: 1, mode: "x" as never }, nobody));
    assertEquals(fs.readdirSync(folder), []);
    await (await listenUnix({ path, backlog: 1, mode: undefined }, nobody)).close();
  });
});

Deno.test("connectTcp() takes a name, and any delay between its addresses", async () => {
  const listener = await listenTcp(listenRequest({ host: "localhost" }), nobody);
  const { port = 0 } = listener.address;
  for (const attemptDelay of [0, 0.5, 250, Infinity]) {
    (await connectTcp(connectRequest({ host: "localhost", port, attemptDelay }))).close();
  }
  await listener.close();
});

Deno.test("listenUnix() leaves the file alone at close() when another has its place", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "socket");
    const listener = await listenUnix({ path, backlog: 1, mode: undefined }, nobody);
    fs.unlinkSync(path);
    fs.writeFileSync(path, "mine");
    await listener.close();
    assertEquals(fs.readFileSync(path, "utf8"), "mine");
    assertEquals(fs.readdirSync(folder), ["socket"]);
  });
});

Deno.test("listenUnix() is content at close() when its file is gone", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "socket");
    const listener = await listenUnix({ path, backlog: 1, mode: undefined }, nobody);
    fs.unlinkSync(path);
    await listener.close();
    assertEquals(fs.readdirSync(folder), []);
  });
});

Deno.test("listenUnix() takes an abstract name, whatever the mode says", async () => {
  if (process.platform !== "linux") return;
  const path = `\0netstd-${process.pid}-${Math.random()}`;
  const { sink, taken } = taking();
  const listener = await listenUnix({ path, backlog: 1, mode: 0o600 }, sink);
  const a = await connectUnix(path, never);
  await STREAM_CONTRACT["ends one side and keeps the other open"]!(withSinks(a, await taken));
  await listener.close();
});

Deno.test("listenUnix() rejects with the path when its folder does not exist", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "none", "socket");
    const error = await failureOf(listenUnix({ path, backlog: 1, mode: undefined }, nobody));
    assert(["ENOENT", "EACCES"].includes(error.code), error.code);
    assertEquals([error.address, error.syscall], [path, "listen"]);
  });
});
