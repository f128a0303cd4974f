/**
 * Helper module for the test of permissions, which runs it in Deno with some of them missing: prints
 * what each call came to, one line each, and whether anything was left uncaught. It asks for no
 * permission itself, as other helpers do.
 *
 * @module
 */

import { bind, createSocket, NetError } from "../udp/mod.ts";

/** Source path of this module. */
export const UDP_PERMISSION_CHILD = "_testing/udp_permission_child.ts";

async function show(name: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
    console.log(`${name}: done`);
  } catch (error) {
    const { code, syscall, name: kind } = error as NetError;
    console.log(`${name}: ${error instanceof NetError ? `${code} ${syscall} ${kind}` : error}`);
  }
}

async function main(): Promise<void> {
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    console.log("uncaught");
  });
  await show("bind", async () => await (await bind({ hostname: "127.0.0.1" })).close());
  const socket = createSocket();
  socket.on("error", (error) => console.log(`event: ${(error as NetError).code}`));
  await show("send", () => socket.send("x", { hostname: "127.0.0.1", port: 9 }));
  await show("send elsewhere", () => socket.send("x", { hostname: "203.0.113.9", port: 9 }));
  await socket.close();
  console.log("end");
}

if (import.meta.main) await main();
