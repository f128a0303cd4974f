// @ts-check
// This library's http module, run by Deno from the sources and by Node from the npm build:
// netstd_http.mjs <role> <module> [light | platform | installed]
import process from "node:process";
import { report } from "./control.mjs";
import { fetchHandler } from "./fetch_roles.mjs";

const [role, module, response] = process.argv.slice(2);
const http = await import(new URL(module ?? "", import.meta.url).href);
if (response === "installed") http.installResponse();

const handler = await fetchHandler(role, response === "light" ? http.Response : Response);
const server = http.serve({ port: 0, hostname: "127.0.0.1" }, handler);
const { port } = await server.opened;
report(port);
