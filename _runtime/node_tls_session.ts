/** What a session of `node:tls` agreed on, and the checks of a server's certificate. @module */

import { createHash, timingSafeEqual } from "node:crypto";
import * as tls from "node:tls";
import type { NetError } from "../_core/errors.ts";
import type { PeerCertificate, SessionInfo } from "./tls.ts";

const NAME = /(?:DNS|IP Address|URI):([^,]+)/g;

/** Node writes IPv6 addresses at their full length, Deno as RFC 5952 says: the URL parser does so. */
function nameIn([whole, name = ""]: RegExpMatchArray): string {
  const plain = name.trim();
  const isIPv6 = whole.startsWith("IP") && plain.includes(":");
  return isIPv6 ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : plain;
}

type NamePart = Record<string, string | string[] | undefined>;

/** A name's parts; one that occurs more than once counts by its first. */
function nameOf(part: NamePart | undefined): Record<string, string> {
  const entries = Object.entries(part ?? {}).map(([key, value]) => [key, [value].flat()[0] ?? ""]);
  return Object.fromEntries(entries);
}

/** The peer's certificate in our shape. */
function certificateOf(socket: tls.TLSSocket): PeerCertificate | undefined {
  const given = socket.getPeerCertificate();
  // Without a certificate it is an empty object, or null.
  if (!given?.raw) return undefined;
  return {
    subject: nameOf(given.subject as object as NamePart),
    issuer: nameOf(given.issuer as object as NamePart),
    names: Array.from((given.subjectaltname ?? "").matchAll(NAME), nameIn),
    validFrom: new Date(given.valid_from),
    validTo: new Date(given.valid_to),
    serialNumber: given.serialNumber,
    fingerprint256: given.fingerprint256,
    raw: new Uint8Array(given.raw),
  };
}

/** What is told of a session; `asked` says whether the peer was asked for a certificate. */
export function sessionInfo(
  socket: tls.TLSSocket,
  authorizationError: NetError | undefined,
  servername: string | undefined,
  asked = true,
): SessionInfo {
  const peerCertificate = asked ? certificateOf(socket) : undefined;
  return {
    alpnProtocol: socket.alpnProtocol || null,
    protocol: socket.getProtocol() ?? undefined,
    cipher: socket.getCipher()?.name,
    servername,
    // Deno says so of a client that was not even asked for a certificate.
    authorized: socket.authorized && peerCertificate !== undefined,
    authorizationError,
    peerCertificate,
  };
}

/** Whether a certificate has one of the sums, compared in constant time. */
export function isPinned(raw: Uint8Array | undefined, pins: readonly Uint8Array[]): boolean {
  if (raw === undefined) return false;
  const sum = createHash("sha256").update(raw).digest();
  return pins.filter((pin) => pin.length === sum.length && timingSafeEqual(pin, sum)).length > 0;
}

/** As the engine's own, but a certificate without alternative names has none (RFC 9525, 6.3). */
export function checkServerIdentity(
  host: string,
  certificate: tls.PeerCertificate,
): Error | undefined {
  if (certificate.subjectaltname) return tls.checkServerIdentity(host, certificate);
  const message = `The certificate has no subject alternative name, so none is ${host}`;
  return Object.assign(new Error(message), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
}
