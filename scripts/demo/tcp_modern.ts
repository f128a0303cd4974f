/**
 * TCP and Unix sockets in the modern style: promises, async iteration and `await using`.
 *
 * @module
 */

import {
  connect,
  type ConnectTarget,
  createServer,
  type ListenTarget,
  type TcpServer,
  type TcpSocket,
} from "@netstd/net/tcp";
import { type Host, isFarewell, readLines, Transcript } from "./conversation.ts";
import type { Exchange } from "./service.ts";

/** Silence in ms after which a server lets a client go. */
const IDLE_TIMEOUT = 120_000;
/** Silence in ms, while connecting too, after which a client gives its server up. */
const ANSWER_TIMEOUT = 5_000;

/** Starts a server that greets, and answers line by line. */
export async function startModernServer(target: ListenTarget, host: Host): Promise<TcpServer> {
  // A client that has ended its side still gets its answers: it is the server that closes.
  const options = { allowHalfOpen: true, maxConnections: 100 };
  const server = await createServer(options).listen(target);
  acceptAll(server, host);
  return server;
}

async function acceptAll(server: TcpServer, host: Host): Promise<void> {
  for await (const socket of server) {
    serve(socket, host).catch((error) => console.error(`A client failed: ${error.message}`));
  }
}

async function serve(socket: TcpSocket, host: Host): Promise<void> {
  await using client = socket;
  client.setTimeout(IDLE_TIMEOUT).on("timeout", () => client.close());
  client.write(`${host.meet().greet()}\n`);
  for await (const line of readLines(client)) {
    client.write(`${host.answer(line)}\n`);
    if (isFarewell(line)) break;
    await client.flush();
  }
}

/** Talks to the server. */
export async function talkByIteration(target: ConnectTarget): Promise<Exchange[]> {
  const transcript = new Transcript();
  await using socket = connect(target, { connectTimeout: ANSWER_TIMEOUT });
  socket.setTimeout(ANSWER_TIMEOUT).on("timeout", () => {
    socket.destroy(new Error("The server has fallen silent"));
  });
  for await (const line of readLines(socket)) {
    const next = transcript.hear(line);
    if (next !== null) socket.write(`${next}\n`);
  }
  return transcript.finish();
}
