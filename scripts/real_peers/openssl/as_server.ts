/** `openssl s_client` as the client of our server. Runs in Deno and in Node. @module */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createServer } from "@netstd/net/tcp";
import { startTls, type TlsServerOptions } from "@netstd/net/tls";
import type { Case } from "./cases.ts";
import type { CertificateName, Place } from "./place.ts";
import { Program, run } from "./program.ts";
import { refusal, serve, session } from "./serving.ts";

const inDeno = process.versions["deno"] !== undefined;

const VERSIONS = [["TLSv1.2", "-tls1_2"], ["TLSv1.3", "-tls1_3"]] as const;

function sClient(place: Place, port: number, ...args: string[]): Program {
  const trust = ["-CAfile", place.file("authority.pem"), "-verify_return_error"];
  return new Program("openssl", [
    "s_client",
    "-connect",
    `127.0.0.1:${port}`,
    ...trust,
    // What it prints of a session gets between the lines of the peer otherwise.
    "-quiet",
    "-no_ign_eof",
    ...args,
  ]);
}

/** What the server introduces the session with; then an echo, and the end of both sides. */
async function introduction(place: Place, port: number, ...args: string[]): Promise<string> {
  await using client = sClient(place, port, ...args);
  const [, line] = await client.said(/^(\S+ \S+ TLSv1.\d \S+ (?:true|false))$/m);
  client.tell("there and back\n");
  await client.said(/there and back/);
  client.end();
  assert.equal(await client.ended, 0);
  return line!;
}

/** The server refuses a client, which learns why, and serves the next one. */
async function refused(
  place: Place,
  options: TlsServerOptions,
  args: { bad: string[]; good: string[] },
  expected: { code: RegExp; said: RegExp },
): Promise<void> {
  await using server = await serve(options);
  const error = refusal(server);
  await using client = sClient(place, server.port, ...args.bad);
  await client.said(expected.said);
  assert.match((await error).code, expected.code);
  await introduction(place, server.port, ...args.good);
}

const plain: Case[] = VERSIONS.map(([version, flag]) => ({
  name: `s_client speaks ${version} and ends properly`,
  async run(place) {
    await using server = await serve({
      ...place.certificate("server"),
      alpnProtocols: ["h2", "http/1.1"],
    });
    const next = session(server);
    const names = ["-servername", "localhost", "-verify_hostname", "localhost"];
    const args = [...names, flag, "-alpn", "foo,http/1.1"];
    const line = await introduction(place, server.port, ...args);
    assert.equal(line, `localhost http/1.1 ${version} nobody false`);
    const socket = await next;
    await socket.closed;
    assert.equal(socket.closedCleanly, inDeno ? true : undefined);
  },
}));

const names: Case[] = [{
  name: "s_client gets the certificate of the name that it asks for",
  async run(place) {
    const table = {
      "other.test": place.certificate("other"),
      "*.wild.test": place.certificate("server"),
    };
    const inTime = (name: string) => name === "slow.test" ? place.certificate("other") : undefined;
    const byFunction = async (name: string) => {
      await readFile(place.file("other.pem"));
      return inTime(name);
    };
    const tries: [TlsServerOptions["sni"], string, string][] = [
      [table, "other.test", "other.test"],
      [table, "a.wild.test", "localhost"],
      [table, "elsewhere.test", "localhost"],
      [byFunction, "slow.test", "other.test"],
      [byFunction, "elsewhere.test", "localhost"],
    ];
    for (const [sni, asked, given] of tries) {
      await using server = await serve({ ...place.certificate("server"), sni: sni! });
      await using client = sClient(place, server.port, "-servername", asked);
      await client.said(new RegExp(`^depth=0 CN = ${given}$`, "m"));
      await client.said(new RegExp(`^${asked} `, "m"));
    }
  },
}, {
  name: "s_client gets the certificate that was swapped in",
  async run(place) {
    await using server = await serve(place.certificate("server"));
    server.setSecureContext(place.certificate("other"));
    await using client = sClient(place, server.port);
    await client.said(/^depth=0 CN = other.test$/m);
  },
}];

const mutual: Case[] = VERSIONS.flatMap(([version, flag]) => {
  const asking = (place: Place) => ({
    ...place.certificate("server"),
    ca: place.ca,
    requestCert: true,
  });
  const refuses = (name: CertificateName | null): Case => ({
    name: `s_client with ${name ?? "no certificate"} is refused by ${version}`,
    async run(place) {
      const bad = [flag, ...name === null ? [] : place.pair(name)];
      const good = [flag, ...place.pair("client")];
      const said = /alert|error:|errno=|unexpected eof/i;
      await refused(place, asking(place), { bad, good }, { code: /^ERR_TLS_/, said });
    },
  });
  return [
    {
      name: `s_client with a certificate is known by ${version}`,
      async run(place) {
        await using server = await serve(asking(place));
        const line = await introduction(place, server.port, flag, ...place.pair("client"));
        assert.match(line, / client1 true$/);
      },
    },
    refuses(null),
    refuses("stranger"),
    {
      name: `s_client with any certificate or none is served by ${version} where that is optional`,
      async run(place) {
        await using server = await serve({ ...asking(place), rejectUnauthorized: false });
        const lines = [];
        for (const pair of [place.pair("client"), place.pair("stranger"), []]) {
          const line = await introduction(place, server.port, flag, ...pair);
          lines.push(line.split(" ").slice(3).join(" "));
        }
        assert.deepEqual(lines, ["client1 true", "stranger false", "nobody false"]);
      },
    },
  ];
});

