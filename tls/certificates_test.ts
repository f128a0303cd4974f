import { assert, assertEquals, assertRejects } from "@std/assert";
import { X509Certificate } from "node:crypto";
import type { NetError } from "../tcp/mod.ts";
import { createCertificateAuthority, createSelfSigned, issueCertificate } from "./mod.ts";

Deno.test("issueCertificate() gives a certificate of the authority with DNS and IP names", async () => {
  const authority = await createCertificateAuthority({ name: "Ours" });
  const names = ["localhost", "*.test", "127.0.0.1", "::1"];
  const { cert } = await issueCertificate(authority, { names, days: 30 });
  const issuer = new X509Certificate(authority.cert);
  const issued = new X509Certificate(cert);
  assert(issuer.ca && !issued.ca);
  assert(issued.verify(issuer.publicKey));
  assertEquals(issued.issuer, "CN=Ours");
  assert(issued.subjectAltName?.startsWith("DNS:localhost, DNS:*.test, IP Address:127.0.0.1"));
  const days = (Date.parse(issued.validTo) - Date.parse(issued.validFrom)) / 86_400_000;
  assertEquals(days, 30);
});

Deno.test("createSelfSigned() gives a certificate that signs itself", async () => {
  const { cert, key } = await createSelfSigned(["localhost"]);
  const own = new X509Certificate(cert);
  assert(own.verify(own.publicKey));
  assert(key.startsWith("-----BEGIN PRIVATE KEY-----\n"));
});

Deno.test("issueCertificate() rejects when names, days or the authority cannot be", async () => {
  const authority = await createCertificateAuthority();
  const codeOf = async (work: () => Promise<unknown>) => {
    const error = await assertRejects(work) as NetError;
    return error.code;
  };
  const issue = (options: Parameters<typeof issueCertificate>[1], by = authority) => () =>
    issueCertificate(by, options);
  assertEquals(await codeOf(issue({ names: [] })), "ERR_INVALID_ARG_VALUE");
  assertEquals(await codeOf(issue({ names: "localhost" as never })), "ERR_INVALID_ARG_VALUE");
  assertEquals(await codeOf(issue({ names: ["a b"] })), "ERR_INVALID_ARG_VALUE");
  assertEquals(await codeOf(issue({ names: ["a"], days: -1 })), "ERR_OUT_OF_RANGE");
  const broken = { key: "none", cert: authority.cert };
  assertEquals(await codeOf(issue({ names: ["a"] }, broken)), "ERR_TLS_INVALID_KEY");
});
