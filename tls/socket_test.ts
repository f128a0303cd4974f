import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { NetError, netError } from "../_core/errors.ts";
import { partsOf } from "../_io/socket_parts.ts";
import type { SessionInfo } from "../_runtime/tls.ts";
import { logEvents } from "../_testing/event_log.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { TlsSocket } from "./socket.ts";

const EVENTS = ["connect", "secureConnect", "data", "end", "error", "close"];

const SESSION: SessionInfo = {
  alpnProtocol: "h2",
  protocol: "TLSv1.2",
  cipher: "TLS_AES_128_GCM_SHA256",
  servername: "mail.test",
  authorized: true,
  authorizationError: netError("ERR_TLS_CERT_EXPIRED", "Cannot trust the certificate"),
  peerCertificate: {
    subject: { CN: "mail.test" },
    issuer: { CN: "Authority" },
    names: ["mail.test"],
    validFrom: new Date(0),
    validTo: new Date(1),
    serialNumber: "01",
    fingerprint256: "AB:CD",
    raw: Uint8Array.of(48),
  },
};

/** A session in memory, that tells its end as the test says. */
function session() {
  const ending: { closedCleanly: boolean | undefined } = { closedCleanly: undefined };
  const [near, far] = MemoryStream.pair();
  return { stream: Object.assign(near, { session: SESSION }, ending), far };
}

/** What the socket tells of its session. */
function told(socket: TlsSocket): SessionInfo {
  const { alpnProtocol, protocol, cipher, servername, authorized } = socket;
  const { authorizationError, peerCertificate } = socket;
  const agreed = { alpnProtocol, protocol, cipher, servername };
  return { ...agreed, authorized, authorizationError, peerCertificate };
}

Deno.test("TlsSocket tells of no session when the handshake is not done", () => {
  const socket = new TlsSocket();
  assertEquals(told(socket), {
    alpnProtocol: null,
    protocol: undefined,
    cipher: undefined,
    servername: undefined,
    authorized: false,
    authorizationError: undefined,
    peerCertificate: undefined,
  });
  assertEquals([socket.closedCleanly, socket.readyState], [undefined, "opening"]);
});

Deno.test("TlsSocket opens with secureConnect, and tells what was agreed, when it has a session", async () => {
  const socket = new TlsSocket();
  const log = logEvents(socket, EVENTS);
  let atEvent: SessionInfo | undefined;
  socket.on("secureConnect", () => atEvent = told(socket));
  const { stream } = session();
  partsOf(socket).connection.open(stream);
  const { remoteAddress } = await socket.opened;
  assertEquals(remoteAddress, stream.remoteAddress);
  assertEquals(log, ["secureConnect"]);
  assertEquals(atEvent, SESSION);
  assertStrictEquals(socket.authorizationError, SESSION.authorizationError);
  socket.destroy();
  await socket.closed;
});

Deno.test("closedCleanly says how the peer ended when it has, and still does after the close", async () => {
  for (const clean of [true, false]) {
    const socket = new TlsSocket();
    const { stream, far } = session();
    partsOf(socket).connection.open(stream);
    assertEquals(socket.closedCleanly, undefined);
    far.close();
    stream.closedCleanly = clean;
    assertEquals(await socket.read(), null);
    assertEquals(socket.closedCleanly, clean);
    socket.destroy();
    await socket.closed;
    assertEquals([socket.closedCleanly, socket.protocol], [clean, "TLSv1.2"]);
  }
});

Deno.test("TlsSocket does not tell of secureConnect when it fails before it has a session", async () => {
  const socket = new TlsSocket();
  const log = logEvents(socket, EVENTS);
  const opened = assertRejects(() => socket.opened, NetError);
  const { connection } = partsOf(socket);
  const refusal = netError("ERR_TLS_ALERT", "Cannot speak TLS");
  connection.destroy(refusal);
  assertStrictEquals(await opened, refusal);
  const { stream } = session();
  connection.open(stream);
  await setImmediate();
  assertEquals(log, ["error(ERR_TLS_ALERT)", "close(true)"]);
  assertEquals(stream.calls, ["close"]);
});