const refusals: Case[] = [
  {
    name: "s_client without a protocol in common is told no_application_protocol",
    run(place) {
      const options = { ...place.certificate("server"), alpnProtocols: ["h2"] };
      const args = { bad: ["-alpn", "foo"], good: ["-alpn", "h2"] };
      const expected = { code: /^ERR_TLS_ALPN$/, said: /alert no application protocol/ };
      return refused(place, options, args, expected);
    },
  },
  {
    name: "s_client that is too old is told protocol_version",
    run(place) {
      const options: TlsServerOptions = { ...place.certificate("server"), minVersion: "TLSv1.3" };
      const args = { bad: ["-tls1_2"], good: ["-tls1_3"] };
      const expected = { code: /^ERR_TLS_PROTOCOL_VERSION$/, said: /alert protocol version/ };
      return refused(place, options, args, expected);
    },
  },
  ...VERSIONS.flatMap(([version, flag]): Case[] => {
    const rejects = (name: CertificateName, said: RegExp, ...check: string[]): Case => ({
      name: `s_client refuses a certificate by ${version}: ${name}`,
      async run(place) {
        await using server = await serve(place.certificate(name));
        const error = refusal(server);
        await using client = sClient(place, server.port, flag, ...check);
        await client.said(said);
        assert.match((await error).code, /^ERR_TLS_ALERT$/);
      },
    });
    return [
      rejects("expired", /certificate has expired/),
      rejects("other", /hostname mismatch/, "-verify_hostname", "localhost"),
      rejects("self", /self-signed certificate/),
    ];
  }),
];

const ends: Case[] = [{
  name: "s_client that is killed has not ended cleanly",
  async run(place) {
    await using server = await serve(place.certificate("server"));
    // The end of its input may come before the signal, and would have it end properly.
    const next = session(server);
    await using client = sClient(place, server.port, "-ign_eof");
    await client.said(/ false$/m);
    client.kill();
    const socket = await next;
    await socket.closed.catch((error) => assert.equal(error.code, "ECONNRESET"));
    assert.notEqual(socket.closedCleanly, true);
  },
}, {
  name: "s_client that is killed is ERR_TLS_TRUNCATED to strictClose",
  async run(place) {
    const version: TlsServerOptions = inDeno ? {} : { maxVersion: "TLSv1.2" };
    await using server = await serve({
      ...place.certificate("server"),
      ...version,
      strictClose: true,
    });
    const next = session(server);
    await using client = sClient(place, server.port, "-ign_eof");
    await client.said(/ false$/m);
    client.kill();
    await assert.rejects((await next).closed, ({ code }: { code: string }) => {
      return code === "ERR_TLS_TRUNCATED" || code === "ECONNRESET";
    });
  },
}];

/** As much of SMTP as s_client asks for (RFC 3207). */
const smtp: Case = {
  name: "s_client starts TLS in a conversation of SMTP",
  async run(place) {
    const security = { isServer: true, ...place.certificate("server") } as const;
    await using server = createServer(async (socket) => {
      socket.write("220 Good day\r\n");
      await socket.read(); // EHLO
      socket.write("250-Hello\r\n250 STARTTLS\r\n");
      await socket.read(); // STARTTLS
      socket.write("220 Go ahead\r\n");
      const secured = startTls(socket, security);
      secured.write("in private\n");
      secured.resume();
    });
    await server.listen({ port: 0, hostname: "127.0.0.1" });
    const { address } = server;
    assert(address?.transport === "tcp");
    await using client = sClient(place, address.port, "-starttls", "smtp");
    await client.said(/in private/);
    client.end();
    assert.equal(await client.ended, 0);
  },
};

/** Keys as openssl writes them, of every kind that is in use. */
const KINDS: Readonly<Record<string, string[]>> = {
  "RSA 2048": ["rsa:2048"],
  "P-384": ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
  Ed25519: ["ed25519"],
};

const keys: Case[] = Object.entries(KINDS).map(([kind, algorithm]) => ({
  name: `s_client speaks to a server with openssl's own key: ${kind}`,
  async run(place) {
    const [key, cert] = [place.file("kind.key"), place.file("kind.pem")];
    const files = ["-nodes", "-keyout", key, "-out", cert];
    const subject = ["-subj", "/CN=kind.test", "-addext", "subjectAltName=DNS:kind.test"];
    const args = ["req", "-x509", "-newkey", ...algorithm, ...files, ...subject];
    assert.equal((await run("openssl", args)).code, 0);
    await using server = await serve({ key: await readFile(key), cert: await readFile(cert) });
    const line = await introduction(place, server.port, "-CAfile", cert);
    assert.match(line, / TLSv1.3 nobody false$/);
  },
}));

const records: Case[] = [{
  name: "s_client asks for new keys in the middle of a session",
  async run(place) {
    await using server = await serve(place.certificate("server"));
    await using client = sClient(place, server.port, "-tls1_3");
    await client.said(/ false$/m);
    for (let i = 1; i <= 3; i++) {
      // Asks our side for new keys, too.
      client.tell("K\n");
      await client.said(new RegExp(`(KEYUPDATE[^]*){${i}}`));
      client.tell(`line ${i}\n`);
      await client.said(new RegExp(`^line ${i}$`, "m"));
    }
  },
}, {
  name: "s_client connects again with the session that it had",
  async run(place) {
    await using server = await serve(place.certificate("server"), (socket) => socket.resume());
    const to = ["-connect", `127.0.0.1:${server.port}`, "-tls1_2", "-reconnect"];
    await using client = new Program("openssl", ["s_client", ...to]);
    await client.said(/(^(New|Reused), TLSv1.2, [^]*){6}/m);
  },
}];

/** See the module's text. */
export const asServer: readonly Case[] = [
  ...plain,
  ...names,
  ...mutual,
  ...refusals,
  ...ends,
  smtp,
  ...keys,
  ...records,
];
