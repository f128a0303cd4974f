/**
 * The UDP part of the demonstration: an echo in both styles.
 *
 * @module
 */

import type { UdpAddress, UdpSocket } from "@netstd/net/udp";
import type { Counters, Meter } from "./counters.ts";
import type { Exchange, Service } from "./service.ts";
import { echoByEvents, startEventEcho } from "./udp_events.ts";
import { echoByIteration, startModernEcho } from "./udp_modern.ts";

interface Style {
  start(meter: Meter): Promise<UdpSocket>;
  talk(target: UdpAddress): Promise<Exchange[]>;
}

class UdpService implements Service {
  readonly name: string;
  readonly #style: Style;
  readonly #meter: Meter;
  #server: UdpSocket | null = null;

  constructor(name: string, style: Style, meter: Meter) {
    this.name = name;
    this.#style = style;
    this.#meter = meter;
  }

  async start(): Promise<void> {
    this.#server = await this.#style.start(this.#meter);
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
export function udpServices(counters: Counters): Service[] {
  const meter = counters.of("UDP");
  return [
    new UdpService("UDP, events", { start: startEventEcho, talk: echoByEvents }, meter),
    new UdpService("UDP, modern", { start: startModernEcho, talk: echoByIteration }, meter),
  ];
}
