import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Deferred } from "../_core/deferred.ts";
import { NetError } from "../_core/errors.ts";
import type { ByteStream, Listener, ListenerSink } from "../_io/stream.ts";
import { STREAM_CONTRACT, withSinks } from "../_testing/stream_contract.ts";
import { runtime } from "./deno.ts";
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
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Leaves the file of a server that is gone. */
async function leaveSocket(path: string): Promise<void> {
  const listener = Deno.listen({ transport: "unix", path: `${path}.old` });
  await Deno.rename(`${path}.old`, path);
  listener.close();
}

async function failureOf(promise: Promise<unknown>): Promise<NetError> {
  return await assertRejects(() => promise, NetError);
}

Deno.test("runtime of Deno keeps the contract of streams when it stands on a Unix socket", async (t) => {
  await withFolder(async (folder) => {
    for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
      await t.step(rule, async () => {
        const { sink, taken } = taking();
        const request = { path: `${folder}/socket`, backlog: 10, mode: undefined };
        const listener = await runtime.listenUnix(request, sink);
        const a = await runtime.connectUnix(request.path, never);
        await check(withSinks(a, await taken));
        await listener.close();
      });
    }
  });
});

Deno.test("runtime of Deno keeps the contract of streams when node's net stands in", async (t) => {
  for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
    await t.step(rule, async () => {
      const { sink, taken } = taking();
      const listener = await runtime.listenTcp(listenRequest({ reusePort: true }), sink);
      const { port = 0 } = listener.address;
      const request = connectRequest({ port, localAddress: "127.0.0.1" });
      const a = await runtime.connectTcp(request);
      await check(withSinks(a, await taken));
      await listener.close();
    });
  }
});

Deno.test("runtime listenTcp() takes IPv4 and IPv6 in on one port when there is no host", async () => {
  const seen: unknown[] = [];
  const came = new Deferred<void>();
  const listener = await runtime.listenTcp(listenRequest({ host: undefined }), {
    onConnection: (stream) => {
      seen.push(stream.remoteAddress?.address);
      stream.close();
      if (seen.length === 2) came.resolve();
    },
    onDrop: () => {},
  });
  const { port = 0 } = listener.address;
  for (const host of ["127.0.0.1", "::1"]) {
    (await runtime.connectTcp(connectRequest({ host, port }))).close();
  }
  await came.promise;
  assertEquals(seen.sort(), ["127.0.0.1", "::1"]);
  await listener.close();
});

Deno.test("runtime listenTcp() rejects with ERR_FEATURE_UNAVAILABLE when ipv6Only is asked of ::", async () => {
  for (const host of [undefined, "::"]) {
    const request = listenRequest({ host, ipv6Only: true });
    const { code, syscall } = await failureOf(runtime.listenTcp(request, nobody));
    assertEquals([code, syscall], ["ERR_FEATURE_UNAVAILABLE", "listen"]);
  }
  await (await runtime.listenTcp(listenRequest({ host: "::1", ipv6Only: true }), nobody)).close();
});

Deno.test("runtime listenTcp() lets two listeners have one port when reusePort is set", async () => {
  const first = await runtime.listenTcp(listenRequest({ reusePort: true }), nobody);
  const { port } = first.address;
  const second = await runtime.listenTcp(listenRequest({ reusePort: true, port: port! }), nobody);
  assertEquals(second.address.port, port);
  await first.close();
  await second.close();
});

Deno.test("runtime listenTcp() shares a port by Deno's own sockets when --unstable-net is set", async () => {
  const program = `
    const request = { ...listen, host: "127.0.0.1", reusePort: true };
    const first = await runtime.listenTcp(request, nobody);
    const { port } = first.address;
    const second = await runtime.listenTcp({ ...request, port }, nobody);
    const kinds = [first, second].map(({ constructor }) => constructor.name);
    print([kinds, second.address.port === port]);
    await first.close();
    await second.close();
  `;
  assertEquals(await runWith(["--allow-net", "--unstable-net"], program), [
    ["DenoListener", "DenoListener"],
    true,
  ]);
});

Deno.test("runtime listenTcp() rejects with EADDRNOTAVAIL when the address is not of this machine", async () => {
  for (const reusePort of [false, true]) {
    const request = listenRequest({ host: "192.0.2.1", port: 5, reusePort });
    const { code, address, port, syscall } = await failureOf(runtime.listenTcp(request, nobody));
    assertEquals({ code, address, port, syscall }, {
      code: "EADDRNOTAVAIL",
      address: "192.0.2.1",
      port: 5,
      syscall: "listen",
    });
  }
});

