/**
 * The HTTP part of the demonstration: both styles, each with and without TLS.
 *
 * @module
 */

import type { HttpServer } from "@netstd/net/http";
import type { Exchange, Service } from "./service.ts";
import { startEventSite, talkByClient } from "./http_events.ts";
import { startModernSite, talkByFetch } from "./http_modern.ts";
import { type Certified, portOf } from "./secure.ts";

interface Style {
  start(tls: Certified | null): Promise<HttpServer>;
  talk(url: string, ca: string | null): Promise<Exchange[]>;
}

class HttpService implements Service {
  readonly name: string;
  readonly #style: Style;
  readonly #tls: Certified | null;
  #server: HttpServer | null = null;

  constructor(name: string, style: Style, tls: Certified | null) {
    this.name = name;
    this.#style = style;
    this.#tls = tls;
  }

  async start(): Promise<void> {
    this.#server = await this.#style.start(this.#tls);
  }

  exercise(): Promise<Exchange[]> {
    return this.#style.talk(this.#url(), this.#tls?.cert ?? null);
  }

  command(): string {
    const trust = this.#tls === null ? "" : `--cacert ${this.#tls.path} `;
    return `curl ${trust}-d 'Good morning' ${this.#url()}`;
  }

  async stop(timeout: number): Promise<void> {
    await this.#server?.shutdown({ timeout });
  }

  #url(): string {
    if (this.#server === null) throw new Error(`Cannot use ${this.name}: it was not started`);
    const scheme = this.#tls === null ? "http" : "https";
    return `${scheme}://127.0.0.1:${portOf(this.#server)}/`;
  }
}

/** The services of this part. */
export function httpServices(tls: Certified): Service[] {
  const events: Style = { start: startEventSite, talk: talkByClient };
  const modern: Style = { start: startModernSite, talk: talkByFetch };
  return [
    new HttpService("HTTP, events", events, null),
    new HttpService("HTTP, modern", modern, null),
    new HttpService("HTTPS, events", events, tls),
    new HttpService("HTTPS, modern", modern, tls),
  ];
}
