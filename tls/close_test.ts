import { assert, assertEquals, assertRejects } from "@std/assert";
import { concat } from "../_core/bytes.ts";
import { runChild } from "../_testing/child.ts";
import { logEvents } from "../_testing/event_log.ts";
import { IN_DENO } from "../_testing/in_deno.ts";
import { pattern } from "../_testing/pattern.ts";
import { startPeer } from "../_testing/peer.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { TLS_SEND_CHILD } from "../_testing/tls_send_child.ts";
import { startTlsPeer } from "../_testing/tls_peer.ts";
import { NetError } from "../tcp/mod.ts";
import { connect, createServer, type TlsConnectOptions, type TlsSocket } from "./mod.ts";

const EVENTS = ["connect", "secureConnect", "data", "end", "error", "close"];
const LOCAL = { port: 0, hostname: "127.0.0.1" };
const MIB = 1_048_576;

async function to(port: number, options: TlsConnectOptions = {}): Promise<TlsSocket> {
  const { authority } = await testCertificates();
  return connect({ port, hostname: "127.0.0.1" }, { ca: authority.cert, ...options });
}

Deno.test("S17 closedCleanly tells an end with the closing message from a cut", async () => {
  const { server: identity } = await testCertificates();
  await using cut = await startTlsPeer("truncating", { ...identity });
  await using clean = await startTlsPeer("clean", { ...identity });
  for (const details of [false, true]) {
    const socket = await to(cut.port, { details });
    const log = logEvents(socket, EVENTS);
    await socket.closed;
    assertEquals(log, ["connect", "secureConnect", "data(5)", "end", "close(false)"]);
    assertEquals(socket.closedCleanly, IN_DENO ? false : undefined);
    const proper = await to(clean.port, { details });
    proper.resume();
    await proper.closed;
    assertEquals(proper.closedCleanly, IN_DENO ? true : undefined);
  }
});

Deno.test("S17 a cut is the failure ERR_TLS_TRUNCATED when strictClose is true", async () => {
  const { server: identity } = await testCertificates();
  await using cut = await startTlsPeer("truncating", { ...identity });
  await using clean = await startTlsPeer("clean", { ...identity });
  const ways = [false, true].flatMap((details) =>
    (["TLSv1.2", "TLSv1.3"] as const).map((maxVersion) => ({
      details,
      maxVersion,
      strictClose: true,
    }))
  );
  for (const way of ways) {
    const socket = await to(cut.port, way);
    const log = logEvents(socket, EVENTS);
    const error = await assertRejects(() => socket.closed, NetError);
    assertEquals(error.code, "ERR_TLS_TRUNCATED");
    assertEquals(log.slice(2), ["data(5)", "error(ERR_TLS_TRUNCATED)", "close(true)"]);
    assertEquals(socket.closedCleanly, false);
    const proper = await to(clean.port, way);
    const properLog = logEvents(proper, EVENTS);
    await proper.closed;
    assertEquals(properLog.slice(2), ["data(5)", "end", "close(false)"]);
    assertEquals(proper.closedCleanly, true);
  }
});

Deno.test("S17 a server that ends in its listener ends with the closing message", async () => {
  const { server: identity } = await testCertificates();
  const server = createServer({ ...identity }, (socket) => socket.end("hello"));
  await server.listen(LOCAL);
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    const socket = await to(server.address.port!, { maxVersion, strictClose: true });
    const log = logEvents(socket, EVENTS);
    await socket.closed;
    assertEquals(log.slice(2), ["data(5)", "end", "close(false)"]);
    assertEquals(socket.closedCleanly, true);
  }
  await server.close();
});

Deno.test("S17 a session that both sides end at once ends with the closing message", async () => {
  const { server: identity } = await testCertificates();
  const server = createServer({ ...identity }, (socket) => socket.resume());
  await server.listen(LOCAL);
  for (const details of [false, true]) {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await to(server.address.port ?? 0, { details, maxVersion });
      // With what is sent after the handshake still on its way.
      socket.resume().end();
      await socket.closed;
      assertEquals(socket.closedCleanly, IN_DENO ? true : undefined);
    }
  }
  await server.close();
});

