/**
 * The HTTP client against the servers of the runtimes, `Deno.serve` and `node:http`, in processes of
 * their own. `deno task test:servers`, with a part of a name to run only such cases; in Node as well
 * where the npm build is there. The last line is `N passed, N failed`.
 *
 * @module
 */

import { inBothRuntimes } from "./both_runtimes.ts";

if (import.meta.main) Deno.exit(await inBothRuntimes(new URL("./http_servers/", import.meta.url)));
