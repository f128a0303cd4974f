/**
 * The TCP part of the demonstration: both styles, each over a port and over a Unix socket.
 *
 * @module
 */

import type { ConnectTarget, ListenTarget, TcpServer } from "@netstd/net/tcp";
import { join } from "node:path";
import { Host } from "./conversation.ts";
import type { Counters, Meter } from "./counters.ts";
import type { Exchange, Service } from "./service.ts";
import { startEventServer, talkByEvents } from "./tcp_events.ts";
import { startModernServer, talkByIteration } from "./tcp_modern.ts";

interface Style {
  start(target: ListenTarget, host: Host): Promise<TcpServer>;
  talk(target: ConnectTarget): Promise<Exchange[]>;
}

class TcpService implements Service {
  readonly name: string;
  readonly #style: Style;
  readonly #target: ListenTarget;
  readonly #meter: Meter;
  #server: TcpServer | null = null;

  constructor(name: string, style: Style, target: ListenTarget, meter: Meter) {
    this.name = name;
    this.#style = style;
    this.#target = target;
    this.#meter = meter;
  }

  async start(): Promise<void> {
    this.#server = await this.#style.start(this.#target, new Host(this.#meter));
    // One of the styles iterates: then nobody can listen besides, and the style counts.
    const server = this.#server;
    this.#meter.addOpen(() => server.connections);
  }

  exercise(): Promise<Exchange[]> {
    return this.#style.talk(this.#started().address);
  }

  command(): string {
    const address = this.#started().address;
    if (address.transport === "unix") return `nc -U ${address.path}`;
    return `nc ${address.address} ${address.port}`;
  }

  async stop(timeout: number): Promise<void> {
    await this.#server?.close({ timeout });
  }

  #started(): TcpServer {
    if (this.#server === null) throw new Error(`Cannot use ${this.name}: it was not started`);
    return this.#server;
  }
}

/** The services of this part; Unix sockets are put into `folder`. */
export function tcpServices(folder: string, counters: Counters): Service[] {
  const events: Style = { start: startEventServer, talk: talkByEvents };
  const modern: Style = { start: startModernServer, talk: talkByIteration };
  const [tcp, unix] = [counters.of("TCP"), counters.of("Unix")];
  const anyPort = { hostname: "127.0.0.1", port: 0 };
  return [
    new TcpService("TCP, events", events, anyPort, tcp),
    new TcpService("TCP, modern", modern, anyPort, tcp),
    new TcpService("Unix, events", events, { path: join(folder, "events.sock") }, unix),
    new TcpService("Unix, modern", modern, { path: join(folder, "modern.sock") }, unix),
  ];
}
