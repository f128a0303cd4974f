/**
 * HTTP in the modern style: a handler from request to response, and `fetch()`.
 *
 * @module
 */

import { fetch, HttpClient, type HttpServer, Response, serve } from "@netstd/net/http";
import { type Host, Transcript } from "./conversation.ts";
import type { Certified } from "./secure.ts";
import type { Exchange } from "./service.ts";

/** Time in ms that a client waits for a whole answer. */
const ANSWER_TIMEOUT = 5_000;
/** Bytes that a client may say at a time. */
const LONGEST_SAYING = 4096;

/** Starts a server that greets whoever gets its page, and answers what is posted. */
export async function startModernSite(tls: Certified | null, host: Host): Promise<HttpServer> {
  const limits = { connections: 100, body: LONGEST_SAYING };
  const options = { hostname: "127.0.0.1", port: 0, limits, ...(tls === null ? {} : { tls }) };
  const server = serve(options, async (request) => {
    if (request.method !== "POST") return new Response(host.greet());
    return new Response(host.answer(await request.text()));
  });
  await server.opened;
  return server;
}

/** Talks to the server. */
export async function talkByFetch(url: string, ca: string | null): Promise<Exchange[]> {
  const transcript = new Transcript();
  // The certificate of this run is known to a client of its own.
  await using trusting = ca === null ? null : new HttpClient({ ca });
  const call: typeof fetch = trusting === null
    ? fetch
    : (input, init) => trusting.fetch(input, init);
  const timeout = ANSWER_TIMEOUT;
  let line = transcript.hear(await (await call(url, { timeout })).text());
  while (line !== null) {
    const response = await call(url, { method: "POST", body: line, timeout });
    line = transcript.hear(await response.text());
  }
  return transcript.finish();
}
