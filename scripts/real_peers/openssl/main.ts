/** All cases with openssl and curl, in the runtime at hand. @module */

import process from "node:process";
import { asClient } from "./as_client.ts";
import { asServer } from "./as_server.ts";
import { runCases } from "./cases.ts";
import { certificates } from "./certificates.ts";
import { makePlace } from "./place.ts";
import { withCurl } from "./with_curl.ts";

const inDeno = process.versions["deno"] !== undefined;
const only = process.argv[2] ?? "";

async function main(): Promise<number> {
  await using place = await makePlace();
  const cases = [...certificates, ...asServer, ...asClient, ...withCurl];
  const chosen = cases.filter(({ name }) => name.includes(only));
  const { passed, failed } = await runCases(inDeno ? "Deno" : "Node", chosen, place);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

// What a failed case has left open does not hold the process.
void main().then((code) => process.exit(code));