Deno.test("runtime connectTcp() rejects with every field when nobody listens", async () => {
  const listener = await runtime.listenTcp(listenRequest(), nobody);
  const { port = 0 } = listener.address;
  await listener.close();
  for (const localAddress of [undefined, "127.0.0.1"]) {
    const error = await failureOf(runtime.connectTcp(connectRequest({ port, localAddress })));
    const { code, errno, syscall, address } = error;
    assertEquals({ code, errno, syscall, address, port: error.port }, {
      code: "ECONNREFUSED",
      errno: -111,
      syscall: "connect",
      address: "127.0.0.1",
      port,
    });
  }
});

Deno.test("runtime connectTcp() names the host when Deno has to resolve it", async () => {
  const request = connectRequest({ host: "no-such-name.invalid", port: 5 });
  const error = await failureOf(runtime.connectTcp(request));
  assert(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL"].includes(error.code), error.code);
  assertEquals([error.hostname, error.address, error.syscall], [
    "no-such-name.invalid",
    undefined,
    "getaddrinfo",
  ]);
});

Deno.test("runtime connectTcp() and connectUnix() reject with the reason when the signal aborts", async () => {
  await withFolder(async (folder) => {
    const tcp = await runtime.listenTcp(listenRequest(), nobody);
    const path = `${folder}/socket`;
    const unix = await runtime.listenUnix({ path, backlog: 1, mode: undefined }, nobody);
    const { port = 0 } = tcp.address;
    for (const localAddress of [undefined, "127.0.0.1"]) {
      const stop = new AbortController();
      const request = connectRequest({ port, localAddress, signal: stop.signal });
      const connecting = runtime.connectTcp(request);
      const reason = new Error("Enough");
      stop.abort(reason);
      assertStrictEquals(await assertRejects(() => connecting), reason);
    }
    const stop = new AbortController();
    const connecting = runtime.connectUnix(path, stop.signal);
    const reason = new Error("Enough");
    stop.abort(reason);
    assertStrictEquals(await assertRejects(() => connecting), reason);
    await tcp.close();
    await unix.close();
  });
});

Deno.test("runtime connectUnix() rejects with the path when there is no socket", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/none`;
    const { code, address, syscall } = await failureOf(runtime.connectUnix(path, never));
    assertEquals([code, address, syscall], ["ENOENT", path, "connect"]);
  });
});

Deno.test("runtime listenUnix() gives the file its mode, and removes it at close()", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/socket`;
    const listener = await runtime.listenUnix({ path, backlog: 1, mode: 0o600 }, nobody);
    assertEquals({ ...listener.address }, { transport: "unix", path });
    assertEquals((await Deno.lstat(path)).mode! & 0o777, 0o600);
    const error = await failureOf(
      runtime.listenUnix({ path, backlog: 1, mode: undefined }, nobody),
    );
    assertEquals([error.code, error.address, error.syscall], ["EADDRINUSE", path, "listen"]);
    await listener.close();
    await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
  });
});

Deno.test("runtime listenUnix() leaves no listener behind when the file cannot be given its mode", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/socket`;
    await failureOf(runtime.listenUnix({ path, backlog: 1, mode: "x" as never }, nobody));
    await (await runtime.listenUnix({ path, backlog: 1, mode: undefined }, nobody)).close();
  });
});

Deno.test("runtime listenUnix() leaves the file alone at close() when another has its place", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/socket`;
    const listener = await runtime.listenUnix({ path, backlog: 1, mode: undefined }, nobody);
    await Deno.remove(path);
    await Deno.writeTextFile(path, "mine");
    await listener.close();
    assertEquals(await Deno.readTextFile(path), "mine");
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assertEquals(names, ["socket"]);
  });
});

Deno.test("runtime listenUnix() takes an abstract name, whatever the mode says", async () => {
  if (Deno.build.os !== "linux") return;
  const path = `\0netstd-${crypto.randomUUID()}`;
  const { sink, taken } = taking();
  const listener = await runtime.listenUnix({ path, backlog: 1, mode: 0o600 }, sink);
  const a = await runtime.connectUnix(path, never);
  await STREAM_CONTRACT["ends one side and keeps the other open"]!(withSinks(a, await taken));
  await listener.close();
});

