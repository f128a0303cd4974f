/**
 * The WebSocket part of the demonstration: both styles, each with and without TLS.
 *
 * @module
 */

import type { HttpServer } from "@netstd/net/http";
import { type Certified, portOf } from "./secure.ts";
import type { Exchange, Service } from "./service.ts";
import { startEventTalks, talkByMessages } from "./websocket_events.ts";
import { startModernTalks, talkByMessageIteration } from "./websocket_modern.ts";

interface Style {
  start(tls: Certified | null): Promise<HttpServer>;
  talk(url: string, ca: string | null): Promise<Exchange[]>;
}

class WebSocketService implements Service {
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
    const trust = this.#tls === null ? "" : `--ca ${this.#tls.path} `;
    return `npx wscat ${trust}-c ${this.#url()}`;
  }

  async stop(timeout: number): Promise<void> {
    await this.#server?.shutdown({ timeout });
  }

  #url(): string {
    if (this.#server === null) throw new Error(`Cannot use ${this.name}: it was not started`);
    const scheme = this.#tls === null ? "ws" : "wss";
    return `${scheme}://127.0.0.1:${portOf(this.#server)}/`;
  }
}

/** The services of this part. */
export function webSocketServices(tls: Certified): Service[] {
  const events: Style = { start: startEventTalks, talk: talkByMessages };
  const modern: Style = { start: startModernTalks, talk: talkByMessageIteration };
  return [
    new WebSocketService("WS, events", events, null),
    new WebSocketService("WS, modern", modern, null),
    new WebSocketService("WSS, events", events, tls),
    new WebSocketService("WSS, modern", modern, tls),
  ];
}
