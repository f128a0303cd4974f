/**
 * The server of the demonstration's page: three files, and the WebSockets of its chat.
 *
 * @module
 */

import { type HttpServer, Response, serve } from "@netstd/net/http";
import { upgrade } from "@netstd/net/websocket";
import { readFile } from "node:fs/promises";
import { Chat, type Outcome } from "./chat.ts";
import type { Counters } from "./counters.ts";
import { portOf } from "./secure.ts";

const FILES = [
  { path: "/", name: "index.html", type: "text/html" },
  { path: "/style.css", name: "style.css", type: "text/css" },
  { path: "/script.js", name: "script.js", type: "text/javascript" },
] as const;

/** The page loads nothing from elsewhere, and nobody shows it in a frame. */
const POLICY =
  "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Bytes of a message of the page. */
const LONGEST_MESSAGE = 4096;

interface File {
  content: Uint8Array<ArrayBuffer>;
  type: string;
}

async function readFiles(): Promise<Map<string, File>> {
  const entries = FILES.map(async ({ path, name, type }): Promise<[string, File]> => {
    const content = new Uint8Array(await readFile(new URL(`page/${name}`, import.meta.url)));
    return [path, { content, type }];
  });
  return new Map(await Promise.all(entries));
}

/** The page while it is up. */
export interface Page {
  /** Where a browser finds it. */
  readonly url: string;
  /** Closes it; who is still connected after `timeout` ms is let go. */
  stop(timeout: number): Promise<void>;
}

/** How to start the page. */
export interface PageOptions {
  /** What the page shows. */
  counters: Counters;
  /** Has all services talk again. */
  exercise: () => Promise<Outcome>;
  /** The port; default one that the system chooses. */
  port?: number;
}

/** Starts the server of the page. */
export async function startPage({ counters, exercise, port = 0 }: PageOptions): Promise<Page> {
  const files = await readFiles();
  const chat = new Chat(counters, exercise);
  const meter = counters.of("HTTP");
  const limits = { connections: 100, body: 0 };

  const openChat = (request: Request): globalThis.Response => {
    // A page of another site shall not talk in the name of who has it open.
    const origins = ["127.0.0.1", "localhost"].map((name) => `http://${name}:${portOf(server)}`);
    const { socket, response } = upgrade(request, { origins, maxMessageSize: LONGEST_MESSAGE });
    if (response.status === 101) chat.accept(socket);
    return response;
  };
  const server: HttpServer = serve({ hostname: "127.0.0.1", port, limits }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/chat") return openChat(request);
    meter.received("");
    const file = files.get(pathname);
    if (file === undefined) return new Response(meter.sent("Not here"), { status: 404 });
    const headers = {
      "content-type": `${file.type}; charset=utf-8`,
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    };
    return new Response(meter.sent(file.content), { headers });
  });
  server.on("connection", () => meter.connected());
  meter.addOpen(() => Math.max(server.connections - chat.size, 0));
  const stop = (timeout: number) => {
    chat.stop();
    return server.shutdown({ timeout });
  };
  try {
    await server.opened;
  } catch (error) {
    chat.stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${portOf(server)}/`, stop };
}
