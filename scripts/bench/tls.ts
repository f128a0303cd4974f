import type { Contestant, Entrant, Suite } from "./suite.ts";

const ROOT = new URL("../../", import.meta.url);

const contestants: readonly Contestant[] = [
  { name: "deno-raw", runtime: "deno", program: "raw_deno_tls.ts" },
  { name: "deno-node-tls", runtime: "deno", program: "node_tls.mjs" },
  { name: "node-tls", runtime: "node", program: "node_tls.mjs" },
  {
    name: "netstd-deno",
    runtime: "deno",
    program: "netstd_tls.mjs",
    args: ["../../../tls/mod.ts"],
    needs: { file: new URL("tls/mod.ts", ROOT), hint: "the module is not written yet" },
  },
  {
    name: "netstd-node",
    runtime: "node",
    program: "netstd_tls.mjs",
    args: ["../../../npm/esm/tls/mod.js"],
    needs: { file: new URL("npm/esm/tls/mod.js", ROOT), hint: "run deno task build:npm" },
  },
];

const everyone = (role: string): Entrant[] =>
  contestants.map(({ name }) => ({ contestant: name, role }));

const targets = [
  { contestant: "netstd-deno", peer: "deno-node-tls", ratio: 1 },
  { contestant: "netstd-node", peer: "node-tls", ratio: 0.95 },
] as const;

export const suite: Suite = {
  name: "tls",
  contestants,
  speed: [
    {
      name: "handshake",
      title: "handshakes of a server, 16 at a time",
      unit: "handshake",
      load: "tls.handshakes",
      entrants: everyone("receive"),
      targets,
    },
    {
      name: "ping",
      title: "64 B ping-pong, 20 sessions",
      unit: "echo",
      load: "tls.pingPong",
      entrants: everyone("echo"),
      targets,
    },
    {
      name: "receive",
      title: "a server receives",
      unit: "MiB",
      load: "tls.send",
      entrants: everyone("receive"),
      targets,
    },
    {
      name: "send",
      title: "a server sends",
      unit: "MiB",
      load: "tls.receive",
      entrants: everyone("send"),
      targets,
    },
    {
      name: "client",
      title: "a client receives",
      unit: "MiB",
      load: "tls.serve",
      entrants: everyone("download"),
      targets: [
        { contestant: "netstd-deno", peer: "deno-node-tls", ratio: 1.1 },
        { contestant: "netstd-node", peer: "node-tls", ratio: 0.95 },
      ],
    },
    {
      name: "first",
      title: "sessions with a first byte from the server, one at a time",
      unit: "session",
      load: "tls.firstByte",
      entrants: everyone("greet"),
      targets,
    },
  ],
  memory: [
    {
      name: "idle",
      title: "resident memory of an idle session, 500 of them",
      load: "tls.idle",
      baseline: 20,
      clients: 500,
      entrants: contestants.map(({ name }) => ({
        contestant: name,
        role: name === "deno-raw" ? "idle" : "receive",
      })),
      limits: {},
    },
  ],
};
