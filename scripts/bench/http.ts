import { BUN } from "./contestants.ts";
import { CHUNKS, HELLO } from "./servers/http_content.mjs";
import type { Contestant, Entrant, LatencyTarget, RatioTarget, Suite, WrkLoad } from "./suite.ts";

const ROOT = new URL("../../", import.meta.url);

const built = { file: new URL("npm/esm/http/mod.js", ROOT), hint: "run deno task build:npm" };

/** A server of a package that Node finds beside the benchmark. */
function packaged(name: string, program: string): Contestant {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  const needs = { file, hint: "run deno task bench:peers" };
  return { name, runtime: "node", program, args: [name], needs };
}

/** This library on Node and on Deno, with each way to come by a Response. */
function netstd(response: string): Contestant[] {
  const suffix = response === "light" ? "" : `, ${response}`;
  const program = "netstd_http.mjs";
  return [
    {
      name: `netstd-node${suffix}`,
      runtime: "node",
      program,
      args: ["../../../npm/esm/http/mod.js", response],
      needs: built,
    },
    {
      name: `netstd-deno${suffix}`,
      runtime: "deno",
      program,
      args: ["../../../http/mod.ts", response],
    },
  ];
}

const FASTIFY = "fastify";
const HONO = "@hono/node-server";
/** The major version before, under the name that it is installed by: its POST is another matter. */
const HONO_1 = "@hono/node-server-1";
const SRVX = "srvx";

const contestants: readonly Contestant[] = [
  { name: "node-net-raw", runtime: "node", program: "node_net_http.mjs" },
  { name: "node-http", runtime: "node", program: "node_http.mjs" },
  packaged(FASTIFY, "fastify.mjs"),
  packaged(HONO, "hono_node_server.mjs"),
  packaged(HONO_1, "hono_node_server.mjs"),
  packaged(SRVX, "srvx.mjs"),
  { name: "deno-raw", runtime: "deno", program: "raw_deno_http.ts" },
  { name: "deno-serve", runtime: "deno", program: "deno_serve.ts" },
  ...["light", "platform", "installed"].flatMap(netstd),
  { name: "bun-serve", runtime: "bun", program: "bun_http.mjs", needs: BUN },
  { name: "bun-node-http", runtime: "bun", program: "node_http.mjs", needs: BUN },
  {
    name: "netstd-bun",
    runtime: "bun",
    program: "netstd_http.mjs",
    args: ["../../../npm/esm/http/mod.js", "light"],
    needs: BUN,
  },
];

const IN_BUN = ["bun-serve", "bun-node-http", "netstd-bun"];

/** Takes part in a role under its own name. */
const as = (role: string) => (contestant: string): Entrant => ({ contestant, role });

const OURS = ["netstd-node", "netstd-deno"];
const OURS_PLATFORM = OURS.map((name) => `${name}-platform`);
const FETCH_PEERS = [HONO, SRVX, "deno-serve"];

/** Those that answer any request alike; the raw ones by bytes that they keep ready. */
const HELLO_ENTRANTS = [
  ...["node-net-raw", "node-http", FASTIFY, "deno-raw"],
  ...FETCH_PEERS,
  ...OURS,
  ...OURS_PLATFORM,
].map(as("hello"));

function load(
  method: string,
  path: string,
  expected: string,
  more: { headers?: Record<string, string>; body?: string; pipelined?: number } = {},
): WrkLoad {
  const { headers = {}, pipelined = 1, ...body } = more;
  return { connections: 64, request: { method, path, headers, ...body }, pipelined, expected };
}

const nodeTarget = (ratio: number, contestant = "netstd-node"): RatioTarget => ({
  contestant,
  peer: "node-http",
  ratio,
});

const denoTargets = (ratio: number): (RatioTarget | LatencyTarget)[] => {
  const pair = { contestant: "netstd-deno", peer: "deno-serve" };
  return [{ ...pair, ratio }, { ...pair, p99: 1.5 }];
};

/** What a browser sends with the request for a page. */
const BROWSER_HEADERS = {
  "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
  "sec-ch-ua-mobile": "?0",
  "sec-ch-ua-platform": '"Linux"',
  "upgrade-insecure-requests": "1",
  "user-agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  accept:
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
  "sec-fetch-site": "none",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "accept-encoding": "gzip, deflate, br, zstd",
  "accept-language": "en-GB,en-US;q=0.9,en;q=0.8",
};

