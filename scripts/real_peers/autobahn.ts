/**
 * The published case list of Autobahn|Testsuite (groups 1 to 7, 9, 10, 12, 13), put into code anew,
 * since the program itself needs Python 2: a fuzzing client against our server and a fuzzing server
 * against our client, each in Deno and in Node. `deno task test:autobahn`, with `--full` for 1,000
 * messages in each case of groups 12 and 13, where it sends 1 MiB otherwise, and with the beginning
 * of numbers (`5 7.9`) for some cases only. The last line is `N passed, N failed`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Child } from "../bench/child.ts";
import type { Case } from "./autobahn/case.ts";
import { Codecs } from "./autobahn/codecs.ts";
import { FRAMING_CASES } from "./autobahn/framing_cases.ts";
import { Peer } from "./autobahn/peer.ts";
import { sizeCases } from "./autobahn/size_cases.ts";
import { TEXT_CASES } from "./autobahn/text_cases.ts";
import { programPath, type Runtime, runtimes, Tally } from "./runtimes.ts";

/** Time in ms for one case: those of groups 12 and 13 are large when run in full. */
const LONGEST = 60_000;
const LONGEST_FULL = 480_000;

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

interface Head {
  readonly text: string;
  readonly rest: Uint8Array;
}

/** Reads up to the empty line. */
function readHead(socket: Socket): Promise<Head> {
  return new Promise((resolve, reject) => {
    let all = Buffer.alloc(0);
    const onData = (chunk: Uint8Array) => {
      all = Buffer.concat([all, chunk]);
      const end = all.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", onData);
      socket.pause();
      resolve({
        text: all.toString("latin1", 0, end),
        rest: new Uint8Array(all.subarray(end + 4)),
      });
    };
    socket.on("data", onData);
    socket.once("error", reject);
    socket.once("end", () => reject(new Error("Got the end instead of a handshake")));
  });
}

function fieldOf(head: string, name: string): string | null {
  return new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim() ?? null;
}

async function asClient(port: number, given: Case): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.setNoDelay(true);
  const offer = given.offer === undefined ? "" : `Sec-WebSocket-Extensions: ${given.offer}\r\n`;
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n${offer}\r\n`,
  );
  const { text, rest } = await readHead(socket);
  if (!text.startsWith("HTTP/1.1 101 ")) throw new Error(`Got the answer ${text}`);
  const extensions = fieldOf(text, "sec-websocket-extensions");
  await play(socket, "client", given, extensions, rest);
}

async function play(
  socket: Socket,
  role: "client" | "server",
  given: Case,
  extensions: string | null,
  rest: Uint8Array,
): Promise<void> {
  const codecs = extensions === null ? null : new Codecs(extensions, role);
  const peer = new Peer(socket, role, codecs, rest);
  socket.resume();
  try {
    await given.run(peer);
  } finally {
    peer.leave();
    codecs?.close();
  }
}

/** Answers one connection, and plays the case on it. */
async function answer(socket: Socket, given: Case): Promise<void> {
  socket.setNoDelay(true);
  const { text, rest } = await readHead(socket);
  const accept = createHash("sha1").update(fieldOf(text, "sec-websocket-key") + GUID)
    .digest("base64");
  const offers = fieldOf(text, "sec-websocket-extensions")?.split(",") ?? [];
  const extensions = given.answer?.(offers) ?? null;
  const field = extensions === null ? "" : `Sec-WebSocket-Extensions: ${extensions}\r\n`;
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n${field}\r\n`,
  );
  await play(socket, "server", given, extensions, rest);
}

function listen(onSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, onSocket);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

async function asServer(child: Child, given: Case): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = await listen((socket) => answer(socket, given).then(resolve, reject));
  const { port } = server.address() as AddressInfo;
  const ended = child.ask("echo", { url: `ws://127.0.0.1:${port}/` });
  try {
    await promise;
  } finally {
    // Whatever the case came to, the client's answer is not the next one's.
    await ended;
    server.close();
  }
}

async function fuzz(runtime: Runtime, cases: readonly Case[], tally: Tally, longest: number) {
  const { name, command, module } = runtime;
  const program = [...command, programPath("websocket.mjs"), module("websocket")];
  for (const side of ["server", "client"] as const) {
    await using child = new Child(program);
    const { port } = await child.next<{ port: number }>();
    const before = tally.failed;
    for (const given of cases) {
      const body = () => side === "server" ? asClient(port, given) : asServer(child, given);
      await tally.run(`${name} ${side} ${given.id}`, body, longest);
    }
    console.log(`${name} ${side}: ${cases.length - (tally.failed - before)} of ${cases.length}`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const full = args.includes("--full");
  const wanted = args.filter((argument) => !argument.startsWith("--"));
  const all = [...FRAMING_CASES, ...TEXT_CASES, ...sizeCases(full)];
  const cases = all.filter(({ id }) =>
    wanted.length === 0 || wanted.some((start) => `${id}.`.startsWith(`${start}.`))
  );
  const tally = new Tally();
  for (const runtime of await runtimes()) {
    await fuzz(runtime, cases, tally, full ? LONGEST_FULL : LONGEST);
  }
  return tally.end();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
