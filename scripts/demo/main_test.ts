import { HttpClient } from "@netstd/net/http";
import { connect } from "@netstd/net/tcp";
import { bind } from "@netstd/net/udp";
import { connect as connectWebSocket } from "@netstd/net/websocket";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { GREETING } from "./conversation.ts";

const MAIN = decodeURIComponent(new URL("main.ts", import.meta.url).pathname);
const IN_NODE = decodeURIComponent(new URL("in_node.ts", import.meta.url).pathname);
const PACKAGE = new URL("../../npm/README.md", import.meta.url);

/** The time limit of a whole demonstration, in ms. */
const LIMIT = 60_000;

function demo(program: string, ...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(LIMIT),
  });
}

async function runOnce(program: string): Promise<string> {
  const { code, stdout, stderr } = await demo(program, "--once").output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stderr), "");
  assertEquals(code, 0);
  return decoder.decode(stdout);
}

/** Whether there is a finished npm build: it runs in `deno task test`, before these tests. */
function isBuilt(): boolean {
  try {
    return Deno.statSync(PACKAGE).isFile;
  } catch {
    return false;
  }
}

/** Reads up to a text, and gives all that was read. */
async function readUntil(stream: ReadableStream<Uint8Array>, end: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream.values({ preventCancel: true })) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(end)) return text;
  }
  throw new Error(`The demonstration ended before it printed "${end}": ${text}`);
}

/** Says it, ends its side at once, and gives what the server had to say to the end. */
async function talk(target: number | string, words: string): Promise<string> {
  const socket = connect(target);
  socket.end(words);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of socket) text += decoder.decode(chunk, { stream: true });
  await socket.closed;
  return text;
}

/** Sends a datagram, and gives the one that comes back. */
async function echo(port: number, words: string): Promise<string> {
  await using socket = await bind({ hostname: "127.0.0.1" });
  await socket.connect({ hostname: "127.0.0.1", port });
  await socket.send(words);
  return new TextDecoder().decode((await socket.read()).data);
}

/** Posts to each site that the hints name, trusting the certificate that they name. */
async function talkToSites(output: string): Promise<string[]> {
  const answers: string[] = [];
  for (const [, ca, url] of output.matchAll(/curl (?:--cacert (\S+) )?-d \S+ \S+ (\S+)/g)) {
    await using client = new HttpClient(ca ? { ca: await Deno.readTextFile(ca) } : {});
    const response = await client.fetch(url ?? "", { method: "POST", body: "hi" });
    answers.push(`${url?.split(":")[0]} ${await response.text()}`);
  }
  return answers;
}

/** Says something and good bye to each WebSocket server that the hints name. */
async function talkByWebSockets(output: string): Promise<string[]> {
  const answers: string[] = [];
  for (const [, ca, url] of output.matchAll(/npx wscat (?:--ca (\S+) )?-c (\S+)/g)) {
    const client = ca ? { ca: await Deno.readTextFile(ca) } : {};
    const connection = connectWebSocket(url ?? "", { client });
    connection.send("hi");
    connection.send("bye");
    const messages: string[] = [];
    for await (const message of connection) messages.push(String(message));
    answers.push(`${url?.split(":")[0]} ${messages.join("; ")}`);
  }
  return answers;
}

/** The title of the page that the output names. */
async function pageTitle(output: string): Promise<string> {
  const [, url] = output.match(/in several tabs: (\S+)/) ?? [];
  await using client = new HttpClient();
  const html = await (await client.fetch(url ?? "")).text();
  return html.match(/<title>(.*)<\/title>/)?.[1] ?? "";
}

Deno.test("the demonstration runs once and finds everything as expected", async () => {
  const output = await runOnce(MAIN);
  assertMatch(output, /^@netstd\/net in Deno /);
  assertMatch(output, /\n(\d+) of \1 as expected\n$/);
});

Deno.test({
  name: "the demonstration runs in Node on the npm build, where there is one",
  ignore: !isBuilt(),
  fn: async () => {
    const output = await runOnce(IN_NODE);
    assertMatch(output, /^@netstd\/net in Node /);
    assertMatch(output, /\n(\d+) of \1 as expected\n$/);
  },
});

Deno.test("the demonstration stays up for others, and goes with Ctrl-C", async () => {
  const child = demo(MAIN).spawn();
  const output = await readUntil(child.stdout, "Ctrl-C");
  const ports = [...output.matchAll(/nc 127\.0\.0\.1 (\d+)/g)].map(([, port]) => Number(port));
  const paths = [...output.matchAll(/nc -U (\S+)/g)].map(([, path]) => path ?? "");
  assertEquals([ports.length, paths.length], [2, 2]);
  for (const target of [...ports, ...paths]) {
    const answer = `${GREETING}\nYou said: hi\n`;
    assertEquals(await talk(target, "hi\n"), answer);
    assertEquals(await talk(target, "hi\nbye\nunheard\n"), `${answer}Good bye\n`);
  }
  const echoes = [...output.matchAll(/nc -u 127\.0\.0\.1 (\d+)/g)].map(([, port]) => Number(port));
  assertEquals(echoes.length, 2);
  for (const port of echoes) assertEquals(await echo(port, "hi\n"), "hi\n");
  const sites = ["http", "http", "https", "https"];
  assertEquals(await talkToSites(output), sites.map((name) => `${name} You said: hi`));
  const talks = ["ws", "ws", "wss", "wss"];
  const said = `${GREETING}; You said: hi; Good bye`;
  assertEquals(await talkByWebSockets(output), talks.map((name) => `${name} ${said}`));
  assertMatch(await pageTitle(output), /chat, counters, latency/);
  // One who stays does not keep the demonstration from ending.
  const guest = connect(ports[0] ?? 0);
  assert(await guest.read() !== null);
  child.kill("SIGINT");
  const { code } = await child.output();
  assertEquals(code, 0);
  await guest.close().catch(() => {});
  for (const path of paths) {
    await assertRejects(() => Deno.lstat(path.replace(/\/[^/]*$/, "")), Deno.errors.NotFound);
  }
});

Deno.test("the demonstration refuses what it does not know", async () => {
  const { code, stderr } = await demo(MAIN, "--twice").output();
  assertEquals(code, 2);
  assertMatch(new TextDecoder().decode(stderr), /'--twice'.*\nUsage: /s);
});
