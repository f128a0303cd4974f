import type { Contestant, Entrant, Suite } from "./suite.ts";

const ROOT = new URL("../../", import.meta.url);
const NATIVE = ["--unstable-net"];

const netstd = {
  runtime: "deno",
  program: "netstd_udp.mjs",
  args: ["../../../udp/mod.ts"],
  needs: { file: new URL("udp/mod.ts", ROOT), hint: "the module is not written yet" },
} as const;

const contestants: readonly Contestant[] = [
  { name: "deno-raw", runtime: "deno", program: "raw_deno_udp.ts", flags: NATIVE },
  { name: "deno-node-dgram", runtime: "deno", program: "node_dgram.mjs" },
  { name: "node-dgram", runtime: "node", program: "node_dgram.mjs" },
  { ...netstd, name: "netstd-deno-flag", flags: NATIVE },
  { ...netstd, name: "netstd-deno" },
  {
    name: "netstd-node",
    runtime: "node",
    program: "netstd_udp.mjs",
    args: ["../../../npm/esm/udp/mod.js"],
    needs: { file: new URL("npm/esm/udp/mod.js", ROOT), hint: "run deno task build:npm" },
  },
];

const everyone = (role: string): Entrant[] =>
  contestants.map(({ name }) => ({ contestant: name, role }));

const targets = [
  { contestant: "netstd-deno-flag", peer: "deno-raw", ratio: 0.9 },
  { contestant: "netstd-node", peer: "node-dgram", ratio: 0.95 },
] as const;

const echoTargets = [
  ...targets,
  // The peer answers as it comes: of several answers to one client the last leaves first.
  { contestant: "netstd-deno", peer: "deno-node-dgram", ratio: 1.2 },
] as const;

export const suite: Suite = {
  name: "udp",
  contestants,
  speed: [
    {
      name: "echo",
      title: "64 B echo, window 32",
      unit: "echo",
      load: "udp.echo",
      entrants: everyone("echo"),
      targets: echoTargets,
    },
    {
      name: "clients",
      title: "64 B echo, 32 clients",
      unit: "echo",
      load: "udp.echoOfMany",
      entrants: everyone("echo"),
      targets: echoTargets,
    },
    {
      name: "send",
      title: "send only, 64 B",
      unit: "datagram",
      load: "udp.receive",
      entrants: everyone("send"),
      targets,
    },
    {
      name: "receive",
      title: "receive only, 64 B",
      unit: "datagram",
      load: "udp.send",
      entrants: everyone("receive"),
      targets,
    },
  ],
  memory: [],
};
