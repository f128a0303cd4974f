/**
 * `deno task bench tcp`: this library beside its peers, measured in one run, with the targets.
 * A module adds a suite file, its loads, and its servers; nothing else here knows about it.
 */
import { suite as http } from "./http.ts";
import { suite as http_client } from "./http_client.ts";
import { nodeVersion, obstacle, startGenerator } from "./contestants.ts";
import { type Bench, measureMemory, measureSpeed, type SpeedResult } from "./measure.ts";
import { type BenchOptions, parseOptions, USAGE } from "./options.ts";
import { findPinning } from "./pinning.ts";
import { figures, memoryTable, ratios } from "./report.ts";
import type { Contestant, SpeedCase, Suite } from "./suite.ts";
import { suite as tcp } from "./tcp.ts";
import { suite as tls } from "./tls.ts";
import { suite as udp } from "./udp.ts";
import { suite as websocket } from "./websocket.ts";
import { wrkObstacle } from "./wrk.ts";

const suites: Readonly<Record<string, Suite>> = {
  http,
  http_client,
  tcp,
  tls,
  udp,
  websocket,
};

/** What can be chosen: the modules, and the cases and servers of each. */
function overview(): string {
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).join(",");
  return Object.entries(suites).map(([module, { speed, memory, contestants }]) =>
    `${module}\n  --only ${names([...speed, ...memory])}\n  --servers ${names(contestants)}`
  ).join("\n");
}

async function runSuite(suite: Suite, bench: Bench): Promise<void> {
  const { only } = bench.options;
  const chosen = ({ name }: { name: string }) => only.length === 0 || only.includes(name);
  const results: [SpeedCase, SpeedResult][] = [];
  const withoutWrk = await wrkObstacle();
  for (const speedCase of suite.speed.filter(chosen)) {
    if (typeof speedCase.load !== "string" && withoutWrk !== undefined) {
      console.log(`Left out: ${speedCase.name}, ${withoutWrk}\n`);
      continue;
    }
    const result = await measureSpeed(bench, speedCase);
    results.push([speedCase, result]);
    console.log(figures(speedCase, result));
  }
  for (const memoryCase of suite.memory.filter(chosen)) {
    console.log(memoryTable(memoryCase, await measureMemory(bench, memoryCase)));
  }
  if (results.length > 0) console.log(`### Targets\n\n${ratios(results)}\n`);
}

/** Says what is left out and why, and keeps the rest. */
async function available(
  suite: Suite,
  chosen: readonly string[],
  node: string | undefined,
): Promise<ReadonlyMap<string, Contestant>> {
  const result = new Map<string, Contestant>();
  for (const contestant of suite.contestants) {
    if (chosen.length > 0 && !chosen.includes(contestant.name)) continue;
    const reason = await obstacle(contestant, node);
    if (reason === undefined) result.set(contestant.name, contestant);
    else console.log(`Left out: ${contestant.name}, ${reason}\n`);
  }
  return result;
}

function findSuite(options: BenchOptions): Suite {
  const suite = suites[options.suite];
  if (suite === undefined) {
    throw new TypeError(
      `No benchmark ${options.suite}, there is: ${Object.keys(suites).join(", ")}\n${USAGE}`,
    );
  }
  const names = [...suite.speed, ...suite.memory].map(({ name }) => name);
  const unknown = options.only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`No case ${unknown}, there is: ${names.join(", ")}`);
  }
  const contestants = suite.contestants.map(({ name }) => name);
  const stranger = options.servers.find((name) => !contestants.includes(name));
  if (stranger !== undefined) {
    throw new TypeError(`No server ${stranger}, there is: ${contestants.join(", ")}`);
  }
  return suite;
}

async function main(): Promise<void> {
  if (Deno.args.includes("--help")) {
    console.log(`${USAGE}\n\n${overview()}`);
    return;
  }
  const options = parseOptions(Deno.args);
  const suite = findSuite(options);
  const node = await nodeVersion();
  const pinning = await findPinning();
  const { rounds, seconds } = options;
  console.log(`## ${suite.name}: medians of ${rounds} interleaved rounds of ${seconds} s\n`);
  console.log(
    `Deno ${Deno.version.deno}, Node ${node ?? "none"}, loopback, ` +
      (pinning.pinned ? "server and generator on a core each" : "processes not pinned to cores") +
      ". Ratios: more is better; CPU is work per CPU second of the server process.\n",
  );
  const contestants = await available(suite, options.servers, node);
  await using generator = startGenerator(pinning);
  await runSuite(suite, { options, pinning, generator, contestants });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(error.message);
  Deno.exitCode = 2;
}
