import { assertEquals, assertRejects } from "@std/assert";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Deferred } from "../_core/deferred.ts";
import { NetError } from "../_core/errors.ts";
import type { ByteStream } from "../_io/stream.ts";
import { STREAM_CONTRACT, withSinks } from "../_testing/stream_contract.ts";
import { runtime } from "./node.ts";

const settings = { noDelay: true, keepAlive: false, keepAliveDelay: 0 };
const nobody = { onConnection: (stream: ByteStream) => stream.close(), onDrop: () => {} };
const listen = {
  ...settings,
  host: "127.0.0.1",
  port: 0,
  backlog: 10,
  ipv6Only: false,
  reusePort: false,
};

Deno.test("runtime of Node gives streams that keep the contract", async (t) => {
  for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
    await t.step(rule, async () => {
      const taken = new Deferred<ByteStream>();
      const onConnection = (stream: ByteStream) => taken.resolve(stream);
      const listener = await runtime.listenTcp(listen, { ...nobody, onConnection });
      const { port = 0 } = listener.address;
      const { signal } = new AbortController();
      const target = { host: "127.0.0.1", port, localAddress: undefined, attemptDelay: 250 };
      const a = await runtime.connectTcp({ ...settings, ...target, signal });
      await check(withSinks(a, await taken.promise));
      await listener.close();
    });
  }
});

Deno.test("runtime of Node shares a port, or rejects with ERR_FEATURE_UNAVAILABLE, when reusePort is set", async () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const can = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
  const request = { ...listen, reusePort: true };
  if (!can) {
    const error = await assertRejects(() => runtime.listenTcp(request, nobody), NetError);
    assertEquals([error.code, error.syscall], ["ERR_FEATURE_UNAVAILABLE", "listen"]);
    return;
  }
  const first = await runtime.listenTcp(request, nobody);
  const { port = 0 } = first.address;
  const second = await runtime.listenTcp({ ...request, port }, nobody);
  assertEquals(second.address.port, port);
  await first.close();
  await second.close();
});

Deno.test("runtime of Node resolves every name itself", async () => {
  assertEquals(runtime.mayResolve("localhost", 80), true);
  assertEquals(await runtime.lookup("127.0.0.1", 0), [{ address: "127.0.0.1", family: 4 }]);
});

Deno.test("runtime of Node removes a dead socket's file, and is content with none", async () => {
  const folder = fs.mkdtempSync(join(tmpdir(), "net-"));
  const path = join(folder, "socket");
  const request = { path: `${path}.old`, backlog: 1, mode: undefined };
  const listener = await runtime.listenUnix(request, nobody);
  fs.renameSync(`${path}.old`, path);
  await listener.close();
  assertEquals(fs.readdirSync(folder), ["socket"]);
  await runtime.removeFile(path);
  assertEquals(fs.readdirSync(folder), []);
  await runtime.removeFile(path);
  fs.rmdirSync(folder);
});

Deno.test("runtime of Node rejects with ENOTSOCK and leaves a file that is no socket", async () => {
  const folder = fs.mkdtempSync(join(tmpdir(), "net-"));
  const path = join(folder, "file");
  fs.writeFileSync(path, "mine");
  fs.mkdirSync(join(folder, "empty"));
  for (const place of [path, join(folder, "empty")]) {
    const error = await assertRejects(() => runtime.removeFile(place), NetError);
    assertEquals([error.code, error.syscall, error.address], ["ENOTSOCK", "unlink", place]);
  }
  assertEquals(fs.readdirSync(folder).sort(), ["empty", "file"]);
  fs.rmSync(folder, { recursive: true });
});