Deno.test("S18 a reset is ECONNRESET", async () => {
  const { server: identity } = await testCertificates();
  await using peer = await startTlsPeer("rst", { ...identity });
  for (const details of [false, true]) {
    const socket = await to(peer.port, { details });
    const log = logEvents(socket, EVENTS);
    socket.once("data", () => socket.write("now"));
    const error = await assertRejects(() => socket.closed, NetError);
    assertEquals(error.code, "ECONNRESET");
    assertEquals(log.slice(2), ["data(5)", "error(ECONNRESET)", "close(true)"]);
    assertEquals(socket.closedCleanly, undefined);
  }
});

Deno.test("S19 end() leaves the other side open", async () => {
  const { server: identity } = await testCertificates();
  await using peer = await startTlsPeer("half", { ...identity });
  for (const details of [false, true]) {
    const socket = await to(peer.port, { details });
    const log = logEvents(socket, EVENTS);
    let text = "";
    socket.on("data", (chunk) => text += new TextDecoder().decode(chunk));
    socket.end("12345");
    await socket.closed;
    assertEquals(text, "TOTAL 5\n");
    assertEquals(log.slice(2), ["data(8)", "end", "close(false)"]);
  }
});

/** Whether the chunks are the pattern's bytes, all of them. */
function isPattern(chunks: Uint8Array[], length: number): boolean {
  const bytes = concat(chunks);
  const expected = pattern(length);
  return bytes.length === length && bytes.every((byte, index) => byte === expected[index]);
}

for (const details of [false, true]) {
  Deno.test(`S20 end() sends 8 MiB whole, and un-awaited writes keep their order, details ${details}`, async () => {
    const { server: identity } = await testCertificates();
    const received: Uint8Array[][] = [];
    const server = createServer({ ...identity }, (socket) => {
      const chunks: Uint8Array[] = [];
      received.push(chunks);
      socket.on("data", (chunk) => chunks.push(chunk));
    });
    await server.listen(LOCAL);
    const port = server.address.port ?? 0;
    const large = await to(port, { details });
    large.end(pattern(8 * MIB));
    await large.close();
    assert(isPattern(received[0]!, 8 * MIB));
    const small = await to(port, { details });
    for (let i = 0; i < 6; i++) small.write(pattern(60_000, i * 60_000));
    small.end();
    await small.close();
    assert(isPattern(received[1]!, 360_000));
    await server.close();
  });

  Deno.test(`S20 a client receives 32 MiB whole, details ${details}`, async () => {
    const { server: identity } = await testCertificates();
    await using peer = await startTlsPeer("big", { ...identity });
    const chunks: Uint8Array[] = [];
    const socket = await to(peer.port, { details });
    for await (const chunk of socket) chunks.push(chunk);
    await socket.closed;
    assert(isPattern(chunks, 32 * MIB));
  });
}

for (const exit of ["end", "exit"] as const) {
  Deno.test(`S21 nothing is lost when the program ends after closed, by ${exit}`, async () => {
    const { server: identity, authority } = await testCertificates();
    await using clock = await startPeer();
    for (const details of ["", "details"]) {
      for (let round = 0; round < 5; round++) {
        let total = 0;
        let clean: boolean | undefined;
        const server = createServer({ ...identity, strictClose: true });
        await server.listen(LOCAL);
        const args = [String(server.address.port), exit, details];
        const child = runChild(TLS_SEND_CHILD, args, { env: { TLS_CA: authority.cert } });
        for await (const socket of server) {
          await clock.after(300);
          for await (const chunk of socket) total += chunk.length;
          clean = socket.closedCleanly;
          await socket.close();
          break;
        }
        const { code, stderr } = await child;
        assertEquals([total, clean, code, stderr], [360_000, true, 0, ""]);
        await server.close();
      }
    }
  });
}

Deno.test("TlsSocket reset() and settings do their work in either role", async () => {
  const { server: identity } = await testCertificates();
  for (const details of [false, true]) {
    const server = createServer({ ...identity }, (socket) => {
      socket.setNoDelay(true).setKeepAlive(true, 1000).unref().ref();
      socket.reset();
    });
    await server.listen(LOCAL);
    const socket = await to(server.address.port ?? 0, { details });
    socket.setNoDelay(true).setKeepAlive(true, 1000).unref().ref();
    socket.resume();
    await socket.closed.catch(() => {});
    await server.close();
  }
});
