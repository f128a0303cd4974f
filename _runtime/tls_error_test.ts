import { assertEquals, assertStrictEquals } from "@std/assert";
import { certificateError, mapTlsError } from "./tls_error.ts";

const attempt = { syscall: "connect", address: "127.0.0.1", port: 443 };

function failure(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

Deno.test("mapTlsError() gives one code for what each engine says", () => {
  const table: Record<string, Error[]> = {
    ERR_TLS_CERT_UNTRUSTED: [
      failure("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
      failure("unable to verify", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
      failure("invalid peer certificate: UnknownIssuer"),
    ],
    ERR_TLS_CERT_EXPIRED: [
      failure("certificate has expired", "CERT_HAS_EXPIRED"),
      failure("invalid peer certificate: certificate expired: verification time 1"),
    ],
    ERR_TLS_CERT_ALTNAME_INVALID: [
      failure("Host", "ERR_TLS_CERT_ALTNAME_INVALID"),
      failure("invalid peer certificate: certificate not valid for name"),
    ],
    ERR_TLS_PROTOCOL_VERSION: [
      failure("alert", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"),
      failure("received fatal alert: ProtocolVersion"),
      failure("unsupported protocol", "ERR_SSL_UNSUPPORTED_PROTOCOL"),
    ],
    ERR_TLS_NOT_TLS: [
      failure("wrong version number", "ERR_SSL_WRONG_VERSION_NUMBER"),
      failure("http request", "ERR_SSL_HTTP_REQUEST"),
      failure("received corrupt message of type InvalidContentType"),
      failure("message of type InvalidContentType", "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"),
    ],
    ERR_TLS_ALPN: [
      failure("alert", "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL"),
      failure("received fatal alert: NoApplicationProtocol"),
    ],
    ERR_TLS_ALERT: [
      failure("alert", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"),
      failure("ssl/tls alert", "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE"),
      failure("received fatal alert: CertificateExpired"),
      failure("bad record mac", "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC"),
    ],
    ECONNRESET: [failure("read ECONNRESET", "ECONNRESET")],
  };
  for (const [code, errors] of Object.entries(table)) {
    for (const cause of errors) {
      const mapped = mapTlsError(cause, attempt);
      assertEquals(mapped.code, code, cause.message);
      assertStrictEquals(mapped.cause, cause);
      assertEquals([mapped.address, mapped.port], ["127.0.0.1", 443]);
    }
  }
});

Deno.test("certificateError() is about the certificate whatever the engine says", () => {
  assertEquals(certificateError("CERT_HAS_EXPIRED", attempt).code, "ERR_TLS_CERT_EXPIRED");
  assertEquals(certificateError("SOMETHING_NEW", attempt).code, "ERR_TLS_CERT_UNTRUSTED");
});
