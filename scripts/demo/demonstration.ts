/** All services of the demonstration, with what they share. @module */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "./chat.ts";
import { Counters } from "./counters.ts";
import { httpServices } from "./http.ts";
import { certify } from "./secure.ts";
import type { Service } from "./service.ts";
import { isExpected, type Row } from "./table.ts";
import { tcpServices } from "./tcp.ts";
import { udpServices } from "./udp.ts";
import { webSocketServices } from "./websocket.ts";

async function exercise(service: Service): Promise<Row[]> {
  const started = performance.now();
  try {
    return (await service.exercise()).map((row) => ({ service: service.name, ...row }));
  } catch (error) {
    const milliseconds = performance.now() - started;
    const received = String(error);
    const expected = "A conversation";
    return [{ service: service.name, sent: "(talks)", received, expected, milliseconds }];
  }
}

/** How many of them were as expected. */
export function outcomeOf(rows: readonly Row[]): Outcome {
  return { right: rows.filter(isExpected).length, total: rows.length };
}

/** See the module's text. */
export class Demonstration {
  /** What goes through the services. */
  readonly counters: Counters = new Counters();
  /** The services, once they have started. */
  services: readonly Service[] = [];
  #folder = "";

  /** Starts all services. */
  async start(): Promise<void> {
    const { counters } = this;
    this.#folder = await mkdtemp(join(tmpdir(), "netstd-demo-"));
    const tls = await certify(this.#folder);
    this.services = [
      ...tcpServices(this.#folder, counters),
      ...udpServices(counters),
      ...httpServices(tls, counters),
      ...webSocketServices(tls, counters),
    ];
    await Promise.all(this.services.map((service) => service.start()));
  }

  /** Lets the services talk one after the other. */
  async talk(): Promise<Row[]> {
    const rows: Row[] = [];
    for (const service of this.services) rows.push(...await exercise(service));
    return rows;
  }

  /** Closes the services; who is still connected after `timeout` ms is let go. */
  async stop(timeout: number): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop(timeout)));
    await rm(this.#folder, { recursive: true });
  }
}
