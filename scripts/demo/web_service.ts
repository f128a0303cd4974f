/**
 * A service of the demonstration that has a URL: HTTP and WebSocket, each with and without TLS.
 *
 * @module
 */

import type { HttpServer } from "@netstd/net/http";
import { Host } from "./conversation.ts";
import type { Meter } from "./counters.ts";
import { type Certified, portOf } from "./secure.ts";
import type { Exchange, Service } from "./service.ts";

/** How a style starts its server, and talks to it. */
export interface Style {
  start(tls: Certified | null, host: Host): Promise<HttpServer>;
  talk(url: string, ca: string | null): Promise<Exchange[]>;
}

/** What a protocol has of its own. */
export interface Protocol {
  /** The scheme of its URLs, without the `s` that TLS adds. */
  readonly scheme: "http" | "ws";
  /** A command that talks to a URL, trusting the certificate at a path, if any. */
  command(url: string, certificate: string | null): string;
}

/** See the module's text. */
export class WebService implements Service {
  readonly name: string;
  readonly #protocol: Protocol;
  readonly #style: Style;
  readonly #tls: Certified | null;
  readonly #meter: Meter;
  #server: HttpServer | null = null;

  constructor(name: string, protocol: Protocol, style: Style, tls: Certified | null, meter: Meter) {
    this.name = name;
    this.#protocol = protocol;
    this.#style = style;
    this.#tls = tls;
    this.#meter = meter;
  }

  async start(): Promise<void> {
    this.#server = await this.#style.start(this.#tls, new Host(this.#meter));
    this.#meter.watch(this.#server);
  }

  exercise(): Promise<Exchange[]> {
    return this.#style.talk(this.#url(), this.#tls?.cert ?? null);
  }

  command(): string {
    return this.#protocol.command(this.#url(), this.#tls?.path ?? null);
  }

  async stop(timeout: number): Promise<void> {
    await this.#server?.shutdown({ timeout });
  }

  #url(): string {
    if (this.#server === null) throw new Error(`Cannot use ${this.name}: it was not started`);
    const scheme = `${this.#protocol.scheme}${this.#tls === null ? "" : "s"}`;
    return `${scheme}://127.0.0.1:${portOf(this.#server)}/`;
  }
}
