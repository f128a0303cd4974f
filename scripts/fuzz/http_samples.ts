/** Where the fuzzing of HTTP begins: the samples of the tests, and words that mean something. @module */

import { CHUNKED_REQUESTS } from "../../_testing/http_samples/chunked_requests.ts";
import { ODD_RESPONSES } from "../../_testing/http_samples/odd_responses.ts";
import { LIMITED_REQUESTS } from "../../_testing/http_samples/refused_requests.ts";
import { REQUESTS } from "../../_testing/http_samples/requests.ts";
import { RESPONSES } from "../../_testing/http_samples/responses.ts";
import { bytesOf, samplesOf } from "../../_testing/http_samples/sample.ts";

function inputsOf(...texts: readonly string[]): Uint8Array[] {
  return texts.flatMap(samplesOf)
    .map(({ input }) => bytesOf(input))
    .filter(({ length }) => length > 0 && length <= 2048);
}

/** Requests, many of them wrong. */
export const REQUEST_BYTES: readonly Uint8Array[] = inputsOf(
  REQUESTS,
  CHUNKED_REQUESTS,
  LIMITED_REQUESTS,
);

/** Responses, many of them wrong. */
export const RESPONSE_BYTES: readonly Uint8Array[] = inputsOf(RESPONSES, ODD_RESPONSES);

/** What a mutation may put in. */
export const WORDS: readonly Uint8Array[] = [
  "Transfer-Encoding: chunked",
  "transfer-encoding: gzip, chunked",
  "Transfer-Encoding:\tchunked",
  "Content-Length: 5",
  "Content-Length: 0",
  "content-length: 5, 5",
  "Content-Length: 18446744073709551617",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: upgrade",
  "Upgrade: websocket",
  "Expect: 100-continue",
  "Host: a.test",
  "Host: [::1]:80",
  "Trailer: x",
  "GET / HTTP/1.1",
  "POST /x HTTP/1.1",
  "HEAD * HTTP/1.0",
  "CONNECT a.test:443 HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "PRI * HTTP/2.0",
  "HTTP/1.1 200 OK",
  "HTTP/1.1 100 Continue",
  "HTTP/1.0 204",
  "HTTP/1.1 101 x",
  "HTTP/1.1 304 Not Modified",
  "\r\n",
  "\r\n\r\n",
  "\n",
  "\r",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  "ffffffffffffffff\r\n",
  '5;a="b\\""\r\n',
  "0\r\nX: y\r\n\r\n",
  " ",
  "\t",
  "\0",
  ":",
  "\x16\x03\x01\x02\x00",
  "x".repeat(300),
  "X-A: b\r\n".repeat(40),
].map(bytesOf);
