/**
 * HTTP in the event style: a server with a listener for requests, and a client with a pool.
 *
 * @module
 */

import {
  createServer,
  HttpClient,
  type HttpServer,
  type HttpServerOptions,
  type RespondWith,
  Response,
} from "@netstd/net/http";
import { type Host, Transcript } from "./conversation.ts";
import type { Certified } from "./secure.ts";
import type { Exchange } from "./service.ts";

/** Time in ms that a client waits for a whole answer. */
const ANSWER_TIMEOUT = 5_000;
/** Bytes that a client may say at a time. */
const LONGEST_SAYING = 4096;

/** Starts a server that greets whoever gets its page, and answers what is posted. */
export async function startEventSite(tls: Certified | null, host: Host): Promise<HttpServer> {
  const options: HttpServerOptions = { limits: { connections: 100, body: LONGEST_SAYING } };
  const server = createServer(tls === null ? options : { ...options, tls });
  server.on("request", (request, respondWith) => answer(request, respondWith, host));
  server.on("clientError", (error) => console.error(`A client failed: ${error.message}`));
  await server.listen({ hostname: "127.0.0.1", port: 0 });
  return server;
}

function answer(request: Request, respondWith: RespondWith, host: Host): void {
  if (request.method !== "POST") return respondWith(new Response(host.greet()));
  respondWith(request.text().then((line) => new Response(host.answer(line))));
}

/** Talks to the server, over one connection, and notes how often that was used again. */
export async function talkByClient(url: string, ca: string | null): Promise<Exchange[]> {
  const started = performance.now();
  const transcript = new Transcript();
  const timeouts = { total: ANSWER_TIMEOUT };
  await using client = new HttpClient(ca === null ? { timeouts } : { timeouts, ca });
  let line = transcript.hear(await (await client.fetch(url)).text());
  while (line !== null) {
    const response = await client.fetch(url, { method: "POST", body: line });
    line = transcript.hear(await response.text());
  }
  const exchanges = transcript.finish();
  const { requests, reused } = client.stats;
  return [...exchanges, {
    sent: "(all requests)",
    received: `${requests} requests, ${reused} over a used connection`,
    expected: `${exchanges.length} requests, ${exchanges.length - 1} over a used connection`,
    milliseconds: performance.now() - started,
  }];
}
