import { BUN } from "./contestants.ts";
import type { Contestant, Entrant, MemoryTarget, RatioTarget, Suite } from "./suite.ts";

const ROOT = new URL("../../", import.meta.url);

/** What a package of npm needs that is installed beside the benchmark. */
function installed(file: string) {
  return {
    file: new URL(`node_modules/${file}`, import.meta.url),
    hint: "run deno task bench:peers",
  };
}

const contestants: readonly Contestant[] = [
  { name: "ws", runtime: "node", program: "ws.mjs", needs: installed("ws/package.json") },
  { name: "deno-upgrade", runtime: "deno", program: "deno_upgrade.ts" },
  { name: "bun", runtime: "bun", program: "bun_serve.mjs", needs: BUN },
  {
    name: "netstd-node",
    runtime: "node",
    program: "netstd_websocket.mjs",
    args: ["../../../npm/esm/websocket/mod.js"],
    needs: { file: new URL("npm/esm/websocket/mod.js", ROOT), hint: "run deno task build:npm" },
  },
  {
    name: "netstd-deno",
    runtime: "deno",
    program: "netstd_websocket.mjs",
    args: ["../../../websocket/mod.ts"],
  },
];

/** Where Bun runs what is made for Node. */
const inBun: readonly Contestant[] = [
  { name: "ws-bun", runtime: "bun", program: "ws.mjs", needs: BUN },
  {
    name: "netstd-bun",
    runtime: "bun",
    program: "netstd_websocket.mjs",
    args: ["../../../npm/esm/websocket/mod.js"],
    needs: BUN,
  },
];

const entrants = (role: string, names = contestants.map(({ name }) => name)): Entrant[] =>
  names.map((contestant) => ({ contestant, role }));

const node = (ratio: number): RatioTarget => ({ contestant: "netstd-node", peer: "ws", ratio });
const deno = (ratio: number): RatioTarget => ({
  contestant: "netstd-deno",
  peer: "deno-upgrade",
  ratio,
});
const denoMemory = (memory: number): MemoryTarget => ({
  contestant: "netstd-deno",
  peer: "deno-upgrade",
  memory,
});

const WITH_DEFLATE = ["ws", "bun", "netstd-node", "netstd-deno"];

export const suite: Suite = {
  name: "websocket",
  contestants: [...contestants, ...inBun],
  speed: [
    {
      name: "small",
      title: "echo of 64 B, 64 connections",
      unit: "message",
      load: "websocket.small",
      entrants: [...entrants("echo"), ...entrants("echo", inBun.map(({ name }) => name))],
      targets: [node(1.05), deno(1)],
    },
    {
      name: "text",
      title: "the same as text",
      unit: "message",
      load: "websocket.text",
      entrants: entrants("echo"),
      targets: [node(1.05), deno(1)],
    },
    {
      name: "pipelined",
      title: "64 B, 16 together",
      unit: "message",
      load: "websocket.pipelined",
      entrants: entrants("echo"),
      targets: [node(5), deno(5)],
    },
    {
      name: "middle",
      title: "16 KiB",
      unit: "message",
      load: "websocket.middle",
      entrants: entrants("echo"),
      targets: [node(2), deno(1.1)],
    },
    {
      name: "large",
      title: "1 MiB, 8 connections",
      unit: "message",
      load: "websocket.large",
      showsMemory: true,
      entrants: entrants("echo"),
      targets: [node(2), deno(1.1), denoMemory(0.25)],
    },
    {
      name: "deflate",
      title: "JSON of 2 KiB, deflated",
      unit: "message",
      load: "websocket.deflate",
      entrants: entrants("deflate", WITH_DEFLATE),
      targets: [node(1.2)],
    },
    {
      name: "broadcast",
      title: "64 B to 1,000 receivers",
      unit: "delivery",
      load: "websocket.broadcast",
      entrants: entrants("broadcast"),
      targets: [node(3)],
    },
    {
      name: "bursts",
      title: "64 B to 1,000 receivers, 16 together",
      unit: "delivery",
      load: "websocket.broadcastBursts",
      entrants: entrants("broadcast"),
      targets: [node(3)],
    },
  ],
  memory: [
    {
      name: "idle",
      title: "resident memory of an idle connection, 2,000 of them",
      load: "websocket.idle",
      baseline: 50,
      clients: 2000,
      entrants: entrants("echo"),
      limits: { "netstd-node": "ws", "netstd-deno": "ws" },
    },
  ],
};
