import { assertEquals } from "@std/assert";
import { connect } from "./connect.ts";
import { serve } from "./serve.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" };

Deno.test("Deno's own WebSocket talks to serve()", async () => {
  await using server = serve({ ...LOCAL, protocols: ["chat"] }, (connection) => {
    connection.on("message", (data) => connection.send(data));
  });
  const { port } = await server.opened as { port: number };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, ["chat"]);
  socket.binaryType = "arraybuffer";
  const received: unknown[] = [];
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  socket.onopen = () => {
    socket.send("Hello, κόσμε");
    socket.send(new Uint8Array(100_000).fill(7));
  };
  socket.onmessage = ({ data }) => {
    received.push(data instanceof ArrayBuffer ? data.byteLength : data);
    if (received.length === 2) socket.close(3001, "bye");
  };
  const { code, reason, wasClean } = await closed;
  assertEquals([received, socket.protocol], [["Hello, κόσμε", 100_000], "chat"]);
  assertEquals([code, reason, wasClean], [3001, "bye", true]);
});

Deno.test("connect() talks to Deno.upgradeWebSocket", async () => {
  await using server = Deno.serve({ ...LOCAL, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  const connection = connect(`ws://127.0.0.1:${server.addr.port}/`);
  connection.send("Hello, κόσμε");
  connection.send(new Uint8Array(100_000).fill(7));
  const received: unknown[] = [];
  for await (const message of connection) {
    received.push(typeof message === "string" ? message : message.length);
    if (received.length === 2) break;
  }
  assertEquals([received, connection.extensions], [["Hello, κόσμε", 100_000], ""]);
  assertEquals((await connection.closed).wasClean, true);
});
