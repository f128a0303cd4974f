import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import { nodeSocket } from "./deno_node_socket.ts";

async function connectedPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  return await Promise.all([Deno.connect({ hostname: "127.0.0.1", port }), listener.accept()]);
}

Deno.test("nodeSocket() makes a socket that moves bytes and ends one side at a time", async () => {
  const [peer, conn] = await connectedPair();
  const socket = nodeSocket(conn);
  assert(socket !== null);
  assertEquals([socket.remoteAddress, socket.remotePort], [
    peer.localAddr.hostname,
    peer.localAddr.port,
  ]);
  const [first, end, close] = ["data", "end", "close"].map((event) => once(socket, event));
  await peer.write(new TextEncoder().encode("hello"));
  socket.resume();
  assertEquals(String((await first)![0]), "hello");
  await peer.closeWrite();
  await end;
  socket.end("bye");
  const buffer = new Uint8Array(10);
  assertEquals(await peer.read(buffer), 3);
  assertEquals(await peer.read(buffer), null);
  await close;
  peer.close();
});

Deno.test("nodeSocket() closes the connection when its socket is destroyed", async () => {
  const [peer, conn] = await connectedPair();
  nodeSocket(conn)!.destroy();
  assertEquals(await peer.read(new Uint8Array(10)), null);
  peer.close();
});

Deno.test("nodeSocket() gives nothing and leaves the connection when Deno does not offer it", async () => {
  const [peer, conn] = await connectedPair();
  const veiled = { close: () => conn.close() } as Deno.Conn;
  assertEquals(nodeSocket(veiled), null);
  await conn.write(new Uint8Array(3));
  assertEquals(await peer.read(new Uint8Array(10)), 3);
  conn.close();
  peer.close();
});
