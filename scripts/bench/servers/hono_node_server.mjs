// @ts-check
// The package @hono/node-server, as its documentation has it: hono_node_server.mjs <role> <package>
import process from "node:process";
import { report } from "./control.mjs";
import { fetchHandler } from "./fetch_roles.mjs";

const [role, name] = process.argv.slice(2);
const { serve } = await import(name ?? "");

// Importing it has exchanged the global Response for its own, faster one.
const fetch = await fetchHandler(role, Response);
serve({ fetch, port: 0, hostname: "127.0.0.1" }, (/** @type {{ port: number }} */ { port }) => {
  report(port);
});
