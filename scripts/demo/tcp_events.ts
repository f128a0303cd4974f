/**
 * TCP and Unix sockets in the event style: listeners on the server and on each socket.
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
import { type Host, isFarewell, LineSplitter, Transcript } from "./conversation.ts";
import type { Exchange } from "./service.ts";

/** Silence in ms after which a server lets a client go. */
const IDLE_TIMEOUT = 120_000;
/** Silence in ms after which a client gives its server up. */
const ANSWER_TIMEOUT = 5_000;

/** Starts a server that greets, and answers line by line. */
export async function startEventServer(target: ListenTarget, host: Host): Promise<TcpServer> {
  const server = createServer({ maxConnections: 100 });
  server.on("connection", (socket) => greet(socket, host));
  server.on("clientError", (error) => console.error(`A client failed: ${error.message}`));
  return await server.listen(target);
}

function greet(socket: TcpSocket, host: Host): void {
  const splitter = new LineSplitter();
  socket.setTimeout(IDLE_TIMEOUT);
  socket.write(`${host.meet().greet()}\n`);
  socket.on("data", (chunk) => {
    for (const line of splitter.push(chunk)) {
      const hasRoom = socket.write(`${host.answer(line)}\n`);
      // What the client says after its farewell is dropped.
      if (isFarewell(line)) return void socket.close();
      // A client that does not read its answers is not read either.
      if (!hasRoom) socket.pause();
    }
  });
  socket.on("drain", () => socket.resume());
  socket.on("timeout", () => socket.close());
}

/** Talks to the server, and notes the order of the events besides. */
export function talkByEvents(target: ConnectTarget): Promise<Exchange[]> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const transcript = new Transcript();
    const splitter = new LineSplitter();
    const events = new Set<string>();

    const socket = connect(target);
    socket.setTimeout(ANSWER_TIMEOUT);
    socket.on("connect", () => events.add("connect"));
    socket.on("data", (chunk) => {
      events.add("data");
      for (const line of splitter.push(chunk)) {
        const next = transcript.hear(line);
        if (next !== null) socket.write(`${next}\n`);
      }
    });
    socket.on("timeout", () => socket.destroy(new Error("The server has fallen silent")));
    socket.on("end", () => events.add("end"));
    socket.on("error", reject);
    socket.on("close", () => {
      events.add("close");
      const received = [...events].join(", ");
      const expected = "connect, data, end, close";
      const milliseconds = performance.now() - started;
      const order = { sent: "(all events)", received, expected, milliseconds };
      try {
        resolve([...transcript.finish(), order]);
      } catch (error) {
        reject(error);
      }
    });
  });
}
