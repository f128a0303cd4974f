/** Our client with `openssl s_server`. Runs in Deno and in Node. @module */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { connect, type TlsConnectOptions, type TlsSocket } from "@netstd/net/tls";
import type { Case } from "./cases.ts";
import type { CertificateName, Place } from "./place.ts";
import { Program } from "./program.ts";

const inDeno = process.versions["deno"] !== undefined;

const VERSIONS = [["TLSv1.2", "-tls1_2"], ["TLSv1.3", "-tls1_3"]] as const;

/** In Deno both engines: its own knows no details. */
const ENGINES: readonly TlsConnectOptions[] = inDeno ? [{}, { details: true }] : [{}];

/** A server that sends lines back, each with its letters turned round; "CLOSE" ends it. */
async function sServer(
  place: Place,
  args: readonly string[],
  mode = "-rev",
): Promise<Program & { readonly port: number }> {
  const place0 = ["-accept", "127.0.0.1:0", "-CAfile", place.file("authority.pem"), mode];
  const server = new Program("openssl", ["s_server", ...place0, ...args], place.folder);
  const [, port] = await server.said(/ACCEPT.*:(\d+)/);
  return Object.assign(server, { port: Number(port) });
}

function to(place: Place, port: number, options: TlsConnectOptions = {}): TlsSocket {
  const socket = connect({ hostname: "127.0.0.1", port }, {
    ca: place.ca,
    servername: "localhost",
    ...options,
  });
  // The cases look at what it rejects with.
  return socket.on("error", () => {});
}

async function converse(socket: TlsSocket): Promise<void> {
  await socket.opened;
  socket.write("abc\n");
  assert.equal(new TextDecoder().decode((await socket.read())!), "cba\n");
}

async function failsWith(socket: TlsSocket, code: RegExp): Promise<void> {
  await assert.rejects(socket.opened, (error: { code: string }) => code.test(error.code));
}

/** Runs something with each of the engines. */
function each(
  name: string,
  args: (place: Place) => readonly string[],
  act: (place: Place, server: Program & { port: number }, engine: TlsConnectOptions) => unknown,
): Case[] {
  return ENGINES.map((engine) => ({
    name: `s_server ${name}${engine.details ? ", by node:tls" : ""}`,
    async run(place) {
      await using server = await sServer(place, args(place));
      await act(place, server, engine);
    },
  }));
}

const versions = VERSIONS.flatMap(([version, flag]) => [
  ...each(
    `speaks ${version} and ends properly`,
    (place) => [flag, ...place.pair("server"), "-alpn", "http/1.1,foo"],
    async (place, { port }, engine) => {
      const alpnProtocols = ["h2", "http/1.1"];
      await using socket = to(place, port, { ...engine, alpnProtocols });
      await converse(socket);
      assert.equal(socket.alpnProtocol, "http/1.1");
      assert.equal(socket.authorized, true);
      if (engine.details || !inDeno) {
        assert.equal(socket.protocol, version);
        assert.equal(socket.peerCertificate?.subject.CN, "localhost");
      }
      socket.write("CLOSE\n");
      assert.equal(await socket.read(), null);
      assert.equal(socket.closedCleanly, inDeno ? true : undefined);
    },
  ),
  ...each(
    `that is killed in ${version} has not ended cleanly`,
    (place) => [flag, ...place.pair("server")],
    async (place, server, engine) => {
      const socket = to(place, server.port, engine);
      await converse(socket);
      server.kill();
      await socket.read().catch((error) => assert.equal(error.code, "ECONNRESET"));
      assert.notEqual(socket.closedCleanly, true);
    },
  ),
]);

const names = [
  ...each(
    "is asked for the name that is given",
    (place) => [
      ...place.pair("server"),
      "-servername",
      "other.test",
      "-cert2",
      place.file("other.pem"),
      "-key2",
      place.file("other.key"),
    ],
    async (place, { port }, engine) => {
      for (const servername of ["other.test", "localhost", "a.wild.test", "127.0.0.1"]) {
        await using socket = to(place, port, { ...engine, servername });
        await converse(socket);
      }
    },
  ),
  ...each(
    "has a certificate for another name",
    (place) => place.pair("server"),
    async (place, { port }, engine) => {
      for (const servername of ["other.test", "a.b.wild.test", "wild.test", "127.0.0.2"]) {
        const socket = to(place, port, { ...engine, servername });
        await failsWith(socket, /^ERR_TLS_CERT_ALTNAME_INVALID$/);
      }
    },
  ),
];

