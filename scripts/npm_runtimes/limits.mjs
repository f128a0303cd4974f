/**
 * What the library cannot mend in Bun, each as a small program against the runtime alone. Prints a
 * JSON object: true where the limit shows, false where it does not, null where it cannot be tried.
 * `main.ts` holds that Bun has them all and Node none, so that none is claimed for longer than it
 * is there.
 */

import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { Duplex } from "node:stream";
import { setTimeout } from "node:timers/promises";
import * as tls from "node:tls";

// The certificate alone is the library's. Not by name: who checks types has no build yet.
const BUILD = new URL("../../npm/esm/tls/mod.js", import.meta.url);
const { createSelfSigned } = await import(BUILD.href);

const LOCAL = "127.0.0.1";

/** Runs a script in a process of its own, behind other words of a command; gives what it printed. */
function runApart(script, ...command) {
  const [program, ...args] = [...command, process.execPath, "-e", script];
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8", timeout: 10_000 });
  return status === 0 ? stdout.trim() : null;
}

/** A connection that the system has no route for fails as one that was refused. */
function connectErrors() {
  const script = `require("node:net").connect(80, "192.0.2.1")
    .on("error", ({ code }) => { console.log(code); process.exit(); })`;
  const code = runApart(script, "unshare", "-n");
  return code === null ? null : code !== "ENETUNREACH";
}

/** The queue of connections that nobody has accepted is of any length. */
async function backlog() {
  const server = createServer().listen({ port: 0, host: LOCAL, backlog: 1 });
  await once(server, "listening");
  // This process accepts nothing while the other one runs.
  const connected = runApart(`let connected = 0;
    for (let count = 0; count < 6; count++) {
      require("node:net").connect(${server.address().port}, "${LOCAL}", () => connected++);
    }
    setTimeout(() => { console.log(connected); process.exit(); }, 500);`);
  server.close();
  return Number(connected) > 2;
}

/** A chunk that was read is larger than 64 KiB, and comes even after `pause()`. */
async function chunks() {
  const server = createServer((socket) => socket.end(new Uint8Array(4 * 1024 * 1024)));
  await once(server.listen(0, LOCAL), "listening");
  const socket = connect(server.address().port, LOCAL);
  let largest = 0;
  socket.on("data", ({ length }) => largest = Math.max(largest, length));
  await once(socket, "end");
  server.close();
  return largest > 64 * 1024;
}

/** A server that has no descriptor for a client tries it again and again, at the full of a core. */
function descriptors() {
  const script = `const fs = require("node:fs"), net = require("node:net");
    const server = net.createServer().listen(0, "${LOCAL}", async () => {
      const held = [];
      try { for (;;) held.push(fs.openSync("/dev/null", "r")); } catch {}
      fs.closeSync(held.pop());
      net.connect(server.address().port, "${LOCAL}").on("error", () => {});
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const { user, system } = process.cpuUsage(before);
      console.log((user + system) / 1000);
      process.exit();
    });`;
  const used = runApart(script, "sh", "-c", 'ulimit -n 64; exec "$@"', "sh");
  return used === null ? null : Number(used) > 400;
}

/** Datagrams to a group cannot be held back from the network by a TTL of 0. */
async function multicastTTL() {
  const socket = createSocket("udp4").bind(0, LOCAL);
  await once(socket, "listening");
  try {
    socket.setMulticastTTL(0);
    return false;
  } catch {
    return true;
  } finally {
    socket.close();
  }
}

/** Two streams that are no sockets, each the other's peer. */
function duplexPair() {
  const make = (peer) =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        peer().push(chunk);
        setImmediate(done);
      },
      final(done) {
        peer().push(null);
        done();
      },
    });
  const a = make(() => b);
  const b = make(() => a);
  return [a, b];
}

/** A session on such streams, and the names that its server was asked for a certificate for. */
async function sessionOnDuplex() {
  const { key, cert } = await createSelfSigned(["localhost"]);
  const [below, peerBelow] = duplexPair();
  const asked = [];
  const server = new tls.TLSSocket(peerBelow, {
    isServer: true,
    key,
    cert,
    SNICallback(name, answer) {
      asked.push(name);
      answer(null, null);
    },
  });
  const options = { socket: below, servername: "localhost", rejectUnauthorized: false };
  const client = tls.connect(options);
  for (const socket of [client, server]) socket.on("error", () => {});
  await once(client, "secureConnect");
  return { client, server, asked };
}

/** A TLS session over a stream that is no socket ends as a whole when one side does. */
async function halfCloseOnDuplex() {
  const { client, server } = await sessionOnDuplex();
  let came = false;
  client.on("data", () => came = true);
  client.end();
  await once(server.resume(), "end");
  server.write("late");
  await setTimeout(100);
  return !came;
}

/** A TLS server over a stream that is no socket does not ask which certificate to show. */
async function namesOnDuplex() {
  const { client, server, asked } = await sessionOnDuplex();
  client.destroy();
  server.destroy();
  return asked.length === 0;
}

/** A file in a form that was read has the type of its name, not its own. */
async function fileTypes() {
  const form = new FormData();
  form.append("file", new File(["content"], "data.bin", { type: "application/x-data" }));
  const read = await new Response(form).formData();
  return read.get("file").type !== "application/x-data";
}

/** A copy of a request has forgotten its type, as far as `blob()` tells. */
async function cloneTypes() {
  const headers = { "content-type": "a/b" };
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("content"));
      controller.close();
    },
  });
  const request = new Request("http://a.test/", { method: "POST", headers, body, duplex: "half" });
  return (await request.clone().blob()).type !== "a/b";
}

/** A response does not tell that it is of text, so it is sent without a type. */
function textTypes() {
  return !new Response("text").headers.has("content-type");
}

const LIMITS = {
  connectErrors,
  backlog,
  chunks,
  descriptors,
  multicastTTL,
  halfCloseOnDuplex,
  namesOnDuplex,
  fileTypes,
  cloneTypes,
  textTypes,
};

const found = {};
for (const [name, shows] of Object.entries(LIMITS)) found[name] = await shows();
console.log(JSON.stringify(found));
process.exit();
