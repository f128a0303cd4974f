/**
 * UDP in the modern style: promises, async iteration and `await using`.
 *
 * @module
 */

import { bind, type UdpSocket, type UdpTarget } from "@netstd/net/udp";
import type { Meter } from "./counters.ts";
import type { Exchange } from "./service.ts";
import { EchoTranscript } from "./udp_words.ts";

/** Time in ms that a client takes at most: a datagram may be lost, and nobody says so. */
const TIME_LIMIT = 5_000;

/** Starts a server that sends every datagram back. */
export async function startModernEcho(meter: Meter): Promise<UdpSocket> {
  const server = await bind({ hostname: "127.0.0.1" });
  serve(server, meter);
  return server;
}

async function serve(server: UdpSocket, meter: Meter): Promise<void> {
  for await (const { data, remote } of server) {
    // One client that cannot be reached is no reason to leave the others alone.
    server.send(meter.sent(meter.received(data)), remote).catch((error) =>
      console.error(`A client failed: ${error.message}`)
    );
  }
}

/** Talks to the server, and hears nobody else: it is connected. */
export async function echoByIteration(target: UdpTarget): Promise<Exchange[]> {
  const transcript = new EchoTranscript();
  const signal = AbortSignal.timeout(TIME_LIMIT);
  await using socket = await bind({ hostname: "127.0.0.1" });
  await socket.connect(target);
  for (let data = transcript.next(); data !== null; data = transcript.next()) {
    await socket.send(data);
    transcript.hear((await socket.read({ signal })).data);
  }
  return transcript.finish();
}
