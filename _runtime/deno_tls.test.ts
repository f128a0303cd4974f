import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Cancellation } from "../_core/cancellation.ts";
import { concat } from "../_core/bytes.ts";
import { NetError } from "../_core/errors.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { startTlsPeer, type TlsPeerKind } from "../_testing/tls_peer.ts";
import { engine } from "./deno_tls.ts";
import { DenoStream } from "./deno_stream.ts";
import type { ClientSettings, SecureStream } from "./tls.ts";

const never = new Cancellation();
const nothing = new Uint8Array();

async function settingsOf(changes: Partial<ClientSettings> = {}): Promise<ClientSettings> {
  const { authority } = await testCertificates();
  return {
    host: "localhost",
    ca: [authority.cert],
    alpnProtocols: [],
    minVersion: undefined,
    maxVersion: undefined,
    rejectUnauthorized: true,
    strictClose: false,
    identity: undefined,
    pins: [],
    details: false,
    ...changes,
  };
}

async function dial(port: number): Promise<DenoStream> {
  return new DenoStream(await Deno.connect({ hostname: "127.0.0.1", port }));
}

/** Opens a session with a server of this machine. */
async function open(port: number, changes: Partial<ClientSettings> = {}): Promise<SecureStream> {
  return await engine.connect(await dial(port), nothing, await settingsOf(changes), never);
}

async function closed(stream: SecureStream, sink = new RecordingSink()): Promise<void> {
  stream.attach(sink);
  stream.close();
  await sink.saw("close");
}

/** Reads up to the end or the failure. */
async function readAll(stream: SecureStream): Promise<RecordingSink> {
  const sink = new RecordingSink();
  stream.attach(sink);
  stream.resume();
  await sink.until(() => sink.log.includes("end") || sink.log.includes("close"));
  return sink;
}

Deno.test("engine of Deno takes its own TLS only when that can do all that is asked", async () => {
  const { server, client } = await testCertificates();
  await using peer = await startTlsPeer("echo", { ...server });
  // Deno's own does not tell the version.
  const native: Partial<ClientSettings>[] = [{}, { minVersion: "TLSv1.2" }, { host: "127.0.0.1" }];
  for (const changes of native) {
    const stream = await open(peer.port, changes);
    const { protocol, authorized } = stream.session;
    assertEquals([protocol, authorized], [undefined, true], JSON.stringify(changes));
    assertEquals(stream.remoteAddress?.port, peer.port);
    await closed(stream);
  }
  const { key, cert } = client;
  const others: Partial<ClientSettings>[] = [
    { details: true },
    { rejectUnauthorized: false },
    { identity: { key, cert } },
    { maxVersion: "TLSv1.2" },
    { minVersion: "TLSv1.3" },
  ];
  for (const changes of others) {
    const stream = await open(peer.port, changes);
    const version = changes.maxVersion ?? "TLSv1.3";
    assertEquals(stream.session.protocol, version, Object.keys(changes).join());
    await closed(stream);
  }
});

Deno.test("engine of Deno takes node's TLS when the stream was read from before", async () => {
  const { server } = await testCertificates();
  await using peer = await startTlsPeer("clean", { ...server });
  const dialed = await dial(peer.port);
  dialed.attach(new RecordingSink());
  dialed.resume();
  dialed.pause();
  const stream = await engine.connect(dialed, nothing, await settingsOf(), never);
  assertEquals(stream.session.protocol, "TLSv1.3");
  const sink = await readAll(stream);
  assertEquals(new TextDecoder().decode(concat(sink.chunks)), "hello");
  stream.close();
  await sink.saw("close");
});

Deno.test("engine of Deno tells a proper end from a cut when it reads", async () => {
  const { server } = await testCertificates();
  const end = async (kind: TlsPeerKind, strictClose: boolean) => {
    await using peer = await startTlsPeer(kind, { ...server });
    const stream = await open(peer.port, { strictClose });
    assertEquals(stream.closedCleanly, undefined);
    const sink = await readAll(stream);
    assertEquals(new TextDecoder().decode(concat(sink.chunks)), "hello");
    const seen = [sink.log.at(-1), stream.closedCleanly, sink.error?.code];
    stream.close();
    await sink.saw("close");
    return seen;
  };
  assertEquals(await end("clean", true), ["end", true, undefined]);
  assertEquals(await end("truncating", false), ["end", false, undefined]);
  assertEquals(await end("truncating", true), ["close", false, "ERR_TLS_TRUNCATED"]);
});

Deno.test("engine of Deno rejects with the server's address when the handshake fails", async () => {
  const { server } = await testCertificates();
  const fails = async (kind: TlsPeerKind, changes: Partial<ClientSettings> = {}) => {
    await using peer = await startTlsPeer(kind, { ...server });
    const error = await assertRejects(() => open(peer.port, changes), NetError);
    const { code, syscall, address, port } = error;
    assertEquals([syscall, address, port], ["connect", "127.0.0.1", peer.port]);
    return code;
  };
  assertEquals(await fails("plain"), "ERR_TLS_NOT_TLS");
  assertEquals(await fails("closing"), "ECONNRESET");
  assertEquals(await fails("echo", { host: "other.test" }), "ERR_TLS_CERT_ALTNAME_INVALID");
  assertEquals(await fails("echo", { ca: undefined }), "ERR_TLS_CERT_UNTRUSTED");
});

Deno.test("engine of Deno rejects with the reason when it is called off in the handshake", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const settings = await settingsOf();
  const stop = new Cancellation();
  const dialed = await dial(listener.addr.port);
  const connecting = engine.connect(dialed, nothing, settings, stop);
  using server = await listener.accept();
  const buffer = new Uint8Array(16 * 1024);
  // The client's first message.
  await server.read(buffer);
  assertEquals(buffer[0], 22);
  const reason = new Error("Enough");
  stop.cancel(reason);
  assertStrictEquals(await assertRejects(() => connecting), reason);
});

Deno.test("engine of Deno closes the connection when it was called off before", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const dialed = await dial(listener.addr.port);
  using server = await listener.accept();
  const reason = new Error("Enough");
  const stop = new Cancellation();
  stop.cancel(reason);
  const late = engine.connect(dialed, nothing, await settingsOf(), stop);
  assertStrictEquals(await assertRejects(() => late), reason);
  assertEquals(await server.read(new Uint8Array(1)), null);
});
