import { assertEquals, assertThrows } from "@std/assert";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { NetError } from "../_core/errors.ts";
import { checkIdentity, readAuthorities } from "./node_tls_check.ts";

Deno.test("checkIdentity() throws ERR_TLS_INVALID_KEY unless key and certificate belong together", async () => {
  const { server, other } = await testCertificates();
  checkIdentity(server);
  const wrong = [{ key: other.key, cert: server.cert }, { key: "x", cert: server.cert }];
  for (const pair of [...wrong, { key: server.key, cert: "x" }]) {
    assertEquals(assertThrows(() => checkIdentity(pair), NetError).code, "ERR_TLS_INVALID_KEY");
  }
});

Deno.test("readAuthorities() reads every certificate of a text, and refuses others", async () => {
  const { authority, stranger } = await testCertificates();
  assertEquals(readAuthorities([authority.cert + stranger.cert, authority.cert]).length, 3);
  for (const text of ["", "garbage", authority.cert.replace(/M/, "A")]) {
    const error = assertThrows(() => readAuthorities([text]), NetError);
    assertEquals(error.code, "ERR_TLS_INVALID_CA");
  }
});
