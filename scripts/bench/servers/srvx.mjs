// @ts-check
// The package srvx: srvx.mjs <role> <package>
import process from "node:process";
import { report } from "./control.mjs";
import { fetchHandler } from "./fetch_roles.mjs";

const [role, name] = process.argv.slice(2);
const { serve } = await import(name ?? "");

const fetch = await fetchHandler(role, Response);
const server = serve({ fetch, port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
report(Number(new URL(server.url).port));
