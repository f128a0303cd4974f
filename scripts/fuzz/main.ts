/**
 * Fuzzes what reads the words of strangers, in the runtime that it runs in:
 * `main.ts [--seconds N] [--seed N] [target...]`. The last line is `N passed, N failed`.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { deflate } from "./deflate.ts";
import { httpClient } from "./http_client.ts";
import { httpServer } from "./http_server.ts";
import { fuzz, type Target } from "./target.ts";
import { addresses, fieldValues, heads } from "./texts.ts";
import { webSocket } from "./websocket.ts";
import { webSocketPair } from "./websocket_pair.ts";

const TARGETS: readonly Target[] = [
  httpServer,
  httpClient,
  heads,
  fieldValues,
  addresses,
  webSocket,
  webSocketPair,
  deflate,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});

let failed = 0;
let passed = 0;
for (const target of TARGETS) {
  if (positionals.length > 0 && !positionals.includes(target.name)) continue;
  const outcome = await fuzz(target, Number(values.seconds) * 1000, Number(values.seed));
  const { inputs, slowest, growth, failure } = outcome;
  if (failure === null) {
    passed++;
    const mib = Math.round(growth / 1024 / 1024);
    console.log(
      `ok ${target.name}: ${inputs} inputs, ${slowest.toFixed(1)} ms at most, ${mib} MiB`,
    );
  } else {
    failed++;
    console.log(`FAILED ${target.name} after ${inputs} inputs: ${failure}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
