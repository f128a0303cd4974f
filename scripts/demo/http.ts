/**
 * The HTTP part of the demonstration: both styles, each with and without TLS.
 *
 * @module
 */

import type { Counters } from "./counters.ts";
import { startEventSite, talkByClient } from "./http_events.ts";
import { startModernSite, talkByFetch } from "./http_modern.ts";
import type { Certified } from "./secure.ts";
import type { Service } from "./service.ts";
import { type Protocol, type Style, WebService } from "./web_service.ts";

const HTTP: Protocol = {
  scheme: "http",
  command(url, certificate) {
    const trust = certificate === null ? "" : `--cacert ${certificate} `;
    return `curl ${trust}-d 'Good morning' ${url}`;
  },
};

/** The services of this part. */
export function httpServices(tls: Certified, counters: Counters): Service[] {
  const events: Style = { start: startEventSite, talk: talkByClient };
  const modern: Style = { start: startModernSite, talk: talkByFetch };
  const [open, secure] = [counters.of("HTTP"), counters.of("HTTPS")];
  return [
    new WebService("HTTP, events", HTTP, events, null, open),
    new WebService("HTTP, modern", HTTP, modern, null, open),
    new WebService("HTTPS, events", HTTP, events, tls, secure),
    new WebService("HTTPS, modern", HTTP, modern, tls, secure),
  ];
}
