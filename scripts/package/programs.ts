/** Programs that use the installed package: one for each way to load it. @module */

/** What each runtime has to do with each module, given the module under this name. */
const USE = `
async function overTcp() {
  const server = tcp.createServer((socket) => socket.pipe(socket));
  await server.listen({ hostname: "127.0.0.1", port: 0 });
  const socket = tcp.connect(server.address);
  socket.end("tcp");
  const text = new TextDecoder().decode(await socket.read());
  await socket.close();
  await server.close();
  return text;
}

async function overUdp() {
  const server = await udp.bind({ hostname: "127.0.0.1" });
  server.on("message", (data, remote) => server.send(data, remote));
  const client = await udp.bind({ hostname: "127.0.0.1" });
  await client.connect(server.address);
  await client.send("udp");
  const { data } = await client.read({ signal: AbortSignal.timeout(5000) });
  await client.close();
  await server.close();
  return new TextDecoder().decode(data);
}

async function overTls() {
  const { key, cert } = await tls.createSelfSigned(["localhost"]);
  const server = tls.createServer({ key, cert }, (socket) => socket.pipe(socket));
  await server.listen({ hostname: "127.0.0.1", port: 0 });
  const socket = tls.connect(server.address, { ca: cert, servername: "localhost" });
  socket.end("tls");
  const text = new TextDecoder().decode(await socket.read());
  await socket.close();
  await server.close({ timeout: 1000 });
  return text;
}

async function overHttp() {
  const server = http.serve({ hostname: "127.0.0.1", port: 0 }, async (request) => {
    return new http.Response(await request.text());
  });
  const { port } = await server.opened;
  const client = new http.HttpClient();
  const response = await client.fetch(\`http://127.0.0.1:\${port}/\`, { method: "POST", body: "http" });
  const text = await response.text();
  await client.close();
  await server.shutdown();
  return text;
}

async function overWebSocket() {
  const server = websocket.serve({ hostname: "127.0.0.1", port: 0 }, (connection) => {
    connection.on("message", (message) => connection.send(message));
  });
  const { port } = await server.opened;
  const connection = websocket.connect(\`ws://127.0.0.1:\${port}/\`);
  connection.send("websocket");
  let text = "";
  for await (const message of connection) {
    text = String(message);
    break;
  }
  await connection.closed;
  await server.shutdown();
  return text;
}

async function main() {
  const uses = [overTcp, overUdp, overHttp, overWebSocket, overTls];
  const heard = [];
  for (const use of uses) heard.push(await use());
  console.log(heard.join(" "));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
`;

/** What a program prints when all is well. */
export const EXPECTED = "tcp udp http websocket tls";

const MODULES = ["tcp", "udp", "tls", "http", "websocket"];

/** An ES module, with each entry point by itself. */
export const ESM: string = MODULES
  .map((name) => `import * as ${name} from "@netstd/net/${name}";`).join("\n") + USE;

/** The same through the entry point that has all of them. */
export const ESM_ROOT: string = `import { ${MODULES.join(", ")} } from "@netstd/net";\n${USE}`;

/** A CommonJS module. */
export const COMMON_JS: string = MODULES
  .map((name) => `const ${name} = require("@netstd/net/${name}");`).join("\n") + USE;

/** What an application in TypeScript says: with the types of everything that it touches. */
export const TYPED = `
import { connect, createServer, NetError, type TcpServer, type TcpSocket } from "@netstd/net/tcp";
import { bind, type UdpSocket } from "@netstd/net/udp";
import { connect as connectTls, createSelfSigned, type TlsSocket } from "@netstd/net/tls";
import { HttpClient, Response, serve, type HttpServer } from "@netstd/net/http";
import { serve as serveSockets, Topics, type WebSocketConnection } from "@netstd/net/websocket";
import * as all from "@netstd/net";

const server: TcpServer = createServer((socket: TcpSocket) => {
  socket.on("data", (chunk: Uint8Array) => socket.write(chunk));
  socket.on("close", (hadError: boolean) => console.log(hadError));
});
server.on("clientError", (error, socket) => console.log(error.message, socket.remoteAddress));
const socket: TcpSocket = connect({ hostname: "127.0.0.1", port: 1 });
const code: string = new NetError("ECONNREFUSED", "x").code;
const datagrams: Promise<UdpSocket> = bind({ port: 0 });
const secure = async (): Promise<TlsSocket> =>
  connectTls("a.test:443", { ca: (await createSelfSigned(["a.test"])).cert });
const web: HttpServer = serve({ port: 0 }, async (request, info) => {
  const name: string | undefined = info.remoteAddr?.hostname;
  return new Response(\`\${name} \${await request.text()}\`);
});
const client = new HttpClient({ maxSockets: 1 });
const status: Promise<number> = client.fetch("http://a.test/").then((response) => response.status);
const topics = new Topics();
serveSockets({ port: 0 }, (connection: WebSocketConnection) => {
  connection.on("message", (message: string | Uint8Array) => topics.publish("all", message));
});
const same: typeof connect = all.tcp.connect;
export { code, datagrams, same, secure, server, socket, status, web };
`;

/** What no compiler may accept: types that are `any` would let it through. */
export const MISTYPED = `
import { connect } from "@netstd/net/tcp";
export const socket = connect({ hostname: "127.0.0.1", port: true });
`;
