/**
 * TLS with other people's programs: `openssl s_client` and `curl` against our servers, our clients
 * against `openssl s_server`, our certificates read by `openssl verify` and `openssl x509`.
 * `deno task test:openssl`, with a part of a name to run only such cases; for Node it needs the npm
 * build. Each runtime ends with `N passed, N failed`, or why nothing was tested, which is no success.
 *
 * @module
 */

import { inBothRuntimes } from "../both_runtimes.ts";
import { isInstalled, missing } from "./missing.ts";

async function main(): Promise<number> {
  for (const program of ["openssl", "curl"]) {
    if (!await isInstalled(program)) return missing(program, program);
  }
  return await inBothRuntimes("scripts/real_peers/openssl", Deno.args);
}

if (import.meta.main) Deno.exit(await main());
