/** Certificates for development and tests: an authority, servers, clients, self-signed ones. @module */

import { ipVersion } from "../_core/address.ts";
import { netError } from "../_core/errors.ts";
import { wireHost } from "./host_name.ts";
import * as limits from "./limits.ts";

/** A certificate and its private key, both in PEM. */
export interface Certificate {
  /** The private key (PKCS #8). */
  readonly key: string;
  /** The certificate. */
  readonly cert: string;
}

/** How long a certificate is good for. */
export interface ValidityOptions {
  /** Days from `validFrom` on. Default 365, for an authority 3,650. */
  days?: number;
  /** When the validity begins. Default an hour ago, so that clocks may differ a little. */
  validFrom?: Date;
}

/** What an authority is made with. */
export interface AuthorityOptions extends ValidityOptions {
  /** The authority's name, for people. */
  name?: string;
}

/** What a certificate is for. */
export interface CertificateOptions extends ValidityOptions {
  /** Host names, with `*.` for the first label if need be, and IP addresses; the first is the CN. */
  names: readonly string[];
  /** Whether it is a client's certificate rather than a server's. Default false. */
  client?: boolean;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 86_400_000;
const HOUR = 3_600_000;
/** The longest common name (RFC 5280, appendix A.1: ub-common-name). */
const LONGEST_NAME = 64;

/** Loaded when the first certificate is made: who brings certificates along never pays for it. */
function load() {
  return import("@peculiar/x509");
}

type Library = Awaited<ReturnType<typeof load>>;
type Params = Extract<
  Parameters<Library["X509CertificateGenerator"]["create"]>[0],
  { signingKey: unknown }
>;
type Extensions = NonNullable<Params["extensions"]>;

async function generateKeys() {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** The times of a certificate; X.509 knows whole seconds only. */
function validity({ days, validFrom }: ValidityOptions, fallback: number) {
  const length = days ?? fallback;
  const notBefore = validFrom ?? new Date(Date.now() - HOUR);
  const notAfter = new Date(notBefore.getTime() + length * DAY);
  if (!(typeof length === "number" && length > 0) || Number.isNaN(notAfter.getTime())) {
    throw netError("ERR_OUT_OF_RANGE", `Cannot make a certificate of ${String(length)} days`);
  }
  return { notBefore, notAfter };
}

/** Sixteen random bytes: positive, and no two alike (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function checkNames(names: readonly string[]): readonly string[] {
  if (!Array.isArray(names) || names.length === 0) {
    throw netError("ERR_INVALID_ARG_VALUE", "Cannot make a certificate without a list of names");
  }
  return names.map(wireHost);
}

function commonName(name: string): { CN: string[] }[] {
  return [{ CN: [name.slice(0, LONGEST_NAME)] }];
}

function alternativeNames(x509: Library, names: readonly string[]) {
  return new x509.SubjectAlternativeNameExtension(
    names.map((value) => ({
      type: ipVersion(value) === 0 ? "dns" as const : "ip" as const,
      value,
    })),
  );
}

function usages(x509: Library, client: boolean): Extensions {
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  return [
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([client ? clientAuth : serverAuth]),
  ];
}

function toPem(label: string, der: ArrayBuffer): string {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(der)));
  const lines = base64.match(/.{1,64}/g)!.join("\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** Signs, and gives key and certificate in PEM. */
async function finish(
  x509: Library,
  keys: Awaited<ReturnType<typeof generateKeys>>,
  params: Omit<Params, "publicKey" | "signingAlgorithm" | "serialNumber">,
): Promise<Certificate> {
  const certificate = await x509.X509CertificateGenerator.create({
    ...params,
    serialNumber: serialNumber(),
    publicKey: keys.publicKey,
    signingAlgorithm: ALGORITHM,
  });
  return {
    key: toPem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", keys.privateKey)),
    cert: toPem("CERTIFICATE", certificate.rawData),
  };
}

/**
 * Makes an authority for development: a key (ECDSA P-256) and a certificate that signs others. Give
 * its `cert` to those who shall trust what it issues, as `ca`; keep its `key` to yourself. Rejects
 * with a RangeError (`ERR_OUT_OF_RANGE`) for days that cannot be.
 *
 * @example
 * ```ts
 * import { createCertificateAuthority } from "@netstd/net/tls";
 * import { assert } from "@std/assert";
 *
 * const authority = await createCertificateAuthority({ name: "Test authority" });
 * assert(authority.cert.startsWith("-----BEGIN CERTIFICATE-----"));
 * ```
 */
export async function createCertificateAuthority(
  options: AuthorityOptions = {},
): Promise<Certificate> {
  const times = validity(options, limits.AUTHORITY_DAYS);
  const x509 = await load();
  const keys = await generateKeys();
  const subject = commonName(options.name ?? "Development authority");
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
  return await finish(x509, keys, {
    ...times,
    subject,
    issuer: subject,
    signingKey: keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

/**
 * Issues a certificate for a server, or with `client: true` for a client. The authority may come
 * from {@linkcode createCertificateAuthority} or from files, PEM, with an ECDSA P-256 key in
 * PKCS #8. Rejects with `ERR_TLS_INVALID_KEY` when it cannot be read, with a TypeError
 * (`ERR_INVALID_ARG_VALUE`) for names, a RangeError (`ERR_OUT_OF_RANGE`) for days that cannot be.
 *
 * @example
 * ```ts
 * import { createCertificateAuthority, issueCertificate } from "@netstd/net/tls";
 * import { assert } from "@std/assert";
 *
 * const authority = await createCertificateAuthority();
 * const { key, cert } = await issueCertificate(authority, {
 *   names: ["localhost", "*.test", "127.0.0.1", "::1"],
 *   days: 30,
 * });
 * assert(key.startsWith("-----BEGIN PRIVATE KEY-----"));
 * assert(cert.startsWith("-----BEGIN CERTIFICATE-----"));
 * ```
 */
export async function issueCertificate(
  authority: Certificate,
  options: CertificateOptions,
): Promise<Certificate> {
  const names = checkNames(options.names);
  const times = validity(options, limits.CERTIFICATE_DAYS);
  const x509 = await load();
  const { certificate, signingKey } = await readAuthority(x509, authority);
  const keys = await generateKeys();
  return await finish(x509, keys, {
    ...times,
    subject: commonName(names[0]!),
    issuer: certificate.subjectName.toJSON(),
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...usages(x509, options.client ?? false),
      alternativeNames(x509, names),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(certificate.publicKey),
    ],
  });
}

async function readAuthority(x509: Library, { key, cert }: Certificate) {
  try {
    const [der] = x509.PemConverter.decode(key);
    return {
      certificate: new x509.X509Certificate(cert),
      signingKey: await crypto.subtle.importKey("pkcs8", der!, ALGORITHM, false, ["sign"]),
    };
  } catch (cause) {
    throw netError("ERR_TLS_INVALID_KEY", "Cannot read the authority's key", { cause });
  }
}

/**
 * Makes a certificate that signs itself, for a server: who shall trust it takes its `cert` as `ca`.
 * Rejects with a TypeError (`ERR_INVALID_ARG_VALUE`) for names, a RangeError (`ERR_OUT_OF_RANGE`)
 * for days that cannot be.
 *
 * @example
 * ```ts
 * import { createSelfSigned, createServer } from "@netstd/net/tls";
 *
 * const { key, cert } = await createSelfSigned(["localhost", "127.0.0.1"]);
 * const server = createServer({ key, cert }, (socket) => socket.end("Hello over TLS\n"));
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 * await server.close();
 * ```
 */
export async function createSelfSigned(
  names: readonly string[],
  options: ValidityOptions = {},
): Promise<Certificate> {
  const checked = checkNames(names);
  const times = validity(options, limits.CERTIFICATE_DAYS);
  const x509 = await load();
  const keys = await generateKeys();
  const subject = commonName(checked[0]!);
  return await finish(x509, keys, {
    ...times,
    subject,
    issuer: subject,
    signingKey: keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...usages(x509, false),
      alternativeNames(x509, checked),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}
