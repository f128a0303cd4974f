/** Keys and certificates that callers give: read before an engine would ignore them. @module */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { netError } from "../_core/errors.ts";
import type { KeyPair } from "./tls.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Checks that a key and a certificate belong together; throws `ERR_TLS_INVALID_KEY`. */
export function checkIdentity({ key, cert }: KeyPair): void {
  let matches: boolean;
  try {
    const [first = cert] = cert.match(CERTIFICATE) ?? [];
    matches = new X509Certificate(first).checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw netError("ERR_TLS_INVALID_KEY", "Cannot read the key or its certificate", { cause });
  }
  if (matches) return;
  throw netError("ERR_TLS_INVALID_KEY", "Cannot use the key: it is of another certificate");
}

/** Reads the certificates of authorities; throws `ERR_TLS_INVALID_CA`. */
export function readAuthorities(texts: readonly string[]): X509Certificate[] {
  return texts.flatMap((text) => {
    const blocks = text.match(CERTIFICATE);
    if (blocks === null) {
      const message = "Cannot use the authority: it holds no certificate in PEM";
      throw netError("ERR_TLS_INVALID_CA", message);
    }
    return blocks.map((block) => {
      try {
        return new X509Certificate(block);
      } catch (cause) {
        throw netError("ERR_TLS_INVALID_CA", "Cannot read the authority's certificate", { cause });
      }
    });
  });
}
