// @ts-check
// node:net, run by Node and by Deno: node_net.mjs <role>
import { createServer } from "node:net";
import process from "node:process";
import { report } from "./control.mjs";
import { connectionListener } from "./socket_roles.mjs";

const server = createServer({ noDelay: true }, connectionListener(process.argv[2]));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") report(address.port);
});
