import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { logEvents } from "../_testing/event_log.ts";
import { IN_DENO } from "../_testing/in_deno.ts";
import { startPeer } from "../_testing/peer.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { startTlsPeer } from "../_testing/tls_peer.ts";
import { connect, createServer, type TlsConnectOptions, type TlsSocket } from "./mod.ts";
import { NetError } from "../tcp/mod.ts";

const EVENTS = ["connect", "secureConnect", "data", "end", "error", "close"];
const LOCAL = { port: 0, hostname: "127.0.0.1" };

/** What a socket that cannot open fails with. */
async function failureOf(socket: TlsSocket): Promise<NetError> {
  const error = await assertRejects(() => socket.opened, NetError);
  await socket.closed.catch(() => {});
  return error;
}

function at(port: number, options: TlsConnectOptions): TlsSocket {
  return connect({ port, hostname: "127.0.0.1" }, { servername: "localhost", ...options });
}

/** Sends 5 bytes, and gives the log when the echo has come and both sides have ended. */
async function echo(socket: TlsSocket): Promise<string[]> {
  const log = logEvents(socket, EVENTS);
  socket.end("hello");
  await socket.closed;
  return log;
}

const ECHOED = ["connect", "secureConnect", "data(5)", "end", "close(false)"];

for (const details of [false, true]) {
  Deno.test(`S01 connect() opens after verification when the authority is trusted, details ${details}`, async () => {
    const { authority, server: identity } = await testCertificates();
    let connections = 0;
    const server = createServer({ ...identity }, (socket) => {
      connections += 1;
      assertEquals(socket.protocol, "TLSv1.3");
      assertEquals([socket.authorized, socket.peerCertificate], [false, undefined]);
      socket.pipe(socket);
    });
    await server.listen(LOCAL);
    const socket = connect(server.address, { ca: authority.cert, details });
    const log = echo(socket);
    const { remoteAddress } = await socket.opened;
    assertEquals(remoteAddress, server.address);
    assertEquals([socket.authorized, socket.alpnProtocol], [true, null]);
    assertEquals(socket.authorizationError, undefined);
    if (details || !IN_DENO) {
      assertEquals([socket.protocol, socket.cipher?.startsWith("TLS_")], ["TLSv1.3", true]);
      const { subject, names, issuer } = socket.peerCertificate!;
      assertEquals([subject["CN"], issuer["CN"]], ["localhost", "Development authority"]);
      assertEquals(names, ["localhost", "127.0.0.1", "::1"]);
    }
    assertEquals(await log, ECHOED);
    assertEquals(connections, 1);
    await server.close();
  });
}

