/**
 * The HTTP client against the servers of the runtimes, `Deno.serve` and `node:http`, in processes of
 * their own: all cases with both servers, in the runtime at hand. `deno task test:servers`, with a
 * part of a name to run only such cases. The last line is `N passed, N failed`.
 *
 * @module
 */

import process from "node:process";
import { HttpClient } from "@netstd/net/http";
import { type Case, common, nodeOnly } from "./cases.ts";
import { type Kind, Server } from "./server.ts";

/** Time in ms for one case. */
const LONGEST = 30_000;

const runtime = process.versions["deno"] === undefined ? "Node" : "Deno";
const only = process.argv[2] ?? "";

async function runCase(run: Case, kind: Kind): Promise<void> {
  await using server = await new Server(kind).start();
  await using client = new HttpClient({ maxSockets: 10, timeouts: { total: LONGEST } });
  await run(client, server);
}

async function main(): Promise<number> {
  const kinds: [Kind, Readonly<Record<string, Case>>][] = [
    ["Deno.serve", common],
    ["node:http", { ...common, ...nodeOnly }],
  ];
  let passed = 0;
  let failed = 0;
  for (const [kind, cases] of kinds) {
    for (const [name, run] of Object.entries(cases)) {
      if (!`${kind}: ${name}`.includes(only)) continue;
      try {
        await runCase(run, kind);
        console.log(`ok ${runtime}, ${kind}: ${name}`);
        passed++;
      } catch (error) {
        console.error(`FAILED ${runtime}, ${kind}: ${name}:`, error);
        failed++;
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

// What a failed case has left open does not hold the process.
void main().then((code) => process.exit(code));
