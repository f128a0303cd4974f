import { assert, assertEquals } from "@std/assert";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import * as tls from "node:tls";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { startTlsPeer } from "../_testing/tls_peer.ts";
import { checkServerIdentity, isPinned, sessionInfo } from "./node_tls_session.ts";
import { certificateError } from "./tls_error.ts";

async function closed(socket: tls.TLSSocket): Promise<void> {
  socket.destroy();
  await once(socket, "close");
}

Deno.test("sessionInfo() tells what was agreed and the certificate when the peer gave one", async () => {
  const { server, authority } = await testCertificates();
  await using peer = await startTlsPeer("echo", { ...server, ALPNProtocols: ["b", "a"] });
  const socket = tls.connect({
    port: peer.port,
    host: "127.0.0.1",
    servername: "localhost",
    ca: authority.cert,
    ALPNProtocols: ["a"],
    maxVersion: "TLSv1.2",
  });
  await once(socket, "secureConnect");
  const info = sessionInfo(socket, undefined, "asked.test");
  const { alpnProtocol, protocol, cipher, servername, authorized, peerCertificate } = info;
  assertEquals([alpnProtocol, protocol, servername], ["a", "TLSv1.2", "asked.test"]);
  assertEquals([authorized, info.authorizationError], [true, undefined]);
  assert(cipher);
  const expected = new X509Certificate(server.cert);
  assertEquals(peerCertificate?.names, ["localhost", "127.0.0.1", "::1"]);
  assertEquals(peerCertificate?.raw, new Uint8Array(expected.raw));
  assertEquals(peerCertificate?.fingerprint256, expected.fingerprint256);
  assertEquals(peerCertificate?.validTo, new Date(expected.validTo));
  await closed(socket);
});

Deno.test("sessionInfo() is not authorized and keeps the reason when the peer is a stranger", async () => {
  const { selfSigned } = await testCertificates();
  await using peer = await startTlsPeer("echo", { ...selfSigned });
  const socket = tls.connect({ port: peer.port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const reason = certificateError(socket.authorizationError, { syscall: "connect" });
  const { alpnProtocol, authorized, authorizationError } = sessionInfo(socket, reason, undefined);
  assertEquals([alpnProtocol, authorized], [null, false]);
  assertEquals(authorizationError?.code, "ERR_TLS_CERT_UNTRUSTED");
  await closed(socket);
});

Deno.test("isPinned() finds the sum of the certificate among others, and only its own", () => {
  const raw = new TextEncoder().encode("certificate");
  const sum = new Uint8Array(createHash("sha256").update(raw).digest());
  const other = sum.map((byte, index) => index === 31 ? byte ^ 1 : byte);
  assertEquals(isPinned(raw, [other, sum]), true);
  assertEquals(isPinned(raw, [other, sum.subarray(0, 31)]), false);
  assertEquals(isPinned(raw, []), false);
  assertEquals(isPinned(undefined, [sum]), false);
});

Deno.test("checkServerIdentity() refuses other names, and a certificate that has none but its subject's", async () => {
  const { server } = await testCertificates();
  const certificate = new X509Certificate(server.cert).toLegacyObject();
  const check = (host: string, subjectaltname = "DNS:localhost, IP Address:127.0.0.1") => {
    const error = checkServerIdentity(host, { ...certificate, subjectaltname });
    return (error as { code?: string } | undefined)?.code;
  };
  assertEquals(check("localhost"), undefined);
  assertEquals(check("127.0.0.1"), undefined);
  assertEquals(check("other.test"), "ERR_TLS_CERT_ALTNAME_INVALID");
  assertEquals(check("localhost", ""), "ERR_TLS_CERT_ALTNAME_INVALID");
});
