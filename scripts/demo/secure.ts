/**
 * What the services over TLS have in common: a certificate made for this run.
 *
 * @module
 */

import type { HttpServer } from "@netstd/net/http";
import { type Certificate, createSelfSigned } from "@netstd/net/tls";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A certificate and its key, and the file that has the certificate for other programs. */
export interface Certified extends Certificate {
  /** The path of the certificate, in PEM. */
  readonly path: string;
}

/** Makes a certificate for this machine; it is put into `folder`, its key is not. */
export async function certify(folder: string): Promise<Certified> {
  const { key, cert } = await createSelfSigned(["localhost", "127.0.0.1"]);
  const path = join(folder, "certificate.pem");
  await writeFile(path, cert);
  return { key, cert, path };
}

/** The port of a server that listens on one. */
export function portOf(server: HttpServer): number {
  const { addr } = server;
  if (addr.transport !== "tcp") throw new Error(`Cannot tell the port of ${addr.transport}`);
  return addr.port;
}
