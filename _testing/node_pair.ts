/** Two connected sockets of `node:net`. @module */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A socket that has connected and the one that was accepted; neither has read, the server is closed. */
export async function nodePair(
  host = "127.0.0.1",
): Promise<[connected: Socket, accepted: Socket]> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host, port, allowHalfOpen: true });
  const [[accepted]] = await Promise.all([once(server, "connection"), once(socket, "connect")]);
  server.close();
  return [socket, accepted as Socket];
}
