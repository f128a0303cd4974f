/**
 * UDP in the event style: the server and the client each listen to their socket.
 *
 * @module
 */

import { createSocket, type UdpSocket, type UdpTarget } from "@netstd/net/udp";
import type { Meter } from "./counters.ts";
import type { Exchange } from "./service.ts";
import { EchoTranscript } from "./udp_words.ts";

/** Time in ms that a client takes at most: a datagram may be lost, and nobody says so. */
const TIME_LIMIT = 5_000;

/** Starts a server that sends every datagram back. */
export async function startEventEcho(meter: Meter): Promise<UdpSocket> {
  const server = createSocket((data, remote) => {
    // One client that cannot be reached is no reason to leave the others alone.
    server.send(meter.sent(meter.received(data)), remote).catch((error) =>
      console.error(`A client failed: ${error.message}`)
    );
  });
  return await server.bind({ hostname: "127.0.0.1" });
}

/** Talks to the server, and notes the order of the events besides. */
export function echoByEvents(target: UdpTarget): Promise<Exchange[]> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const transcript = new EchoTranscript();
    const events = new Set<string>();

    const socket = createSocket();
    const sendNext = () => {
      const data = transcript.next();
      // A send that fails is told as `error`.
      if (data === null) socket.close();
      else socket.send(data, target);
    };
    socket.on("listening", () => {
      events.add("listening");
      sendNext();
    });
    socket.on("message", (data) => {
      events.add("message");
      transcript.hear(data);
      sendNext();
    });
    socket.on("error", (error) => {
      reject(error);
      socket.close();
    });
    socket.on("close", () => {
      events.add("close");
      const received = [...events].join(", ");
      const expected = "listening, message, close";
      const milliseconds = performance.now() - started;
      const order = { sent: "(all events)", received, expected, milliseconds };
      try {
        resolve([...transcript.finish(), order]);
      } catch (error) {
        reject(error);
      }
    });
    socket.bind({ hostname: "127.0.0.1", signal: AbortSignal.timeout(TIME_LIMIT) });
  });
}
