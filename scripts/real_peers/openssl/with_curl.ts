/** curl as the client of our server. Runs in Deno and in Node. @module */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import type { TlsServerOptions, TlsSocket } from "@netstd/net/tls";
import type { Case } from "./cases.ts";
import type { CertificateName, Place } from "./place.ts";
import { run } from "./program.ts";
import { refusal, serve } from "./serving.ts";

const MIB = 1 << 20;

/** What curl ends with (its manual, "EXIT CODES"). */
const HANDSHAKE_FAILED = 35;
const EMPTY_ANSWER = 52;
const SENDING_FAILED = 55;
const RECEIVING_FAILED = 56;
const NOT_TRUSTED = 60;

function curl(
  place: Place,
  port: number,
  ...args: string[]
): Promise<{ code: number | null; output: string }> {
  const quiet = ["--silent", "--show-error", "--no-progress-meter", "--max-time", "15"];
  const host = ["--resolve", `localhost:${port}:127.0.0.1`, `https://localhost:${port}/`];
  const trust = ["--cacert", place.file("authority.pem")];
  return run("curl", [...quiet, ...host, ...trust, ...args]);
}

/** As much of HTTP/1.0 as curl needs: one request, one answer, the end of the connection. */
function answer(socket: TlsSocket): void {
  let head = "";
  let wanted: number | null = null;
  const body: Uint8Array[] = [];
  socket.on("data", (chunk) => {
    if (wanted !== null) body.push(chunk);
    else {
      // A TextDecoder would take "latin1" for windows-1252, and content may stand in this chunk.
      head += Buffer.from(chunk).toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      wanted = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      body.push(Buffer.from(head.slice(end + 4), "latin1"));
    }
    const got = Buffer.concat(body);
    if (got.length < wanted) return;
    socket.write("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    socket.write(`${socket.alpnProtocol} ${socket.peerCertificate?.subject.CN}\n`);
    socket.end(got);
  });
}

async function asked(place: Place, options: TlsServerOptions, ...args: string[]): Promise<string> {
  await using server = await serve(options, answer);
  const { code, output } = await curl(place, server.port, ...args);
  assert.equal(code, 0, output);
  return output;
}

const versions: Case[] = ["1.2", "1.3"].map((version) => ({
  name: `curl asks by TLS ${version}`,
  async run(place) {
    const options = { ...place.certificate("server"), alpnProtocols: ["http/1.1"] };
    const limits = [`--tlsv${version}`, "--tls-max", version];
    assert.equal(await asked(place, options, ...limits), "http/1.1 undefined\n");
  },
}));

const bulk: Case = {
  name: "curl sends 8 MiB and gets them back",
  async run(place) {
    const bytes = new Uint8Array(8 * MIB).map((_, i) => (i * 11) ^ (i >> 9));
    const [up, down] = [place.file("up"), place.file("down")];
    await writeFile(up, bytes);
    const sending = ["--http1.0", "--header", "Expect:", "--data-binary", `@${up}`];
    await asked(place, place.certificate("server"), ...sending, "--output", down);
    const got = await readFile(down);
    assert.equal(Buffer.compare(got.subarray(got.indexOf("\n") + 1), bytes), 0);
  },
};

const trust = (["expired", "other", "self"] satisfies CertificateName[]).map((name): Case => ({
  name: `curl does not trust a certificate: ${name}`,
  async run(place) {
    await using server = await serve(place.certificate(name), answer);
    const error = name === "other" ? null : refusal(server);
    assert.equal((await curl(place, server.port)).code, NOT_TRUSTED);
    if (error !== null) assert.equal((await error).code, "ERR_TLS_ALERT");
  },
}));

const mutual: Case = {
  name: "curl shows a certificate, another one or none",
  async run(place) {
    const server = { ...place.certificate("server"), ca: place.ca, requestCert: true };
    const shows = (name: CertificateName) => {
      return ["--cert", place.file(`${name}.pem`), "--key", place.file(`${name}.key`)];
    };
    assert.equal(await asked(place, server, ...shows("client")), "null client1\n");
    await using refusing = await serve(server, answer);
    for (const args of [[], shows("stranger")]) {
      const error = refusal(refusing);
      const { code } = await curl(place, refusing.port, ...args);
      // By TLS 1.3 it has sent its request by then.
      const known = [HANDSHAKE_FAILED, EMPTY_ANSWER, SENDING_FAILED, RECEIVING_FAILED];
      assert(known.includes(code!), `curl ended with ${code}`);
      assert.match((await error).code, /^ERR_TLS_/);
    }
  },
};

const plain: Case = {
  name: "curl without TLS is told apart",
  async run(place) {
    await using server = await serve(place.certificate("server"), answer);
    const error = refusal(server);
    const { code } = await run("curl", ["--silent", `http://127.0.0.1:${server.port}/`]);
    assert.notEqual(code, 0);
    assert.equal((await error).code, "ERR_TLS_NOT_TLS");
  },
};

/** See the module's text. */
export const withCurl: readonly Case[] = [...versions, bulk, ...trust, mutual, plain];