Deno.test("runtime removeFile() removes a dead socket's file, and is content with none", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/socket`;
    await leaveSocket(path);
    await runtime.removeFile(path);
    await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
    await runtime.removeFile(path);
  });
});

Deno.test("runtime removeFile() rejects with ENOTSOCK and leaves what is no socket", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "mine");
    await Deno.mkdir(`${folder}/empty`);
    for (const path of [`${folder}/file`, `${folder}/empty`]) {
      const { code, syscall, address } = await failureOf(runtime.removeFile(path));
      assertEquals([code, syscall, address], ["ENOTSOCK", "unlink", path]);
      await Deno.lstat(path);
    }
  });
});

/** Runs a program of the test in a Deno with these flags; gives what it printed as JSON. */
async function runWith(flags: string[], program: string): Promise<unknown> {
  const prelude = `
    const { runtime } = await import("${import.meta.resolve("./deno.ts")}");
    const settings = { noDelay: true, keepAlive: false, keepAliveDelay: 0 };
    const signal = new AbortController().signal;
    const listen = { ...settings, port: 0, backlog: 1, ipv6Only: false, reusePort: false };
    const connect = { ...settings, port: 1, attemptDelay: 250, signal };
    const nobody = { onConnection: (stream) => stream.close(), onDrop() {} };
    const failure = (promise) => promise.then(() => null, ({ name, code, address, hostname }) =>
      ({ name, code, address, hostname }));
    const print = (value) => console.log(JSON.stringify(value));
  `;
  const args = ["run", "--quiet", "--no-prompt", "--no-config", "--ext=js", ...flags, "-"];
  const options = { args, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  await using child = new Deno.Command(Deno.execPath(), options).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(prelude + program));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("runtime rejects with ERR_ACCESS_DENIED and the name NotCapable when a permission is missing", async () => {
  const denied = { name: "NotCapable", code: "ERR_ACCESS_DENIED" };
  const program = `
    const host = "127.0.0.1";
    print({
      tcp: await failure(runtime.connectTcp({ ...connect, host })),
      from: await failure(runtime.connectTcp({ ...connect, host, localAddress: host })),
      named: await failure(runtime.connectTcp({ ...connect, host: "localhost" })),
      unix: await failure(runtime.connectUnix("/none", signal)),
      listen: await failure(runtime.listenTcp({ ...listen, host }, nobody)),
      everywhere: await failure(runtime.listenTcp(listen, nobody)),
      reused: await failure(runtime.listenTcp({ ...listen, host, reusePort: true }, nobody)),
      listenUnix: await failure(runtime.listenUnix({ path: "/none", backlog: 1 }, nobody)),
      remove: await failure(runtime.removeFile("/none")),
      lookup: await failure(runtime.lookup("localhost", 0)),
      mayResolve: runtime.mayResolve("localhost", 1),
    });
  `;
  const at = { ...denied, address: "127.0.0.1" };
  assertEquals(await runWith([], program), {
    tcp: at,
    from: at,
    named: { ...denied, hostname: "localhost" },
    unix: { ...denied, address: "/none" },
    listen: at,
    everywhere: { ...denied, address: "::" },
    reused: at,
    listenUnix: { ...denied, address: "/none" },
    remove: { ...denied, address: "/none" },
    lookup: { ...denied, hostname: "localhost" },
    mayResolve: false,
  });
});

Deno.test("runtime leaves a name to Deno when only the name is permitted", async () => {
  const listener: Listener = await runtime.listenTcp(listenRequest(), nobody);
  const { port = 0 } = listener.address;
  const program = `
    const stream = await runtime.connectTcp({ ...connect, host: "localhost", port: ${port} });
    stream.close();
    print([runtime.mayResolve("localhost", ${port}), stream.remoteAddress.port]);
  `;
  assertEquals(await runWith([`--allow-net=localhost:${port}`], program), [false, port]);
  await listener.close();
});

Deno.test("runtime resolves a name itself when it and every address of this machine are permitted", async () => {
  const program = `print([
    runtime.mayResolve("localhost", 80),
    runtime.mayResolve("localhost", 81),
  ]);`;
  const allowed = "--allow-net=127.0.0.1:80,[::1]:80";
  assertEquals(await runWith([`${allowed},localhost`], program), [true, false]);
  assertEquals(await runWith([`${allowed},localhost:80`], program), [false, false]);
  assertEquals(await runWith([allowed], program), [false, false]);
  assertEquals(await runWith(["--allow-net"], program), [true, true]);
});

Deno.test("runtime listenTcp() takes the one address for every address that is permitted", async () => {
  const program = `
    const listener = await runtime.listenTcp(listen, nobody);
    print(listener.address.address);
    await listener.close();
  `;
  assertEquals(await runWith(["--allow-net=0.0.0.0:0"], program), "0.0.0.0");
  assertEquals(await runWith(["--allow-net=[::]:0"], program), "::");
  assertEquals(await runWith(["--allow-net"], program), "::");
});

Deno.test("runtime lets the process end when its listener or stream is unreferenced", async () => {
  const program = `
    const listener = await runtime.listenTcp({ ...listen, host: "127.0.0.1" }, {
      onConnection: (stream) => stream.unref(),
      onDrop() {},
    });
    const { port } = listener.address;
    const stream = await runtime.connectTcp({ ...connect, host: "127.0.0.1", port });
    stream.attach({ onClose() {}, onData() {} });
    stream.resume();
    listener.unref();
    stream.unref();
    print("ended");
  `;
  assertEquals(await runWith(["--allow-net"], program), "ended");
});
