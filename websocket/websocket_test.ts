import { assert, assertEquals, assertThrows } from "@std/assert";
import { serve } from "./serve.ts";
import { CloseEvent, WebSocket, type WebSocketEventMap } from "./websocket.ts";

/** A server that sends back what it gets, and says so when it is told to. */
async function echoing() {
  const server = serve({ port: 0, hostname: "127.0.0.1", protocols: ["chat"] }, (connection) => {
    connection.on("message", (data) => {
      if (data === "close") connection.close(3001, "told");
      else if (data === "break") connection.terminate();
      else connection.send(data);
    });
  });
  const { port } = await server.opened as { port: number };
  return { server, url: `ws://127.0.0.1:${port}/` };
}

/** The next event of a kind. */
function next<K extends keyof WebSocketEventMap>(
  socket: WebSocket,
  name: K,
): Promise<WebSocketEventMap[K]> {
  return new Promise((resolve) => {
    const options = { once: true };
    socket.addEventListener(name, (event) => resolve(event as WebSocketEventMap[K]), options);
  });
}

Deno.test("WebSocket goes through its states, with its events", async () => {
  const { server, url } = await echoing();
  const socket = new WebSocket(url.replace("ws:", "http:"), ["soap", "chat"]);
  assertEquals([socket.url, socket.readyState, socket.CONNECTING], [url, 0, 0]);
  assertEquals(assertThrows(() => socket.send("early"), DOMException).name, "InvalidStateError");
  const log: string[] = [];
  socket.onopen = () => log.push("replaced");
  socket.onopen = () => log.push(`open ${socket.readyState}`);
  socket.onmessage = ({ data, origin }) => log.push(`${data} ${origin === new URL(url).origin}`);
  socket.onerror = () => log.push("error");
  socket.onclose = ({ code, reason, wasClean }) => log.push(`close ${code} ${reason} ${wasClean}`);
  await next(socket, "open");
  assertEquals([socket.protocol, socket.extensions], ["chat", "permessage-deflate"]);
  socket.send("Hello");
  await next(socket, "message");
  socket.send("close");
  await next(socket, "close");
  assertEquals(log, ["open 1", "Hello true", "close 3001 told true"]);
  assertEquals([socket.readyState, WebSocket.CLOSED, socket.CLOSED], [3, 3, 3]);
  await server.shutdown();
});

Deno.test("WebSocket sends and gives bytes of every kind, in order", async () => {
  const { server, url } = await echoing();
  const socket = new WebSocket(url);
  await next(socket, "open");
  const messages: unknown[] = [];
  let last: () => void;
  const all = new Promise<void>((resolve) => last = resolve);
  socket.onmessage = ({ data }) => {
    messages.push(data);
    if (data === "last") last();
  };
  socket.binaryType = "arraybuffer";
  socket.binaryType = "nothing" as never;
  assertEquals(socket.binaryType, "arraybuffer");
  const bytes = Uint8Array.of(1, 2, 3, 4);
  socket.send(new Blob(["blob"]));
  socket.send(bytes.buffer);
  socket.send(bytes.subarray(1, 3));
  assert(socket.bufferedAmount >= 4);
  bytes.fill(0);
  socket.send(new DataView(Uint8Array.of(9).buffer));
  socket.send(5 as never);
  socket.send("last");
  await all;
  const shown = messages.map((data) =>
    data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data
  );
  assertEquals(shown, [[98, 108, 111, 98], [1, 2, 3, 4], [2, 3], [9], "5", "last"]);
  socket.binaryType = "blob";
  socket.send(Uint8Array.of(7));
  const { data } = await next(socket, "message");
  assert(data instanceof Blob);
  assertEquals([...new Uint8Array(await data.arrayBuffer())], [7]);
  socket.send(new Blob(["late"]));
  socket.close();
  assertEquals([socket.readyState, (await next(socket, "close")).code], [2, 1005]);
  socket.send("nowhere");
  await server.shutdown();
});

Deno.test("WebSocket tells of a failure by error and close", async () => {
  const { server, url } = await echoing();
  const socket = new WebSocket(url);
  await next(socket, "open");
  const log: unknown[] = [];
  socket.onerror = () => log.push("error", socket.readyState);
  socket.onclose = ({ code, wasClean }) => log.push(code, wasClean);
  socket.send("break");
  await next(socket, "close");
  assertEquals(log, ["error", 3, 1006, false]);
  await server.shutdown();
  const lost = new WebSocket(url);
  const both = [next(lost, "error"), next(lost, "close")] as const;
  await both[0];
  assertEquals((await both[1]).code, 1006);
});

Deno.test("WebSocket is closing until its last events come when it is closed before it opens", async () => {
  const { server, url } = await echoing();
  const socket = new WebSocket(url);
  assertEquals(String(socket), "[object WebSocket]");
  const states: [string, number][] = [];
  socket.close();
  assertEquals(socket.readyState, WebSocket.CLOSING);
  // Nothing is told within the call.
  socket.onerror = ({ type }) => states.push([type, socket.readyState]);
  socket.onclose = ({ type }) => states.push([type, socket.readyState]);
  await next(socket, "close");
  assertEquals(states, [["error", WebSocket.CLOSED], ["close", WebSocket.CLOSED]]);
  await server.shutdown();
});

Deno.test("WebSocket throws DOMExceptions for what cannot be", async () => {
  const name = (call: () => unknown) => assertThrows(call, DOMException).name;
  for (const url of ["nowhere", "ftp://localhost/", "ws://localhost/#here"]) {
    assertEquals(name(() => new WebSocket(url)), "SyntaxError");
  }
  for (const protocols of ["a b", ["a", "a"]]) {
    assertEquals(name(() => new WebSocket("ws://localhost/", protocols)), "SyntaxError");
  }
  const { server, url } = await echoing();
  const socket = new WebSocket(url);
  for (const code of [0, 999, 1001, 2999, 5000]) {
    assertEquals(name(() => socket.close(code)), "InvalidAccessError");
  }
  assertEquals(name(() => socket.close(1000, "é".repeat(62))), "SyntaxError");
  socket.close();
  await next(socket, "close");
  await server.shutdown();
});

Deno.test("WebSocket closes by 1000 when only a reason is given, and counts what comes too late", async () => {
  const { server, url } = await echoing();
  const socket = new WebSocket(url);
  await next(socket, "open");
  socket.close(undefined, "Done");
  socket.send("né");
  socket.send(new Blob(["12"]));
  socket.send(Uint8Array.of(1));
  const { code, reason } = await next(socket, "close");
  assertEquals([code, reason, socket.bufferedAmount], [1000, "Done", 6]);
  socket.send("1");
  assertEquals(socket.bufferedAmount, 7);
  await server.shutdown();
});

Deno.test("an event handler can be taken off again, and keeps its place when it changes", async () => {
  const { server, url } = await echoing();
  const socket = new WebSocket(url);
  const log: number[] = [];
  assertEquals(socket.onopen, null);
  socket.onopen = () => log.push(1);
  socket.addEventListener("open", () => log.push(2));
  const second = () => log.push(3);
  socket.onopen = second;
  assertEquals(socket.onopen, second);
  socket.onmessage = () => log.push(4);
  socket.onmessage = null;
  await next(socket, "open");
  socket.send("x");
  await next(socket, "message");
  assertEquals(log, [3, 2]);
  socket.close();
  await next(socket, "close");
  await server.shutdown();
});

Deno.test("CloseEvent has the defaults of the standard", () => {
  const event = new CloseEvent("close");
  assertEquals([event.type, event.code, event.reason, event.wasClean], ["close", 0, "", false]);
});
