/**
 * Chromium as a client of our WebSocket server, which stands on the handler of an HTTP server beside
 * its page: text, bytes, compression, subprotocols, cookies, close codes of either side, refusals.
 * `deno task test:websocket-browser`; the last line is `N passed, N failed`. Without Chromium it
 * fails.
 *
 * @module
 */

import { Response } from "@netstd/net/http";
import { upgrade, type WebSocketConnection } from "@netstd/net/websocket";
import { checkPage, type Report, type Site } from "./page.ts";

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Test</title></head>
<body><script src="/script.js"></script></body></html>`;

/** Runs in the page: every case gives what is compared below. */
const SCRIPT = `
const connect = (path, protocols) => {
  const socket = new WebSocket("ws://" + location.host + path, protocols ?? []);
  socket.binaryType = "arraybuffer";
  socket.closed = new Promise((resolve) => socket.onclose = (event) =>
    resolve([event.code, event.reason, event.wasClean]));
  socket.opened = new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("failed"));
  });
  socket.opened.catch(() => {});
  return socket;
};
const next = (socket) => new Promise((resolve, reject) => {
  socket.onmessage = ({ data }) => resolve(data);
  socket.closed.then((how) => reject(new Error("closed by " + how)));
});
const echo = async (socket, data) => {
  const answer = next(socket);
  socket.send(data);
  return await answer;
};
const bytes = (size) => Uint8Array.from({ length: size }, (_, at) => at % 251);
const same = (buffer, size) => {
  const view = new Uint8Array(buffer);
  return view.length === size && view.every((byte, at) => byte === at % 251);
};

const talk = async (path) => {
  const socket = connect(path);
  await socket.opened;
  const texts = ["", "Hello", "Grüße 𝄞", "\\ufeffmark", "\\ud800"];
  const got = [];
  for (const text of texts) got.push(await echo(socket, text));
  const large = "large ".repeat(100000);
  got.push(await echo(socket, large) === large);
  for (const size of [0, 125, 126, 65535, 65536, 1000000]) {
    got.push(same(await echo(socket, bytes(size)), size));
  }
  got.push(same(await echo(socket, new Blob([bytes(1000)])), 1000));
  socket.close();
  return [got, socket.extensions.split(";")[0], await socket.closed];
};

const cases = {
  deflated: () => talk("/echo"),
  forgetting: () => talk("/forgetting"),
  window: () => talk("/window"),
  plain: () => talk("/plain"),
  many: async () => {
    const socket = connect("/echo");
    await socket.opened;
    let seen = 0, ordered = true;
    const all = new Promise((resolve) => socket.onmessage = ({ data }) => {
      ordered &&= data === "message " + seen;
      if (++seen === 2000) resolve();
    });
    for (let i = 0; i < 2000; i++) socket.send("message " + i);
    await all;
    socket.close(3000, "Done");
    return [ordered, await socket.closed];
  },
  protocol: async () => {
    const socket = connect("/echo", ["unknown", "echo"]);
    await socket.opened;
    socket.close(4999, "Grüße");
    return [socket.protocol, await socket.closed];
  },
  noProtocol: async () => {
    const socket = connect("/echo", ["unknown"]);
    return await socket.opened.then(() => "opened", () => socket.closed);
  },
  cookies: async () => {
    document.cookie = "name=value";
    const socket = connect("/cookies");
    return await next(socket);
  },
  serverCloses: async () => {
    const socket = connect("/close");
    return await socket.closed;
  },
  serverTerminates: async () => {
    const socket = connect("/terminate");
    return await socket.closed;
  },
  tooLarge: async () => {
    const socket = connect("/small");
    await socket.opened;
    socket.send("*".repeat(1001));
    return await socket.closed;
  },
  refused: async () => {
    const socket = connect("/refuse");
    return [await socket.opened.catch((error) => error.message), await socket.closed];
  },
  pings: async () => {
    const socket = connect("/ping");
    return await next(socket);
  },
  backPressure: async () => {
    const socket = connect("/flood");
    await socket.opened;
    let size = 0;
    socket.onmessage = ({ data }) => size += data.byteLength;
    return [await socket.closed, size];
  },
};

addEventListener("load", async () => {
  const report = {};
  for (const [name, run] of Object.entries(cases)) {
    report[name] = await Promise.resolve().then(run).catch((error) => "FAILED: " + error);
  }
  await fetch("/report", { method: "POST", body: JSON.stringify(report) });
});
`;

const GOT = ["", "Hello", "Grüße 𝄞", "\uFEFFmark", "\uFFFD", ...Array(8).fill(true)];
const NORMAL = [GOT, "permessage-deflate", [1005, "", true]];
const FLOOD = 16 * 1024 * 1024;

const EXPECTED: Report = {
  deflated: NORMAL,
  forgetting: NORMAL,
  window: NORMAL,
  plain: [GOT, "", [1005, "", true]],
  many: [true, [3000, "Done", true]],
  protocol: ["echo", [4999, "Grüße", true]],
  noProtocol: [1006, "", false],
  cookies: "name=value",
  serverCloses: [4001, "Enough", true],
  serverTerminates: [1006, "", false],
  tooLarge: [1009, "Cannot accept a message of more than 1000 bytes", true],
  refused: ["failed", [1006, "", false]],
  pings: "answered",
  backPressure: [[1000, "", true], FLOOD],
};

function echo(socket: WebSocketConnection): void {
  socket.on("message", (data) => socket.send(data));
}

/** Sends as much as goes out at a time, and closes. */
async function flood(socket: WebSocketConnection): Promise<void> {
  const chunk = new Uint8Array(64 * 1024);
  await socket.opened;
  const writer = socket.writable.getWriter();
  for (let sent = 0; sent < FLOOD; sent += chunk.length) await writer.write(chunk.slice());
  await writer.close();
}

/** What a path does with its connections, and with which options. */
const PATHS: Readonly<
  Record<string, readonly [(socket: WebSocketConnection, request: Request) => void, object?]>
> = {
  "/echo": [echo, { compression: { threshold: 0 }, protocols: ["echo"] }],
  "/forgetting": [echo, {
    compression: { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
  }],
  "/window": [echo, {
    compression: { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  }],
  "/plain": [echo, { compression: false }],
  "/small": [echo, { maxMessageSize: 1000 }],
  "/cookies": [(socket, { headers }) => socket.send(headers.get("cookie") ?? "")],
  "/close": [(socket) => socket.close(4001, "Enough")],
  "/terminate": [(socket) => socket.on("open", () => socket.terminate())],
  "/ping": [(socket) => {
    socket.on("open", () => socket.ping("are you there").then(() => socket.send("answered")));
  }],
  "/flood": [flood],
};

/** The page's site, and the promise of what it reports. */
function makeSite(): Site {
  const report = Promise.withResolvers<Report>();
  const handle = async (request: Request): Promise<globalThis.Response> => {
    const { pathname } = new URL(request.url);
    const path = PATHS[pathname];
    if (path !== undefined) {
      const [use, options] = path;
      const { socket, response } = upgrade(request, options);
      use(socket, request);
      return response;
    }
    if (pathname === "/report") report.resolve(await request.json() as Report);
    if (pathname === "/refuse") return new Response("No", { status: 403 });
    const [content, type] = pathname === "/script.js"
      ? [SCRIPT, "text/javascript"]
      : [PAGE, "text/html"];
    return new Response(content, { headers: { "content-type": `${type}; charset=utf-8` } });
  };
  return { handle, reported: report.promise };
}

if (import.meta.main) Deno.exit(await checkPage(makeSite(), EXPECTED));
