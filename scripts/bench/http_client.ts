import { BUN } from "./contestants.ts";
import type { Contestant, Entrant, RatioTarget, Suite } from "./suite.ts";

const ROOT = new URL("../../", import.meta.url);

const undici = {
  file: new URL("node_modules/undici/package.json", import.meta.url),
  hint: "run deno task bench:peers",
};

const contestants: readonly Contestant[] = [
  { name: "undici", runtime: "node", program: "undici_client.mjs", needs: undici },
  { name: "node-http-agent", runtime: "node", program: "node_http_agent.mjs" },
  { name: "node-fetch", runtime: "node", program: "global_fetch.mjs" },
  { name: "deno-fetch", runtime: "deno", program: "global_fetch.mjs" },
  { name: "bun-fetch", runtime: "bun", program: "global_fetch.mjs", needs: BUN },
  {
    name: "netstd-node",
    runtime: "node",
    program: "netstd_http_client.mjs",
    args: ["../../../npm/esm/http/mod.js"],
    needs: { file: new URL("npm/esm/http/mod.js", ROOT), hint: "run deno task build:npm" },
  },
  {
    name: "netstd-deno",
    runtime: "deno",
    program: "netstd_http_client.mjs",
    args: ["../../../http/mod.ts"],
  },
];

const entrants: readonly Entrant[] = [
  { contestant: "undici", role: "request", label: "undici.request" },
  { contestant: "undici", role: "fetch", label: "undici.fetch" },
  ...["node-http-agent", "node-fetch", "deno-fetch", "bun-fetch", "netstd-node", "netstd-deno"].map(
    (contestant) => ({ contestant, role: "client" }),
  ),
];

const node = (peer: string, ratio: number): RatioTarget => ({
  contestant: "netstd-node",
  peer,
  ratio,
});
const deno = (ratio: number): RatioTarget => ({
  contestant: "netstd-deno",
  peer: "deno-fetch",
  ratio,
});

const SMALL = [node("undici.request", 1.8), node("node-http-agent", 3), node("node-fetch", 8)];

export const suite: Suite = {
  name: "http_client",
  contestants,
  speed: [
    {
      name: "get1",
      title: "small GET, one after the other",
      unit: "request",
      load: "httpClient.get1",
      entrants,
      targets: [node("undici.request", 1), deno(1)],
    },
    {
      name: "get50",
      title: "small GET, 50 at a time",
      unit: "request",
      load: "httpClient.get50",
      entrants,
      targets: [...SMALL, deno(2)],
    },
    {
      name: "post",
      title: "POST of 1 KiB, 50 at a time",
      unit: "request",
      load: "httpClient.post",
      entrants,
      targets: [...SMALL, deno(2)],
    },
    {
      name: "download",
      title: "GET of 10 MiB, 2 at a time",
      unit: "MiB",
      load: "httpClient.download",
      entrants,
      targets: [
        ...["undici.request", "node-http-agent"].map((peer) => node(peer, 0.95)),
        deno(0.95),
      ],
    },
  ],
  memory: [],
};
