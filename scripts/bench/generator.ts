/**
 * The load generator: one process, one program for every server of every suite, so that a
 * difference between two results is the servers'. It runs on Deno's bare API, which in measurement
 * spends as little per ping-pong as node:net with a preallocated buffer and a fifth less per connect.
 */
import { obey, usage } from "./servers/control.mjs";
import { httpLoads } from "./loads/http.ts";
import { httpClientLoads } from "./loads/http_client.ts";
import type { Load, LoadFactory } from "./loads/load.ts";
import { tcpLoads } from "./loads/tcp.ts";
import { tlsLoads } from "./loads/tls.ts";
import { udpLoads } from "./loads/udp.ts";
import { websocketLoads } from "./loads/websocket.ts";

const factories: Readonly<Record<string, LoadFactory>> = {
  ...httpLoads,
  ...httpClientLoads,
  ...tcpLoads,
  ...tlsLoads,
  ...udpLoads,
  ...websocketLoads,
};

let load: Load | undefined;

obey({
  /** Connects and sets the load going. */
  async open({ name, port, clients }) {
    const create = factories[String(name)];
    if (create === undefined) throw new Error(`No load ${name}`);
    load = await create(Number(port), Number(clients ?? 0));
    return {};
  },

  /** Connects further clients of a load that can grow. */
  async grow({ clients }) {
    await load?.grow?.(Number(clients));
    return {};
  },

  sample: () => ({ operations: load?.operations() ?? 0, ...usage() }),

  close() {
    load?.close();
    load = undefined;
    return {};
  },
});
