// @ts-check
// node:http: node_http.mjs <role>
import { createServer } from "node:http";
import process from "node:process";
import { report } from "./control.mjs";
import { CHUNKS, HELLO, TEXT } from "./http_content.mjs";

/** @type {Record<string, import("node:http").RequestListener>} */
const roles = {
  hello(_request, response) {
    response.setHeader("content-type", TEXT);
    response.end(HELLO);
  },

  echo(request, response) {
    /** @type {Uint8Array[]} */
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("content-type", TEXT);
      response.end(Buffer.concat(chunks).toString());
    });
  },

  echoStream(request, response) {
    request.pipe(response);
  },

  stream(_request, response) {
    for (const chunk of CHUNKS) response.write(chunk);
    response.end();
  },
};

const listener = roles[process.argv[2] ?? ""];
if (listener === undefined) throw new Error(`No role ${process.argv[2]}`);
const server = createServer(listener);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") report(address.port);
});
