// @ts-check
// Our side of the WebSocket tasks, run by Deno from the sources and by Node from the npm build:
// websocket.mjs <module>. It tells the port of a server that echoes, and connects on demand.
import process from "node:process";
import { obey, tell } from "../../bench/servers/control.mjs";

const [module = ""] = process.argv.slice(2);
const { connect, serve } = await import(new URL(module, import.meta.url).href);

const compression = { threshold: 0 };

/** Echoes; `close CODE REASON` asks it to close. @param {any} connection */
function echo(connection) {
  connection.on("message", (/** @type {string | Uint8Array} */ data) => {
    const [, code, reason] = /^close (\d+) (.*)$/.exec(typeof data === "string" ? data : "") ?? [];
    if (code === undefined) connection.send(data);
    else connection.close(Number(code), reason).catch(() => {});
  });
  // What is wrong with a peer is told by the close code.
  connection.on("error", () => {});
}

const server = serve(
  { port: 0, hostname: "127.0.0.1", compression, protocols: ["echo", "other"] },
  echo,
);
const { port } = await server.opened;
tell({ port });

/** Connects, echoes, and tells how it closed. @param {Record<string, any>} argument */
function connectAndEcho({ url, options = {} }) {
  return new Promise((resolve) => {
    const connection = connect(url, { compression, ...options });
    echo(connection);
    connection.on(
      "close",
      (/** @type {number} */ code, /** @type {string} */ reason, /** @type {boolean} */ wasClean) =>
        resolve({ code, reason, wasClean }),
    );
  });
}

/** Connects, sends, and gives what comes back for each. @param {Record<string, any>} argument */
async function connectAndSend({ url, options = {}, texts, sizes = [], code, reason }) {
  const connection = connect(url, { compression, ...options });
  const { protocol, extensions } = await connection.opened;
  const got = [];
  const messages = connection[Symbol.asyncIterator]();
  for (const text of texts) {
    connection.send(text);
    got.push((await messages.next()).value);
  }
  for (const size of sizes) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => at % 251);
    connection.send(bytes);
    const { value } = await messages.next();
    got.push(
      value instanceof Uint8Array && value.every((byte, at) => byte === bytes[at]) ? size : 0,
    );
  }
  const rtt = await connection.ping("sign of life");
  const closed = await connection.close(code, reason);
  return { protocol, extensions, got, answered: rtt >= 0, closed };
}

obey({
  echo: connectAndEcho,
  send: connectAndSend,
  shutdown: async () => {
    await server.shutdown({ timeout: 2_000 });
    return {};
  },
});
