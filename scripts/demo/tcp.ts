/**
 * The TCP part of the demonstration: both styles, each over a port and over a Unix socket.
 *
 * @module
 */

import type { ConnectTarget, ListenTarget, TcpServer } from "@netstd/net/tcp";
import { join } from "node:path";
import type { Exchange, Service } from "./service.ts";
import { startEventServer, talkByEvents } from "./tcp_events.ts";
import { startModernServer, talkByIteration } from "./tcp_modern.ts";

interface Style {
  start(target: ListenTarget): Promise<TcpServer>;
  talk(target: ConnectTarget): Promise<Exchange[]>;
}

class TcpService implements Service {
  readonly name: string;
  readonly #style: Style;
  readonly #target: ListenTarget;
  #server: TcpServer | null = null;

  constructor(name: string, style: Style, target: ListenTarget) {
    this.name = name;
    this.#style = style;
    this.#target = target;
  }

  async start(): Promise<void> {
    this.#server = await this.#style.start(this.#target);
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
export function tcpServices(folder: string): Service[] {
  const events: Style = { start: startEventServer, talk: talkByEvents };
  const modern: Style = { start: startModernServer, talk: talkByIteration };
  const anyPort = { hostname: "127.0.0.1", port: 0 };
  return [
    new TcpService("TCP, events", events, anyPort),
    new TcpService("TCP, modern", modern, anyPort),
    new TcpService("Unix, events", events, { path: join(folder, "events.sock") }),
    new TcpService("Unix, modern", modern, { path: join(folder, "modern.sock") }),
  ];
}
