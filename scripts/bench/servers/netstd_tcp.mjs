// @ts-check
// This library's tcp module, run by Deno from the sources and by Node from the npm build:
// netstd_tcp.mjs <role> <module>
import process from "node:process";
import { report } from "./control.mjs";
import { connectionListener } from "./socket_roles.mjs";

const [role, module] = process.argv.slice(2);
const { createServer } = await import(new URL(module ?? "", import.meta.url).href);

const server = createServer({ noDelay: true }, connectionListener(role));
await server.listen({ port: 0, hostname: "127.0.0.1" });
report(server.address.port);
