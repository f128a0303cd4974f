// @ts-check
// This library's udp module, run by Deno from the sources and by Node from the npm build:
// netstd_udp.mjs <role> <module>
import process from "node:process";
import { report } from "./control.mjs";
import { play } from "./udp_roles.mjs";

const [role, module] = process.argv.slice(2);
const { bind } = await import(new URL(module ?? "", import.meta.url).href);

const socket = await bind({ hostname: "127.0.0.1" });
play(role, {
  onMessage: (listener) => socket.on("message", listener),
  send: (data, remote) => void socket.send(data, remote),
  sendAndWait: (data, remote) => socket.send(data, remote),
});
report(socket.address.port);
