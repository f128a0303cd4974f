/**
 * The UDP part of the demonstration: an echo in both styles.
 *
 * @module
 */

import type { UdpAddress, UdpSocket } from "@netstd/net/udp";
import type { Exchange, Service } from "./service.ts";
import { echoByEvents, startEventEcho } from "./udp_events.ts";
import { echoByIteration, startModernEcho } from "./udp_modern.ts";

interface Style {
  start(): Promise<UdpSocket>;
  talk(target: UdpAddress): Promise<Exchange[]>;
}

class UdpService implements Service {
  readonly name: string;
  readonly #style: Style;
  #server: UdpSocket | null = null;

  constructor(name: string, style: Style) {
    this.name = name;
    this.#style = style;
  }

  async start(): Promise<void> {
    this.#server = await this.#style.start();
  }

  exercise(): Promise<Exchange[]> {
    return this.#style.talk(this.#started().address);
  }

  command(): string {
    const { address, port } = this.#started().address;
    return `nc -u ${address} ${port}`;
  }

  /** Closes at once: nobody is connected, and so nobody has to leave. */
  async stop(): Promise<void> {
    await this.#server?.close();
  }

  #started(): UdpSocket {
    if (this.#server === null) throw new Error(`Cannot use ${this.name}: it was not started`);
    return this.#server;
  }
}

/** The services of this part. */
export function udpServices(): Service[] {
  return [
    new UdpService("UDP, events", { start: startEventEcho, talk: echoByEvents }),
    new UdpService("UDP, modern", { start: startModernEcho, talk: echoByIteration }),
  ];
}