Deno.test("S02 connect() refuses a server when its authority is not trusted", async () => {
  const { authority, server: identity } = await testCertificates();
  const server = createServer({ ...identity }, (socket) => socket.pipe(socket));
  const log = logEvents(server, ["secureConnection", "tlsClientError"]);
  await server.listen(LOCAL);
  for (const details of [false, true]) {
    const failed = new Promise((resolve) => server.once("tlsClientError", resolve));
    const socket = connect(server.address, { details });
    const events = logEvents(socket, EVENTS);
    const error = await failureOf(socket);
    assertEquals(error.code, "ERR_TLS_CERT_UNTRUSTED");
    assert(error.cause instanceof Error);
    assertEquals(events, ["connect", "error(ERR_TLS_CERT_UNTRUSTED)", "close(true)"]);
    await failed;
  }
  assertEquals(log.map((entry) => entry.replace(/\(.*/, "")), ["tlsClientError", "tlsClientError"]);
  assertEquals(await echo(connect(server.address, { ca: authority.cert })), ECHOED);
  await server.close();
});

Deno.test("S03 connect() takes a self-signed certificate when it is its own authority", async () => {
  const { selfSigned } = await testCertificates();
  await using peer = await startTlsPeer("echo", { ...selfSigned });
  const error = await failureOf(at(peer.port, {}));
  assertEquals(error.code, "ERR_TLS_CERT_UNTRUSTED");
  assertEquals(await echo(at(peer.port, { ca: [selfSigned.cert] })), ECHOED);
});

Deno.test("S04 connect() refuses a server when its certificate is for another name or too old", async () => {
  const { authority, wrongName, expired } = await testCertificates();
  const ca = authority.cert;
  for (const details of [false, true]) {
    await using wrong = await startTlsPeer("echo", { ...wrongName });
    const error = await failureOf(at(wrong.port, { ca, details }));
    assertEquals(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");
    await using old = await startTlsPeer("echo", { ...expired });
    const { code } = await failureOf(at(old.port, { ca, details }));
    const allowed = ["ERR_TLS_CERT_EXPIRED", ...(IN_DENO ? ["ERR_TLS_CERT_UNTRUSTED"] : [])];
    assert(allowed.includes(code), code);
  }
});

Deno.test("S05 connect() opens to anybody when rejectUnauthorized is false, and says why not", async () => {
  const { selfSigned } = await testCertificates();
  await using peer = await startTlsPeer("echo", { ...selfSigned });
  const socket = at(peer.port, { rejectUnauthorized: false });
  await socket.opened;
  assertEquals(socket.authorized, false);
  assertEquals(socket.authorizationError?.code, "ERR_TLS_CERT_UNTRUSTED");
  assertEquals(await echo(socket), ECHOED.slice(2));
});

Deno.test("S06 connect() fails with ERR_TLS_PROTOCOL_VERSION when the versions do not meet", async () => {
  const { authority, server: identity } = await testCertificates();
  const ca = authority.cert;
  await using peer = await startTlsPeer("echo", { ...identity, minVersion: "TLSv1.3" });
  const error = await failureOf(at(peer.port, { ca, maxVersion: "TLSv1.2" }));
  assertEquals(error.code, "ERR_TLS_PROTOCOL_VERSION");
  await using older = await startTlsPeer("echo", { ...identity, maxVersion: "TLSv1.2" });
  const socket = at(older.port, { ca, minVersion: "TLSv1.2", details: true });
  assertEquals(await echo(socket), ECHOED);
  assertEquals(socket.protocol, "TLSv1.2");
});

Deno.test("S07 connect() fails with ERR_TLS_NOT_TLS when the server speaks plain text", async () => {
  const { authority } = await testCertificates();
  await using peer = await startTlsPeer("plain");
  for (const details of [false, true]) {
    const error = await failureOf(at(peer.port, { ca: authority.cert, details }));
    assertEquals(error.code, "ERR_TLS_NOT_TLS");
    assertEquals([error.address, error.port], ["127.0.0.1", peer.port]);
  }
});

Deno.test("connect() fails with ECONNRESET when the server closes in the handshake", async () => {
  await using peer = await startTlsPeer("closing");
  for (const details of [false, true]) {
    assertEquals((await failureOf(at(peer.port, { details }))).code, "ECONNRESET");
  }
});

Deno.test("S10 connect() stops in the handshake when its signal aborts or its time is over", async () => {
  await using peer = await startTlsPeer("silent");
  await using clock = await startPeer();
  for (const details of [false, true]) {
    const stop = new AbortController();
    const { signal } = stop;
    const reason = new Error("Enough");
    const socket = at(peer.port, { details, signal });
    await clock.after(100);
    const aborted = performance.now();
    stop.abort(reason);
    assertStrictEquals(await socket.opened.catch((error) => error), reason);
    assert(performance.now() - aborted < 500);
    await socket.closed.catch(() => {});

    const start = performance.now();
    const late = await failureOf(at(peer.port, { details, connectTimeout: 200 }));
    assertEquals([late.code, late.port], ["ETIMEDOUT", peer.port]);
    const took = performance.now() - start;
    assert(took >= 190 && took <= 950, `${took} ms`);

    const slow = await failureOf(at(peer.port, { details, handshakeTimeout: 50 }));
    assertEquals(slow.code, "ERR_TLS_HANDSHAKE_TIMEOUT");
  }
});

Deno.test("S10 connect() does nothing when its signal has aborted before", async () => {
  await using peer = await startTlsPeer("silent");
  const reason = new Error("Enough");
  const socket = at(peer.port, { signal: AbortSignal.abort(reason) });
  const log = logEvents(socket, EVENTS);
  assertStrictEquals(await socket.opened.catch((error) => error), reason);
  assertEquals([log, peer.connections], [[], 0]);
});

Deno.test("S10 destroy() in the handshake closes the connection", async () => {
  await using peer = await startTlsPeer("silent");
  for (const details of [false, true]) {
    const socket = at(peer.port, { details });
    const log = logEvents(socket, EVENTS);
    await new Promise<void>((resolve) => socket.on("connect", resolve));
    socket.destroy();
    await socket.closed;
    assertEquals(log, ["connect", "close(false)"]);
  }
});

Deno.test("S14 connect() agrees on a protocol, or fails with ERR_TLS_ALPN", async () => {
  const { authority, server: identity } = await testCertificates();
  const ca = authority.cert;
  await using peer = await startTlsPeer("echo", { ...identity, ALPNProtocols: ["h2"] });
  for (const details of [false, true]) {
    const socket = at(peer.port, { ca, details, alpnProtocols: ["h2", "http/1.1"] });
    await socket.opened;
    assertEquals(socket.alpnProtocol, "h2");
    await echo(socket);
    const error = await failureOf(at(peer.port, { ca, details, alpnProtocols: ["foo"] }));
    assertEquals(error.code, "ERR_TLS_ALPN");
  }
});

Deno.test("S15 connect() sends the name, never an IP address, and verifies either", async () => {
  const { authority, server: identity } = await testCertificates();
  const ca = authority.cert;
  await using peer = await startTlsPeer("echo", { ...identity });
  const place = { port: peer.port, hostname: "127.0.0.1" };
  for (const details of [false, true]) {
    assertEquals(await echo(connect(place, { ca, details })), ECHOED);
    assertEquals(await echo(connect(place, { ca, details, servername: "localhost" })), ECHOED);
    const error = await failureOf(connect(place, { ca, details, servername: "127.0.0.2" }));
    assertEquals(error.code, "ERR_TLS_CERT_ALTNAME_INVALID");
  }
  const sent = peer.servernames.filter((name) => name !== false);
  assertEquals([...new Set(sent)], ["localhost"]);
});

Deno.test("connect() takes a server only with a pinned certificate when pins are given", async () => {
  const { authority, server: identity, selfSigned } = await testCertificates();
  const ca = authority.cert;
  await using peer = await startTlsPeer("echo", { ...identity });
  const known = at(peer.port, { ca, details: true });
  await known.opened;
  const sum = known.peerCertificate!.fingerprint256;
  assertEquals(await echo(known), ECHOED.slice(2));
  const other = "00".repeat(32);
  assertEquals(await echo(at(peer.port, { ca, pin: [other, sum] })), ECHOED);
  assertEquals(await echo(at(peer.port, { rejectUnauthorized: false, pin: sum })), ECHOED);
  for (const rejectUnauthorized of [true, false]) {
    const error = await failureOf(at(peer.port, { ca, rejectUnauthorized, pin: other }));
    assertEquals(error.code, "ERR_TLS_CERT_UNTRUSTED");
  }
  await using another = await startTlsPeer("echo", { ...selfSigned });
  const error = await failureOf(at(another.port, { ca, pin: sum }));
  assertEquals(error.code, "ERR_TLS_CERT_UNTRUSTED");
});

Deno.test("S24 connect() refuses an authority and a key that cannot be read", async () => {
  const { authority, server: identity, client } = await testCertificates();
  await using peer = await startTlsPeer("echo", { ...identity });
  const broken = authority.cert.replace(/\n[^\n]{10}/, "\nAAAAAAAAAA");
  for (const ca of ["garbage", broken]) {
    assertEquals((await failureOf(at(peer.port, { ca: [ca] }))).code, "ERR_TLS_INVALID_CA");
  }
  const mixed = { key: client.key, cert: identity.cert };
  const error = await failureOf(at(peer.port, { ca: authority.cert, ...mixed }));
  assertEquals(error.code, "ERR_TLS_INVALID_KEY");
});

Deno.test("connect() throws at once when an option cannot be", () => {
  const wrong: TlsConnectOptions[] = [
    { pin: "abc" },
    { minVersion: "TLSv1.1" as "TLSv1.2" },
    { minVersion: "TLSv1.3", maxVersion: "TLSv1.2" },
    { alpnProtocols: [""] },
    { servername: "a b" },
    { cert: "alone" },
  ];
  for (const options of wrong) {
    assertThrows(() => connect(1, options), TypeError);
  }
  assertThrows(() => connect(1, { handshakeTimeout: -1 }), RangeError);
  assertThrows(() => connect(70_000), RangeError);
});

Deno.test("connect() works over a Unix socket when the name is given", async () => {
  const { authority, server: identity } = await testCertificates();
  const path = `\0netstd-tls-${Math.random()}`;
  const server = createServer({ ...identity }, (socket) => socket.pipe(socket));
  await server.listen({ path });
  for (const details of [false, true]) {
    assertEquals(await echo(connect({ path }, { ca: authority.cert, details })), ECHOED);
  }
  await server.close();
});
