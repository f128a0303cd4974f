import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Cancellation } from "../_core/cancellation.ts";
import { NetError } from "../_core/errors.ts";
import type { ByteStream } from "../_io/stream.ts";
import { collectGarbage } from "../_testing/collect_garbage.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { pattern } from "../_testing/pattern.ts";
import { type StreamPair, withSinks } from "../_testing/stream_contract.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { engine } from "./node_tls.ts";
import type {
  ClientSettings,
  KeyPair,
  SecureStream,
  ServerSettings,
  SessionSettings,
  TlsAcceptor,
} from "./tls.ts";

const never = new Cancellation();
const nothing = new Uint8Array();
const COMMON: SessionSettings = {
  ca: undefined,
  alpnProtocols: [],
  minVersion: undefined,
  maxVersion: undefined,
  rejectUnauthorized: true,
  strictClose: false,
};

async function clientSettings(changes: Partial<ClientSettings> = {}): Promise<ClientSettings> {
  const { authority } = await testCertificates();
  const own = { host: "localhost", identity: undefined, pins: [], details: true };
  return { ...COMMON, ...own, ca: [authority.cert], ...changes };
}

function acceptorOf(identity: KeyPair, changes: Partial<ServerSettings> = {}): TlsAcceptor {
  const own = { identity, choose: undefined, requestCert: false };
  return engine.createAcceptor({ ...COMMON, ...own, ...changes });
}

function accepted(
  acceptor: TlsAcceptor,
  stream: ByteStream,
  stop: Cancellation,
): Promise<SecureStream> {
  return new Promise((opened, failed) =>
    acceptor.accept(stream, nothing, stop, { opened, failed })
  );
}

/** Does both sides of a handshake over streams in memory. */
async function handshake(
  acceptor: TlsAcceptor,
  changes: Partial<ClientSettings> = {},
): Promise<[SecureStream, SecureStream]> {
  const settings = await clientSettings(changes);
  const [below, other] = MemoryStream.pair();
  return await Promise.all([
    engine.connect(below, nothing, settings, never),
    accepted(acceptor, other, never),
  ]);
}

async function closeBoth({ a, b, atA, atB }: StreamPair): Promise<void> {
  a.close();
  b.close();
  await Promise.all([atA.saw("close"), atB.saw("close")]);
}

/** The first name of the certificate that a client is shown. */
async function shownName(
  acceptor: TlsAcceptor,
  changes: Partial<ClientSettings> = {},
): Promise<string | undefined> {
  const [a, b] = await handshake(acceptor, changes);
  await closeBoth(withSinks(a, b));
  return a.session.peerCertificate?.names[0];
}

Deno.test("engine of node tells both sides what was agreed on when a session opens", async () => {
  const { server, client, authority } = await testCertificates();
  const alpnProtocols = ["h2", "http/1.1"];
  const ca = [authority.cert];
  const acceptor = acceptorOf(server, { ca, requestCert: true, alpnProtocols });
  const [a, b] = await handshake(acceptor, { identity: client, alpnProtocols: ["http/1.1"] });
  const told = ({ session }: SecureStream) => [
    session.alpnProtocol,
    session.protocol,
    session.servername,
    session.authorized,
    session.peerCertificate?.names,
  ];
  const names = ["localhost", "127.0.0.1", "::1"];
  assertEquals(told(a), ["http/1.1", "TLSv1.3", undefined, true, names]);
  assertEquals(told(b), ["http/1.1", "TLSv1.3", "localhost", true, ["client1"]]);
  const pair = withSinks(a, b);
  b.resume();
  a.write(pattern(1000));
  await pair.atB.until(() => pair.atB.received === 1000);
  assertEquals(pair.atB.chunks.flatMap((chunk) => [...chunk]), [...pattern(1000)]);
  await closeBoth(pair);
});

Deno.test("engine of node shows another certificate when it was chosen by name or set anew", async () => {
  const { server, other, wild } = await testCertificates();
  const choose = (name: string) => name === "other.test" ? other : undefined;
  const acceptor = acceptorOf(server, { choose });
  const any = { rejectUnauthorized: false };
  assertEquals(await shownName(acceptor), "localhost");
  assertEquals(await shownName(acceptor, { host: "other.test" }), "other.test");
  acceptor.setIdentity(wild);
  assertEquals(await shownName(acceptor, any), "*.wild.test");
  const mixed = { key: server.key, cert: wild.cert };
  const error = assertThrows(() => acceptor.setIdentity(mixed), NetError);
  assertEquals(error.code, "ERR_TLS_INVALID_KEY");
  assertEquals(await shownName(acceptor, any), "*.wild.test");
});

Deno.test("engine of node gives the stream below up when it is called off in the handshake", async () => {
  const { server } = await testCertificates();
  const settings = await clientSettings();
  const acceptor = acceptorOf(server);
  const sides = [
    (stream: MemoryStream, stop: Cancellation) => engine.connect(stream, nothing, settings, stop),
    (stream: MemoryStream, stop: Cancellation) => accepted(acceptor, stream, stop),
  ];
  for (const start of sides) {
    const [below, peer] = MemoryStream.pair();
    const { atB } = withSinks(below, peer);
    const stop = new Cancellation();
    const reason = new Error("Enough");
    const opening = start(below, stop);
    stop.cancel(reason);
    assertStrictEquals(await assertRejects(() => opening), reason);
    peer.resume();
    await atB.until(() => atB.log.includes("end") || atB.log.includes("close"));
    assertEquals(below.calls.includes("close"), true);
  }
});

/** A handshake with a client that speaks no TLS; gives nothing but weak references to it. */
async function failedHandshake(acceptor: TlsAcceptor): Promise<WeakRef<MemoryStream>> {
  const [below, peer] = MemoryStream.pair();
  withSinks(below, peer);
  const opening = accepted(acceptor, below, new Cancellation());
  peer.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  const error = await assertRejects(() => opening, NetError);
  assertEquals(error.code, "ERR_TLS_NOT_TLS");
  peer.close();
  return new WeakRef(below);
}

Deno.test("engine of node keeps nothing of a handshake that failed", async () => {
  const { server } = await testCertificates();
  const acceptor = acceptorOf(server);
  const failed: WeakRef<MemoryStream>[] = [];
  for (let i = 0; i < 10; i++) failed.push(await failedHandshake(acceptor));
  const kept = () => failed.filter((stream) => stream.deref() !== undefined).length;
  // The last may still be on a stack.
  await collectGarbage(() => kept() <= 1);
  assert(kept() <= 1, `${kept()} of 10 are kept`);
});
