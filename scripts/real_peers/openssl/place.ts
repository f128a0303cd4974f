/** The folder with the certificates of a run: ours, as files for the other programs. @module */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Certificate,
  type CertificateOptions,
  createCertificateAuthority,
  createSelfSigned,
  issueCertificate,
} from "@netstd/net/tls";

const EXPIRED = { validFrom: new Date("2020-01-01"), days: 30 };

/** Names of certificates; the files have `.pem` and `.key` after them. */
export type CertificateName =
  | "authority"
  | "server"
  | "other"
  | "expired"
  | "self"
  | "client"
  | "stranger"
  | "strangers";

/** See the module's text. */
export class Place {
  readonly folder: string;
  readonly #certificates: Readonly<Record<CertificateName, Certificate>>;

  constructor(folder: string, certificates: Readonly<Record<CertificateName, Certificate>>) {
    this.folder = folder;
    this.#certificates = certificates;
  }

  /** A certificate and its key. */
  certificate(name: CertificateName): { key: string; cert: string } {
    return this.#certificates[name];
  }

  /** The authority that everybody is to trust. */
  get ca(): string {
    return this.#certificates.authority.cert;
  }

  /** A file of the folder. */
  file(name: string): string {
    return join(this.folder, name);
  }

  /** Arguments of openssl for a certificate with its key. */
  pair(name: CertificateName): string[] {
    return ["-cert", this.file(`${name}.pem`), "-key", this.file(`${name}.key`)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

async function certificates(): Promise<Record<CertificateName, Certificate>> {
  const authority = await createCertificateAuthority({ name: "Authority of the tests" });
  const strangers = await createCertificateAuthority({ name: "Strangers" });
  const issue = (options: CertificateOptions) => issueCertificate(authority, options);
  return {
    authority,
    strangers,
    server: await issue({ names: ["localhost", "*.wild.test", "127.0.0.1", "::1"] }),
    other: await issue({ names: ["other.test"] }),
    expired: await issue({ names: ["localhost"], ...EXPIRED }),
    self: await createSelfSigned(["localhost"]),
    client: await issue({ names: ["client1"], client: true }),
    stranger: await issueCertificate(strangers, { names: ["stranger"], client: true }),
  };
}

/** Makes the certificates and their files. */
export async function makePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "netstd-openssl-"));
  const made = await certificates();
  const place = new Place(folder, made);
  for (const [name, { key, cert }] of Object.entries(made)) {
    await writeFile(place.file(`${name}.pem`), cert);
    await writeFile(place.file(`${name}.key`), key);
  }
  return place;
}
