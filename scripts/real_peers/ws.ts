/**
 * Other people's WebSockets: the package `ws` and Deno's own, as clients of our server and as
 * servers of our client, ours in Deno and in Node. `deno task test:ws`; the last line is `N passed,
 * N failed`. It installs `ws` from npm, and fails where it cannot.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Child } from "../bench/child.ts";
import { installed } from "./installed.ts";
import { programPath, type Runtime, runtimes, Tally } from "./runtimes.ts";

const WS = "ws@8";

const TEXTS = ["Hello", "", "κόσμε 𝄞", "large ".repeat(50_000), "\uFEFFmark"];
const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1_000_000];
const EXPECTED = [...TEXTS, ...SIZES];

interface Talk {
  readonly protocol: string;
  readonly extensions: string;
  readonly got: readonly (string | number)[];
  readonly answered: boolean;
  readonly closed: { readonly code: number; readonly reason: string };
}

type Options = Readonly<Record<string, unknown>>;

/** How `ws` compresses, as a client or a server, and whether that comes to an agreement. */
const DEFLATES: readonly (readonly [name: string, perMessageDeflate: unknown, agreed: boolean])[] =
  [
    ["off", false, false],
    ["on", { threshold: 0 }, true],
    ["server forgets", { threshold: 0, serverNoContextTakeover: true }, true],
    ["client forgets", { threshold: 0, clientNoContextTakeover: true }, true],
    ["both forget", {
      threshold: 0,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    }, true],
    ["server's window", { threshold: 0, serverMaxWindowBits: 10 }, true],
    ["client's window", { threshold: 0, clientMaxWindowBits: 10 }, true],
    ["large messages only", { threshold: 100_000 }, true],
  ];

/** What is closed with; 1005 is none. */
const CLOSES = [[1000, ""], [3000, "Done"], [4999, "Grüße"]] as const;

function check(talk: Talk, agreed: boolean, [code, reason]: readonly [number, string]): void {
  const { protocol, extensions, got, answered, closed } = talk;
  assertEquals(got, EXPECTED);
  assertEquals(protocol, "echo");
  assertEquals(extensions.startsWith("permessage-deflate"), agreed);
  assert(answered, "the ping was not answered");
  assertEquals([closed.code, closed.reason], [code, reason]);
}

/** One run: our side in a runtime, theirs in Node. */
interface Stage {
  readonly name: string;
  readonly ours: Child;
  readonly theirs: Child;
  readonly port: number;
  readonly tally: Tally;
}

async function theirClients({ name, theirs, port, tally }: Stage): Promise<void> {
  const url = `ws://127.0.0.1:${port}/`;
  for (const [index, [kind, perMessageDeflate, agreed]] of DEFLATES.entries()) {
    const [code, reason] = CLOSES[index % CLOSES.length]!;
    await tally.run(`${name}: client of ws, compression ${kind}`, async () => {
      const options: Options = { perMessageDeflate };
      const argument = {
        url,
        protocols: ["echo"],
        options,
        texts: TEXTS,
        sizes: SIZES,
        code,
        reason,
      };
      check(await theirs.ask<Talk>("send", argument), agreed, [code, reason]);
    });
  }
  for (const [code, reason] of CLOSES) {
    await tally.run(`${name}: our server closes a client of ws by ${code}`, async () => {
      const argument = { url, text: `close ${code} ${reason}`, options: {} };
      assertEquals(await theirs.ask("ask", argument), { code, reason });
    });
  }
}

/** Has our client say everything to a server and close. */
function talk(ours: Child, url: string, code: number, reason: string): Promise<Talk> {
  const options = { protocols: ["echo"] };
  return ours.ask<Talk>("send", { url, options, texts: TEXTS, sizes: SIZES, code, reason });
}

async function theirServers({ name, ours, theirs, tally }: Stage): Promise<void> {
  for (const [index, [kind, perMessageDeflate, agreed]] of DEFLATES.entries()) {
    const [code, reason] = CLOSES[index % CLOSES.length]!;
    await tally.run(`${name}: server of ws, compression ${kind}`, async () => {
      const options: Options = { perMessageDeflate };
      const { port } = await theirs.ask<{ port: number }>("serve", { options });
      const url = `ws://127.0.0.1:${port}/`;
      check(await talk(ours, url, code, reason), agreed, [code, reason]);
    });
  }
}

/** Connects Deno's own client; gives what came and how it closed. */
async function denoClient(
  port: number,
  sends: readonly (string | number)[],
  [code, reason]: readonly [
    number,
    string,
  ],
) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, "echo");
  socket.binaryType = "arraybuffer";
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  const got: (string | number)[] = [];
  for (const item of sends) {
    socket.send(typeof item === "string" ? item : new Uint8Array(item).fill(7));
    const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
    got.push(typeof data === "string" ? data : data.byteLength);
  }
  socket.close(code, reason);
  const event = await closed;
  return { got, protocol: socket.protocol, closed: [event.code, event.reason, event.wasClean] };
}

async function denosOwn({ name, ours, port, tally }: Stage): Promise<void> {
  for (const close of CLOSES) {
    await tally.run(`${name}: Deno's own client, closed by ${close[0]}`, async () => {
      const talk = await denoClient(port, EXPECTED, close);
      assertEquals(talk, { got: EXPECTED, protocol: "echo", closed: [...close, true] });
    });
    await tally.run(`${name}: our server closes Deno's own client by ${close[0]}`, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
      socket.onopen = () => socket.send(`close ${close.join(" ")}`);
      const event = await new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
      assertEquals([event.code, event.reason, event.wasClean], [...close, true]);
    });
  }
  const { promise: listening, resolve: onListen } = Promise.withResolvers<{ port: number }>();
  await using _server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "echo" });
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  const url = `ws://127.0.0.1:${(await listening).port}/`;
  for (const [code, reason] of CLOSES) {
    await tally.run(`${name}: Deno.upgradeWebSocket, closed by ${code}`, async () => {
      check(await talk(ours, url, code, reason), false, [code, reason]);
    });
  }
}

/** At the end: everybody who is still connected hears 1001. */
async function shutsDown({ name, ours, theirs, port, tally }: Stage): Promise<void> {
  await tally.run(`${name}: shutdown() closes a client of ws by 1001`, async () => {
    const closed = theirs.ask("ask", {
      url: `ws://127.0.0.1:${port}/`,
      text: "Hello",
      options: {},
    });
    // A whole conversation of another takes longer than connecting does.
    await ours.ask("send", { url: `ws://127.0.0.1:${port}/`, texts: ["Hello"], code: 1000 });
    await ours.ask("shutdown");
    assertEquals(await closed, { code: 1001, reason: "" });
  });
}

async function play({ name, command, module }: Runtime, folder: string, tally: Tally) {
  await using ours = new Child([...command, programPath("websocket.mjs"), module("websocket")]);
  await using theirs = new Child(["node", programPath("ws_peer.mjs"), folder]);
  const { port } = await ours.next<{ port: number }>();
  await theirs.next();
  const stage = { name, ours, theirs, port, tally };
  for (const part of [theirClients, theirServers, denosOwn, shutsDown]) await part(stage);
}

async function main(): Promise<number> {
  const both = await runtimes();
  const folder = await installed([WS]);
  const tally = new Tally();
  try {
    for (const runtime of both) await play(runtime, folder, tally);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return tally.end();
}

if (import.meta.main) Deno.exit(await main());
