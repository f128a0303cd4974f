/**
 * Helper module of S21: sends 360,000 bytes in six writes, and lets the process end once its socket
 * has closed.
 *
 * @module
 */

import process from "node:process";
import { connect } from "../tls/mod.ts";
import { isMain } from "./child.ts";
import { pattern } from "./pattern.ts";

/** Source path of this module. Arguments: port, `exit` to end by `exit(0)`, `details`. */
export const TLS_SEND_CHILD = "_testing/tls_send_child.ts";

async function main([port, exit, details]: string[]): Promise<void> {
  const socket = connect({ port: Number(port), hostname: "127.0.0.1" }, {
    ca: process.env["TLS_CA"] ?? "",
    details: details === "details",
  });
  for (let i = 0; i < 6; i++) socket.write(pattern(60_000, i * 60_000));
  socket.end();
  await socket.close();
  if (exit === "exit") process.exit(0);
}

if (isMain(TLS_SEND_CHILD)) main(process.argv.slice(2));
