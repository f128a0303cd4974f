import type { Contestant, Entrant, Suite } from "./suite.ts";

const ROOT = new URL("../../", import.meta.url);

const contestants: readonly Contestant[] = [
  { name: "deno-raw", runtime: "deno", program: "raw_deno_tcp.ts" },
  { name: "deno-node-net", runtime: "deno", program: "node_net.mjs" },
  { name: "node-net", runtime: "node", program: "node_net.mjs" },
  {
    name: "netstd-deno",
    runtime: "deno",
    program: "netstd_tcp.mjs",
    args: ["../../../tcp/mod.ts"],
    needs: { file: new URL("tcp/mod.ts", ROOT), hint: "the module is not written yet" },
  },
  {
    name: "netstd-node",
    runtime: "node",
    program: "netstd_tcp.mjs",
    args: ["../../../npm/esm/tcp/mod.js"],
    needs: { file: new URL("npm/esm/tcp/mod.js", ROOT), hint: "run deno task build:npm" },
  },
];

const everyone = (role: string): Entrant[] =>
  contestants.map(({ name }) => ({ contestant: name, role }));

export const suite: Suite = {
  name: "tcp",
  contestants,
  speed: [
    {
      name: "ping",
      title: "64 B ping-pong, 50 connections",
      unit: "echo",
      load: "tcp.pingPong",
      entrants: everyone("echo"),
      targets: [
        { contestant: "netstd-deno", peer: "deno-raw", ratio: 0.9 },
        { contestant: "netstd-deno", peer: "deno-node-net", ratio: 1 },
        { contestant: "netstd-node", peer: "node-net", ratio: 0.95 },
      ],
    },
    {
      name: "bulk",
      title: "64 KiB bulk echo",
      unit: "MiB",
      load: "tcp.bulkEcho",
      entrants: everyone("echoWithBackPressure"),
      targets: [
        { contestant: "netstd-deno", peer: "node-net", ratio: 1.2 },
        { contestant: "netstd-node", peer: "node-net", ratio: 0.95 },
      ],
    },
    {
      name: "receive",
      title: "receive only",
      unit: "MiB",
      load: "tcp.send",
      entrants: everyone("receive"),
      targets: [{ contestant: "netstd-deno", peer: "node-net", ratio: 1.15 }],
    },
    {
      name: "bursts",
      title: "1 KiB writes, 64 in a turn",
      unit: "write",
      load: "tcp.requestBursts",
      entrants: [
        ...everyone("burst"),
        { contestant: "node-net", role: "corkedBurst", label: "node-net, corked" },
      ],
      targets: [
        { contestant: "netstd-deno", peer: "node-net", ratio: 2 },
        { contestant: "netstd-node", peer: "node-net", ratio: 2 },
      ],
    },
    {
      name: "accept",
      title: "accept + close",
      unit: "connection",
      load: "tcp.connectAndWait",
      entrants: everyone("accept"),
      targets: [
        { contestant: "netstd-deno", peer: "deno-raw", ratio: 1 },
        { contestant: "netstd-node", peer: "node-net", ratio: 1 },
      ],
    },
  ],
  memory: [
    {
      name: "idle",
      title: "resident memory of an idle connection, 2,000 of them",
      load: "tcp.idle",
      baseline: 50,
      clients: 2000,
      entrants: contestants.map(({ name }) => ({
        contestant: name,
        role: name === "deno-raw" ? "idle" : "receive",
      })),
      limits: { "netstd-deno": 13, "netstd-node": 8 },
    },
  ],
};