const trust = [
  ...each(
    "of an authority that is not trusted",
    (place) => place.pair("server"),
    (place, { port }, engine) => {
      const ca = place.certificate("strangers").cert;
      return failsWith(to(place, port, { ...engine, ca }), /^ERR_TLS_CERT_UNTRUSTED$/);
    },
  ),
  ...each(
    "whose certificate has expired",
    (place) => place.pair("expired"),
    (place, { port }, engine) =>
      failsWith(to(place, port, engine), /^ERR_TLS_CERT_(EXPIRED|UNTRUSTED)$/),
  ),
  ...each(
    "with a certificate of its own making is trusted when it is in ca, or pinned",
    (place) => place.pair("self"),
    async (place, { port }, engine) => {
      const { cert } = place.certificate("self");
      await failsWith(to(place, port, engine), /^ERR_TLS_CERT_UNTRUSTED$/);
      const trusting = to(place, port, { ...engine, ca: cert });
      await converse(trusting);
      // It serves one client at a time.
      await trusting.close();
      const sum = createHash("sha256").update(new X509Certificate(cert).raw).digest("hex");
      const unverified = { ...engine, rejectUnauthorized: false };
      const pinning = to(place, port, { ...unverified, pin: sum });
      await converse(pinning);
      assert.equal(pinning.authorized, false);
      await pinning.close();
      const wrong = to(place, port, { ...unverified, pin: "0".repeat(64) });
      await failsWith(wrong, /^ERR_TLS_CERT_UNTRUSTED$/);
    },
  ),
];

/** By TLS 1.3 the client learns of it when it reads. */
async function learnsOfRefusal(socket: TlsSocket): Promise<void> {
  const use = async () => {
    await socket.opened;
    await socket.read();
  };
  await assert.rejects(use(), (error: { code: string }) => error.code === "ERR_TLS_ALERT");
  await assert.rejects(socket.closed);
}

const mutual = VERSIONS.flatMap(([version, flag]): Case[] => [{
  name: `s_server wants a certificate by ${version}`,
  async run(place) {
    const wants = ["-Verify", "1", "-verify_return_error", ...place.pair("server")];
    await using server = await sServer(place, [flag, ...wants]);
    await learnsOfRefusal(to(place, server.port));
    await learnsOfRefusal(to(place, server.port, place.certificate("stranger")));
    await using socket = to(place, server.port, place.certificate("client"));
    await converse(socket);
    await server.said(/depth=0 CN = client1/);
  },
}]);

const refusals = [
  ...each(
    "without a protocol in common",
    (place) => [...place.pair("server"), "-alpn", "foo"],
    (place, { port }, engine) =>
      failsWith(to(place, port, { ...engine, alpnProtocols: ["h2"] }), /^ERR_TLS_ALPN$/),
  ),
  {
    name: "s_server without a version in common",
    async run(place: Place) {
      await using server = await sServer(place, ["-tls1_3", ...place.pair("server")]);
      const socket = to(place, server.port, { maxVersion: "TLSv1.2" });
      await failsWith(socket, /^ERR_TLS_PROTOCOL_VERSION$/);
    },
  },
];

/** A file over the web server that is in s_server. */
const bulk: Case[] = ENGINES.map((engine) => ({
  name: `s_server sends 8 MiB${engine.details ? ", by node:tls" : ""}`,
  async run(place) {
    const bytes = new Uint8Array(8 << 20).map((_, i) => (i * 7) ^ (i >> 8));
    await writeFile(place.file("bulk"), bytes);
    const name: CertificateName = "server";
    await using server = await sServer(place, place.pair(name), "-WWW");
    await using socket = to(place, server.port, engine);
    socket.write("GET /bulk HTTP/1.0\r\n\r\n");
    const chunks: Uint8Array[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    const answer = Buffer.concat(chunks);
    const body = answer.subarray(answer.indexOf("\r\n\r\n") + 4);
    assert.equal(Buffer.compare(body, bytes), 0);
  },
}));

/** See the module's text. */
export const asClient: readonly Case[] = [
  ...versions,
  ...names,
  ...trust,
  ...mutual,
  ...refusals,
  ...bulk,
];
