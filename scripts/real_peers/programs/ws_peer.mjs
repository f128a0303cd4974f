// @ts-check
// The package `ws` as a client and as a server, in Node: ws_peer.mjs <folder it is installed in>.
import { createRequire } from "node:module";
import { Buffer } from "node:buffer";
import process from "node:process";
import { obey, tell } from "../../bench/servers/control.mjs";

const { WebSocket, WebSocketServer } = createRequire(`${process.argv[2]}/package.json`)("ws");

/** A server that echoes; `close CODE REASON` asks it to close. @param {Record<string, any>} argument */
function serve({ options }) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  server.on("connection", (/** @type {any} */ socket) => {
    socket.on("message", (/** @type {Uint8Array} */ data, /** @type {boolean} */ isBinary) => {
      const [, code, reason] = /^close (\d+) (.*)$/.exec(isBinary ? "" : String(data)) ?? [];
      if (code === undefined) socket.send(data, { binary: isBinary });
      else socket.close(Number(code), reason);
    });
  });
  return new Promise((resolve) =>
    server.on("listening", () => resolve({ port: server.address().port }))
  );
}

/** Connects, sends, and gives what comes back for each. @param {Record<string, any>} argument */
async function send({ url, protocols, options, texts, sizes, code, reason }) {
  const socket = new WebSocket(url, protocols, options);
  const { promise: closed, resolve: onClose } = withResolvers();
  socket.on(
    "close",
    (/** @type {number} */ got, /** @type {Uint8Array} */ why) =>
      onClose({ code: got, reason: String(why) }),
  );
  await once(socket, "open");
  const got = [];
  for (const text of texts) {
    socket.send(text);
    got.push(String((await once(socket, "message"))[0]));
  }
  for (const size of sizes) {
    const bytes = Buffer.alloc(size);
    for (let at = 0; at < size; at++) bytes[at] = at % 251;
    socket.send(bytes);
    const [back, isBinary] = await once(socket, "message");
    got.push(isBinary && bytes.equals(back) ? size : -1);
  }
  socket.ping("sign of life");
  const answered = String((await once(socket, "pong"))[0]) === "sign of life";
  socket.close(code, reason);
  const { protocol, extensions } = socket;
  return { protocol, extensions, got, answered, closed: await closed };
}

/** Connects, asks the other side to do something, and tells how it closed. @param {Record<string, any>} argument */
async function ask({ url, text, options }) {
  const socket = new WebSocket(url, options);
  socket.on("error", () => {});
  socket.on("open", () => socket.send(text));
  const [code, reason] = await once(socket, "close");
  return { code, reason: String(reason) };
}

/** @param {any} emitter @param {string} name @returns {Promise<any[]>} */
function once(emitter, name) {
  return new Promise((resolve) =>
    emitter.once(name, (/** @type {any[]} */ ...args) => resolve(args))
  );
}

/** Node 20 has no Promise.withResolvers. */
function withResolvers() {
  /** @type {(value: unknown) => void} */
  let resolve = () => {};
  const promise = new Promise((given) => resolve = given);
  return { promise, resolve };
}

tell({ ready: true });
obey({ serve, send, ask });
