/**
 * The certificates of the TLS scenarios, from the library's own functions, made once per process.
 *
 * @module
 */

import {
  type Certificate,
  createCertificateAuthority,
  createSelfSigned,
  issueCertificate,
} from "../tls/mod.ts";

/** The certificates that the scenarios name. */
export interface TestCertificates {
  /** The authority that everybody trusts. */
  readonly authority: Certificate;
  /** An authority that nobody trusts. */
  readonly stranger: Certificate;
  /** For `localhost`, 127.0.0.1 and ::1. */
  readonly server: Certificate;
  /** For `other.test`. */
  readonly other: Certificate;
  /** For `*.wild.test`. */
  readonly wild: Certificate;
  /** For `wrong.test`. */
  readonly wrongName: Certificate;
  /** For `localhost`, a year ago. */
  readonly expired: Certificate;
  /** For `localhost`, 127.0.0.1 and ::1, signed by itself. */
  readonly selfSigned: Certificate;
  /** The client `client1`. */
  readonly client: Certificate;
  /** The client `badclient`, from the other authority. */
  readonly badClient: Certificate;
}

const LOCAL = ["localhost", "127.0.0.1", "::1"];

async function make(): Promise<TestCertificates> {
  const authority = await createCertificateAuthority();
  const stranger = await createCertificateAuthority({ name: "Stranger" });
  const issue = (names: string[], options = {}, by = authority) =>
    issueCertificate(by, { names, ...options });
  const validFrom = new Date(Date.now() - 400 * 86_400_000);
  return {
    authority,
    stranger,
    server: await issue(LOCAL),
    other: await issue(["other.test"]),
    wild: await issue(["*.wild.test"]),
    wrongName: await issue(["wrong.test"]),
    expired: await issue(LOCAL, { validFrom, days: 30 }),
    selfSigned: await createSelfSigned(LOCAL),
    client: await issue(["client1"], { client: true }),
    badClient: await issue(["badclient"], { client: true }, stranger),
  };
}

let made: Promise<TestCertificates> | undefined;

/** The certificates. */
export function testCertificates(): Promise<TestCertificates> {
  return made ??= make();
}
