/**
 * The WebSocket part of the demonstration: both styles, each with and without TLS.
 *
 * @module
 */

import type { Counters } from "./counters.ts";
import type { Certified } from "./secure.ts";
import type { Service } from "./service.ts";
import { type Protocol, type Style, WebService } from "./web_service.ts";
import { startEventTalks, talkByMessages } from "./websocket_events.ts";
import { startModernTalks, talkByMessageIteration } from "./websocket_modern.ts";

const WEB_SOCKET: Protocol = {
  scheme: "ws",
  command(url, certificate) {
    const trust = certificate === null ? "" : `--ca ${certificate} `;
    return `npx wscat ${trust}-c ${url}`;
  },
};

/** The services of this part. */
export function webSocketServices(tls: Certified, counters: Counters): Service[] {
  const events: Style = { start: startEventTalks, talk: talkByMessages };
  const modern: Style = { start: startModernTalks, talk: talkByMessageIteration };
  const [open, secure] = [counters.of("WS"), counters.of("WSS")];
  return [
    new WebService("WS, events", WEB_SOCKET, events, null, open),
    new WebService("WS, modern", WEB_SOCKET, modern, null, open),
    new WebService("WSS, events", WEB_SOCKET, events, tls, secure),
    new WebService("WSS, modern", WEB_SOCKET, modern, tls, secure),
  ];
}
