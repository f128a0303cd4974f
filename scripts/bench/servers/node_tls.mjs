// @ts-check
// node:tls, run by Node and by Deno: node_tls.mjs <role>
import process from "node:process";
import { connect, createServer } from "node:tls";
import { report } from "./control.mjs";
import { ca, cert, key } from "./tls_identity.mjs";
import { download, tlsListener } from "./tls_roles.mjs";

const role = process.argv[2];

if (role === "download") {
  const to = (/** @type {number} */ port) =>
    connect({ port, host: "127.0.0.1", ca, servername: "localhost" }).setNoDelay(true);
  download(to, report);
} else {
  const server = createServer({ key, cert, noDelay: true }, tlsListener(role));
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address !== null && typeof address === "object") report(address.port);
  });
}
