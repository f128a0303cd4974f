// @ts-check
// This library's tls module, run by Deno from the sources and by Node from the npm build:
// netstd_tls.mjs <role> <module>
import process from "node:process";
import { report } from "./control.mjs";
import { ca, cert, key } from "./tls_identity.mjs";
import { download, tlsListener } from "./tls_roles.mjs";

const [role, module] = process.argv.slice(2);
const { connect, createServer } = await import(new URL(module ?? "", import.meta.url).href);

if (role === "download") {
  const to = (/** @type {number} */ port) =>
    connect({ port, hostname: "127.0.0.1" }, { ca, servername: "localhost" });
  download(to, report);
} else {
  const server = createServer({ key, cert }, tlsListener(role));
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  report(server.address.port);
}