const TEXT_OF_1_KIB = "a".repeat(1024);
const textBody = { headers: { "content-type": "text/plain" }, body: TEXT_OF_1_KIB };
const JSON_OF_1_KIB = JSON.stringify({ text: "a".repeat(1024 - 11) });
const jsonBody = { headers: { "content-type": "application/json" }, body: JSON_OF_1_KIB };

/** Hono makes each Response of the global class: the platform's, or what was installed in its place. */
const honoEntrants = [
  HONO_1,
  ...FETCH_PEERS,
  ...OURS_PLATFORM,
  ...OURS.map((name) => `${name}-installed`),
].map(as("hono"));

const honoTargets = (ratio: number): RatioTarget[] =>
  [HONO, HONO_1].map((peer) => ({ contestant: "netstd-node-installed", peer, ratio }));

export const suite: Suite = {
  name: "http",
  contestants,
  speed: [
    {
      name: "hello",
      title: "hello",
      unit: "request",
      load: load("GET", "/", HELLO),
      entrants: [...HELLO_ENTRANTS, ...IN_BUN.map(as("hello"))],
      targets: [nodeTarget(1.6), nodeTarget(0.85, "netstd-node-platform"), ...denoTargets(0.95)],
    },
    {
      name: "headers",
      title: "hello with the headers of a browser",
      unit: "request",
      load: load("GET", "/", HELLO, { headers: BROWSER_HEADERS }),
      entrants: HELLO_ENTRANTS,
      targets: [nodeTarget(1.5), ...denoTargets(0.95)],
    },
    {
      name: "echo",
      title: "POST echo of 1 KiB",
      unit: "request",
      load: load("POST", "/", TEXT_OF_1_KIB, textBody),
      entrants: [
        ...["node-http", FASTIFY].map(as("echo")),
        ...[...FETCH_PEERS, ...OURS, ...OURS_PLATFORM].map(as("echoText")),
      ],
      targets: [nodeTarget(1.3), ...denoTargets(1.5)],
    },
    {
      name: "echo-stream",
      title: "POST echo of 1 KiB, streamed",
      unit: "request",
      load: load("POST", "/", TEXT_OF_1_KIB, textBody),
      entrants: ["node-http", ...FETCH_PEERS, ...OURS, ...OURS_PLATFORM].map(as("echoStream")),
      targets: [],
    },
    {
      name: "stream",
      title: "stream of ten chunks",
      unit: "request",
      load: load("GET", "/", CHUNKS.join("")),
      entrants: ["node-http", FASTIFY, ...FETCH_PEERS, ...OURS, ...OURS_PLATFORM].map(as("stream")),
      targets: [nodeTarget(1), ...denoTargets(1.2)],
    },
    {
      name: "pipelined",
      title: "16 pipelined",
      unit: "request",
      load: load("GET", "/", HELLO, { pipelined: 16 }),
      entrants: HELLO_ENTRANTS,
      targets: [nodeTarget(3), ...denoTargets(2)],
    },
    {
      name: "hono-hello",
      title: "Hono app: hello",
      unit: "request",
      load: load("GET", "/", HELLO),
      entrants: honoEntrants,
      targets: honoTargets(1.8),
    },
    {
      name: "hono-echo",
      title: "Hono app: POST echo of 1 KiB of JSON",
      unit: "request",
      load: load("POST", "/echo", JSON_OF_1_KIB, jsonBody),
      entrants: honoEntrants,
      targets: honoTargets(5),
    },
    {
      name: "hono-stream",
      title: "Hono app: stream of ten chunks",
      unit: "request",
      load: load("GET", "/stream", CHUNKS.join("")),
      entrants: honoEntrants,
      targets: honoTargets(3),
    },
  ],
  memory: [
    {
      name: "idle",
      title: "resident memory of an idle keep-alive connection, 2,000 of them",
      load: "http.idleKeepAlive",
      baseline: 50,
      clients: 2000,
      entrants: ["node-http", "deno-serve", ...OURS].map(as("hello")),
      limits: { "netstd-node": "node-http" },
    },
  ],
};
