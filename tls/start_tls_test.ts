import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { rawConnect, startPeer } from "../_testing/peer.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { connect as connectTcp, createServer, NetError, type TcpSocket } from "../tcp/mod.ts";
import { connect, startTls, type TlsSocket } from "./mod.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" };
const decoder = new TextDecoder();

/** A server that upgrades after the line STARTTLS, and echoes. */
async function upgrading(answer: boolean) {
  const { server: identity } = await testCertificates();
  const security = { isServer: true, ...identity } as const;
  const server = createServer(async (socket) => {
    const line = (await socket.read())!;
    const end = line.indexOf(10) + 1;
    // What came with the line belongs to the session.
    socket.unshift(line.slice(end));
    if (answer) socket.write("220\n");
    startTls(socket, security).on("data", function (this: TlsSocket, chunk) {
      this.write(chunk);
    });
  });
  return await server.listen(LOCAL);
}

async function options() {
  const { authority } = await testCertificates();
  return { ca: authority.cert, servername: "localhost" };
}

async function echoes(socket: TlsSocket): Promise<void> {
  socket.write("hello");
  assertEquals(decoder.decode((await socket.read())!), "hello");
  await socket.close();
}

Deno.test("S23 startTls() upgrades both sides after a line", async () => {
  const server = await upgrading(true);
  const plain = connectTcp(server.address);
  plain.write("STARTTLS\n");
  assertEquals(decoder.decode((await plain.read())!), "220\n");
  const socket = startTls(plain, await options());
  await socket.opened;
  assertEquals(socket.authorized, true);
  await echoes(socket);
  await server.close();
});

Deno.test("S23 startTls() takes a ClientHello that came with the line", async () => {
  const server = await upgrading(false);
  const plain = connectTcp(server.address);
  plain.write("STARTTLS\n");
  await echoes(startTls(plain, await options()));
  await server.close();
});

Deno.test("S23 startTls() rejects a read that waits, and the old socket is of no use", async () => {
  const server = await upgrading(true);
  const plain: TcpSocket = connectTcp(server.address);
  plain.write("STARTTLS\n");
  await plain.read();
  const pending = assertRejects(() => plain.read(), NetError);
  const socket = startTls(plain, await options());
  assertEquals((await pending).code, "ERR_SOCKET_UPGRADED");
  await socket.opened;
  await plain.closed;
  assertEquals([plain.destroyed, plain.write("x")], [true, false]);
  assertEquals((await assertRejects(() => plain.read(), NetError)).code, "ERR_SOCKET_CLOSED");
  await echoes(socket);
  await server.close();
});

Deno.test("startTls() keeps the place at the server, whose close() waits for the session", async () => {
  const server = await upgrading(true);
  const plain = connectTcp(server.address);
  plain.write("STARTTLS\n");
  await plain.read();
  const socket = startTls(plain, await options());
  await socket.opened;
  assertEquals(server.connections, 1);
  const closed = server.close();
  await echoes(socket);
  await closed;
  assertEquals(server.connections, 0);
});

Deno.test("startTls() fails when the peer has said something else or its signal aborts", async () => {
  await using peer = await startPeer();
  const talking = connectTcp({ port: peer.port, hostname: "127.0.0.1" });
  talking.write("echo\nno TLS\n");
  await talking.read();
  const socket = startTls(talking, await options());
  // It echoes the ClientHello, which no server may send.
  const { code } = await assertRejects(() => socket.opened, NetError);
  assert(["ERR_TLS_NOT_TLS", "ERR_TLS_ALERT"].includes(code), code);
  const silent = connectTcp({ port: peer.port, hostname: "127.0.0.1" });
  silent.write("stall 60000\n");
  const stop = new AbortController();
  const waiting = startTls(silent, { ...await options(), signal: stop.signal });
  await peer.after(20);
  const reason = new Error("Enough");
  stop.abort(reason);
  assertEquals(await waiting.opened.catch((error) => error), reason);
});

Deno.test("startTls() throws at once when it is given no signal, and leaves the socket as it is", async () => {
  await using peer = await startPeer();
  await using socket = connectTcp({ port: peer.port, hostname: "127.0.0.1" });
  const signal = {} as AbortSignal;
  assertThrows(() => startTls(socket, { servername: "a", signal }), TypeError, "no AbortSignal");
  assertEquals(socket.readyState, "opening");
});

Deno.test("startTls() as a server fails when the client speaks no TLS", async () => {
  const { server: identity } = await testCertificates();
  let failure: Promise<unknown> | undefined;
  const server = createServer((socket) => {
    failure = startTls(socket, { isServer: true, ...identity }).opened.catch((error) => error);
  });
  await server.listen(LOCAL);
  await using client = await rawConnect({ port: server.address.port ?? 0 });
  await client.write("GET / HTTP/1.1\r\n\r\n");
  await client.ended;
  const error = await failure;
  assert(error instanceof NetError && error.code === "ERR_TLS_NOT_TLS", String(error));
  await server.close();
});

Deno.test("startTls() needs no read before: a connection may begin with TLS", async () => {
  const { server: identity } = await testCertificates();
  const { createServer: createTlsServer } = await import("./mod.ts");
  const server = createTlsServer({ ...identity }, (socket) => socket.pipe(socket));
  await server.listen(LOCAL);
  await echoes(startTls(connectTcp(server.address), await options()));
  await echoes(connect(server.address, await options()));
  await server.close();
});

Deno.test("startTls() throws at once when it is given no socket", () => {
  assertThrows(() => startTls(undefined as never, {}), TypeError, "no socket");
  const error = assertThrows(() => startTls({} as never, {}), TypeError);
  assertEquals((error as NetError).code, "ERR_INVALID_ARG_TYPE");
});
