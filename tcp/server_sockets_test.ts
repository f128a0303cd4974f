import { assertEquals, assertStrictEquals } from "@std/assert";
import { once } from "node:events";
import { type Occupant, partsOf, type ServerPlaces, withTaker } from "../_io/socket_parts.ts";
import type { ByteStream, StreamSink } from "../_io/stream.ts";
import { rawConnect } from "../_testing/raw_client.ts";
import { ServerSockets } from "./server_sockets.ts";
import { TcpServer } from "./server.ts";
import { TcpSocket } from "./socket.ts";

/** A protocol that has a connection, and writes down what becomes of it. */
class Protocol implements Occupant, StreamSink {
  readonly borrows = true;
  readonly log: string[] = [];
  readonly stream: ByteStream;
  readonly places: ServerPlaces;

  constructor(stream: ByteStream, places: ServerPlaces) {
    this.stream = stream;
    this.places = places;
    stream.attach(this);
    stream.resume();
  }

  destroy(): void {
    this.log.push("destroy");
    this.stream.close();
  }

  shutdown(): void {
    this.log.push("shutdown");
    this.stream.end();
  }

  onData(chunk: Uint8Array): void {
    this.log.push(new TextDecoder().decode(chunk));
    this.stream.write(chunk.slice());
  }

  onWritten(): void {}
  onFinish(): void {}

  onEnd(): void {
    this.stream.close();
  }

  onClose(): void {
    this.places.leave(this);
  }
}

async function listening(server: TcpServer): Promise<number> {
  await server.listen({ port: 0, hostname: "127.0.0.1" });
  return server.address.port!;
}

Deno.test("TcpServer gives its connections to a taker, and closes with them when told to", async () => {
  const taken: Protocol[] = [];
  const server = new TcpServer(withTaker({}, (stream, places) => {
    taken.push(new Protocol(stream, places));
    return taken.at(-1)!;
  }));
  await using client = await rawConnect({ port: await listening(server), allowHalfOpen: true });
  await client.write("hello");
  await client.waitFor(5);
  assertEquals([server.connections, taken[0]!.log], [1, ["hello"]]);
  const closed = server.close();
  await client.ended;
  client.end();
  await closed;
  assertEquals([server.connections, taken[0]!.log], [0, ["hello", "shutdown"]]);
});

Deno.test("TcpServer destroys who has its connections when their time is over", async () => {
  let taken: Protocol | undefined;
  const server = new TcpServer(
    withTaker({}, (stream, places) => taken = new Protocol(stream, places)),
  );
  await using client = await rawConnect({ port: await listening(server), allowHalfOpen: true });
  await client.write("x");
  await client.waitFor(1);
  await server.close({ timeout: 0 });
  assertEquals(taken!.log, ["x", "shutdown", "destroy"]);
});

Deno.test("ServerSockets passOn() gives a place to a socket of the server's own", async () => {
  const server = new TcpServer(withTaker({}, (stream, places) => {
    const protocol = new Protocol(stream, places);
    protocol.onData = () => {
      const socket = places.makeSocket() as TcpSocket;
      stream.pause();
      places.passOn(protocol, socket);
      partsOf(socket).connection.open(stream);
      socket.end("now a socket");
      socket.resume();
    };
    return protocol;
  }));
  await using client = await rawConnect({ port: await listening(server) });
  await client.write("x");
  await client.ended;
  assertEquals(client.text, "now a socket");
  const closed = once(server, "close");
  await server.close();
  await closed;
});

Deno.test("ServerSockets passOn() destroys the successor when the place was left before", () => {
  let left = 0;
  const sockets = new ServerSockets({
    make: () => new TcpSocket(),
    onError: () => {},
    onLeft: () => left++,
  });
  const socket = sockets.makeSocket();
  sockets.own(socket);
  assertEquals([sockets.size, [...sockets.all][0] === socket], [1, true]);
  sockets.leave(socket);
  const log: string[] = [];
  const successor = { destroy: () => log.push("destroy") };
  sockets.passOn(socket, successor);
  assertEquals([sockets.size, left, log], [0, 1, ["destroy"]]);
  assertStrictEquals(sockets.onSocketReplaced(socket, successor), sockets);
});
