import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { Cancellation } from "../_core/cancellation.ts";
import type { SocketAddress } from "../_core/address.ts";
import { NetError } from "../_core/errors.ts";
import { partsOf } from "../_io/socket_parts.ts";
import type { SecureStream, SessionInfo } from "../_runtime/tls.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { startTlsPeer } from "../_testing/tls_peer.ts";
import { withinHandshakeTime } from "./handshake.ts";
import { TlsSocket } from "./socket.ts";

const TCP: SocketAddress = { transport: "tcp", address: "192.0.2.1", port: 443, family: "IPv4" };

function newConnection() {
  return partsOf(new TlsSocket()).connection;
}

function secureStream(): SecureStream {
  const session: SessionInfo = {
    alpnProtocol: null,
    protocol: undefined,
    cipher: undefined,
    servername: undefined,
    authorized: true,
    authorizationError: undefined,
    peerCertificate: undefined,
  };
  return Object.assign(MemoryStream.pair()[0], { session, closedCleanly: undefined });
}

/** A handshake with a peer that says nothing. */
function silence(stop: Cancellation): Promise<SecureStream> {
  return new Promise((_resolve, reject) => stop.whenCancelled(() => reject(stop.reason)));
}

Deno.test("withinHandshakeTime() fails with ERR_TLS_HANDSHAKE_TIMEOUT when the time is over", async () => {
  // Its port holds the process, as the connection below a handshake does.
  await using _peer = await startTlsPeer("silent");
  const path: SocketAddress = { transport: "unix", path: "/run/a.sock" };
  const cases = [
    { remote: TCP, named: ["192.0.2.1", 443] },
    { remote: path, named: ["/run/a.sock", undefined] },
    { remote: undefined, named: [undefined, undefined] },
  ];
  for (const { remote, named } of cases) {
    const wait = { connection: newConnection(), timeout: 10, remote };
    const error = await assertRejects(() => withinHandshakeTime(wait, silence), NetError);
    assertEquals([error.code, error.syscall], ["ERR_TLS_HANDSHAKE_TIMEOUT", "handshake"]);
    assertEquals([error.address, error.port], named);
  }
});

Deno.test("withinHandshakeTime() fails with the signal's reason when it aborts, before or meanwhile", async () => {
  const reason = new Error("Enough");
  const stop = new AbortController();
  const wait = { timeout: Infinity, remote: TCP, signal: stop.signal };
  const waiting = withinHandshakeTime({ ...wait, connection: newConnection() }, silence);
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => waiting), reason);
  const late = withinHandshakeTime({ ...wait, connection: newConnection() }, silence);
  assertStrictEquals(await assertRejects(() => late), reason);
});

Deno.test("withinHandshakeTime() calls the handshake off when the connection is destroyed", async () => {
  const connection = newConnection();
  const waiting = withinHandshakeTime({ connection, timeout: Infinity, remote: TCP }, silence);
  connection.destroy();
  const error = await assertRejects(() => waiting, NetError);
  assertEquals(error.code, "ERR_SOCKET_CLOSED");
});

Deno.test("withinHandshakeTime() gives the stream, and stops nothing when the handshake is done", async () => {
  await using _peer = await startTlsPeer("silent");
  const given = secureStream();
  const stop = new AbortController();
  const seen: Cancellation[] = [];
  const wait = { connection: newConnection(), timeout: 10, remote: TCP };
  const stream = await withinHandshakeTime({ ...wait, signal: stop.signal }, (inner) => {
    seen.push(inner);
    return Promise.resolve(given);
  });
  assertStrictEquals(stream, given);
  stop.abort();
  // When a longer wait is over, the time of the first one is over too.
  const longer = { ...wait, connection: newConnection(), timeout: 50 };
  await assertRejects(() => withinHandshakeTime(longer, silence), NetError);
  assertEquals(seen.map(({ cancelled }) => cancelled), [false]);
});
