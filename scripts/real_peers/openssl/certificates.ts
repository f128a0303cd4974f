/** Our certificates, as openssl reads them. Runs in Deno and in Node. @module */

import assert from "node:assert/strict";
import type { Case } from "./cases.ts";
import type { CertificateName, Place } from "./place.ts";
import { run } from "./program.ts";

async function verify(place: Place, name: CertificateName, ...args: string[]): Promise<boolean> {
  const authority = name === "self" ? "self" : "authority";
  const files = ["-CAfile", place.file(`${authority}.pem`), ...args, place.file(`${name}.pem`)];
  const { code, output } = await run("openssl", ["verify", "-x509_strict", ...files]);
  assert.equal(code === 0, /: OK\s*$/.test(output), output);
  return code === 0;
}

function verifies(
  expected: boolean,
  tries: readonly (readonly [CertificateName, ...string[]])[],
): Case[] {
  return tries.map(([name, ...args]) => ({
    name: ["openssl", expected ? "verifies" : "rejects", `${name}.pem`, ...args].join(" "),
    async run(place) {
      assert.equal(await verify(place, name, ...args), expected);
    },
  }));
}

function shows(name: CertificateName, ...patterns: RegExp[]): Case {
  return {
    name: `openssl shows ${name}.pem`,
    async run(place) {
      const text = ["x509", "-noout", "-text", "-in", place.file(`${name}.pem`)];
      const { code, output } = await run("openssl", text);
      assert.equal(code, 0);
      for (const pattern of patterns) assert.match(output, pattern);
    },
  };
}

const keys: Case = {
  name: "openssl finds every key sound, and of its certificate",
  async run(place) {
    for (const name of ["authority", "server", "client", "self"]) {
      const file = place.file(`${name}.key`);
      const check = await run("openssl", ["pkey", "-check", "-pubout", "-in", file]);
      assert.equal(check.code, 0, check.output);
      const x509 = ["x509", "-noout", "-pubkey", "-in", place.file(`${name}.pem`)];
      const { output } = await run("openssl", x509);
      assert(check.output.includes(output.trim()), name);
    }
  },
};

/** See the module's text. */
export const certificates: readonly Case[] = [
  ...verifies(true, [
    ["authority"],
    ["server", "-purpose", "sslserver", "-verify_hostname", "localhost"],
    ["server", "-verify_hostname", "a.wild.test"],
    ["server", "-verify_ip", "127.0.0.1"],
    ["server", "-verify_ip", "::1"],
    ["self", "-purpose", "sslserver", "-verify_hostname", "localhost"],
    ["client", "-purpose", "sslclient"],
  ]),
  ...verifies(false, [
    ["expired"],
    ["stranger"],
    ["other", "-verify_hostname", "localhost"],
    ["server", "-verify_ip", "127.0.0.2"],
    ["server", "-purpose", "sslclient"],
    ["client", "-purpose", "sslserver"],
  ]),
  shows("authority", /CA:TRUE/, /Certificate Sign, CRL Sign/, /Version: 3/),
  shows(
    "server",
    /CA:FALSE/,
    /DNS:localhost, DNS:\*\.wild\.test, IP Address:127\.0\.0\.1, IP Address:0:0:0:0:0:0:0:1/,
    /TLS Web Server Authentication/,
  ),
  shows("client", /TLS Web Client Authentication/, /Subject: CN = client1/),
  keys,
];
