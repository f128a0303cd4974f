/**
 * TLS with other people's programs: `openssl s_client` and `curl` against our servers, our clients
 * against `openssl s_server`, our certificates read by `openssl verify` and `openssl x509`.
 * `deno task test:openssl`, with a part of a name to run only such cases; in Node as well where the
 * npm build is there. The last line is `N passed, N failed`, or why nothing was tested, which is no success.
 *
 * @module
 */

import { exists, inBothRuntimes } from "./both_runtimes.ts";
import { missing } from "./missing.ts";

async function main(): Promise<number> {
  for (const program of ["openssl", "curl"]) {
    if (!await exists(program)) return missing(program, program);
  }
  return await inBothRuntimes(new URL("./openssl/", import.meta.url));
}

if (import.meta.main) Deno.exit(await main());
