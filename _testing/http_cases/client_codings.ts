/** Content codings that HTTP clients undo (RFC 9110, section 8.4). @module */

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import {
  chunks,
  client,
  type ClientCase,
  end,
  FAILS,
  gives,
  head,
  text,
  type Wanted,
} from "./client_case.ts";

const PLAIN = "hello ".repeat(50);

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function coded(
  name: string,
  coding: string,
  bytes: string,
  wanted: Wanted | Wanted[],
  more = {},
): ClientCase {
  return client(
    `coding/${name}`,
    "9110 8.4",
    text(bytes, `Content-Encoding: ${coding}`),
    wanted,
    more,
  );
}

const GZIP = latin1(gzipSync(PLAIN));
const BROTLI = latin1(brotliCompressSync(PLAIN));

const CODINGS: ClientCase[] = [
  coded("gzip", "gzip", GZIP, gives(PLAIN)),
  coded("x-gzip", "x-gzip", GZIP, gives(PLAIN), { level: "SHOULD" }),
  coded("any-case", "GZIP", GZIP, gives(PLAIN)),
  coded("deflate", "deflate", latin1(deflateSync(PLAIN)), gives(PLAIN), { level: "SHOULD" }),
  coded("deflate-raw", "deflate", latin1(deflateRawSync(PLAIN)), [gives(PLAIN), FAILS], {
    level: "SHOULD",
    ours: 2,
  }),
  coded("br", "br", BROTLI, gives(PLAIN)),
  coded("twice", "gzip, gzip", latin1(gzipSync(gzipSync(PLAIN))), [gives(PLAIN), FAILS], {
    level: "SHOULD",
    ours: 2,
  }),
  coded("unknown", "what", "hello", gives("hello")),
  coded("identity", "identity", "hello", gives("hello")),
  coded("gzip-cut", "gzip", GZIP.slice(0, -10), FAILS),
  coded("gzip-cut-in-trailer", "gzip", GZIP.slice(0, -1), FAILS),
  coded("gzip-broken", "gzip", `${GZIP.slice(0, 15)}\xff\xff\xff${GZIP.slice(18)}`, FAILS),
  coded("gzip-bad-checksum", "gzip", `${GZIP.slice(0, -8)}\0\0\0\0${GZIP.slice(-4)}`, FAILS),
  coded("gzip-no-gzip", "gzip", "hello", FAILS),
  coded("br-cut", "br", BROTLI.slice(0, -3), FAILS),
  coded("deflate-cut", "deflate", latin1(deflateSync(PLAIN)).slice(0, -3), FAILS, {
    level: "SHOULD",
  }),
  client("coding/empty", "9110 8.4", text("", "Content-Encoding: gzip"), [gives(""), FAILS], {
    level: "SHOULD",
  }),
  client(
    "coding/head",
    "9110 8.4",
    head("HTTP/1.1 200 OK", "Content-Encoding: gzip", "Content-Length: 50"),
    gives(""),
    { call: { method: "HEAD" } },
  ),
  client("coding/204", "9110 8.4", head("HTTP/1.1 204 No", "Content-Encoding: gzip"), {
    status: 204,
    body: "",
  }),
  client(
    "coding/chunked",
    "9110 8.4",
    chunks(`${GZIP.length.toString(16)}\r\n${GZIP}\r\n0\r\n\r\n`, "Content-Encoding: gzip"),
    gives(PLAIN),
  ),
  client(
    "coding/chunked-cut",
    "9112 8",
    end(chunks(`${GZIP.length.toString(16)}\r\n${GZIP}\r\n`, "Content-Encoding: gzip")),
    FAILS,
  ),
  coded("members", "gzip", latin1(gzipSync(PLAIN)) + latin1(gzipSync("more")), [
    gives(`${PLAIN}more`),
    FAILS,
  ], { level: "SHOULD" }),
  coded("zeros-behind", "gzip", `${GZIP}${"\0".repeat(20)}`, [gives(PLAIN), FAILS]),
  coded("garbage-behind", "gzip", `${GZIP}garbage`, [FAILS, gives(PLAIN)]),
  coded("gzip-of-nothing", "gzip", latin1(gzipSync("")), gives("")),
  coded("gzip-head-alone", "gzip", GZIP.slice(0, 10), FAILS),
  coded("br-garbage", "br", "\xff\xff\xffhello", FAILS),
  coded("empty-elements", ", gzip,", GZIP, gives(PLAIN), { level: "SHOULD" }),
  coded("identity-and-gzip", "identity, gzip", GZIP, gives(PLAIN), { level: "SHOULD" }),
  coded("gzip-then-br", "gzip, br", latin1(brotliCompressSync(gzipSync(PLAIN))), [
    gives(PLAIN),
    FAILS,
  ], { level: "SHOULD" }),
  coded("too-many", "gzip, gzip, gzip, gzip, gzip, gzip", "hello", [FAILS, gives("hello")]),
  coded("unknown-over-gzip", "gzip, what", GZIP, [gives(GZIP), FAILS]),
  client(
    "coding/to-the-close",
    "9110 8.4",
    end(head("HTTP/1.1 200 OK", "Content-Encoding: gzip") + GZIP),
    gives(PLAIN, { next: "new" }),
  ),
  client(
    "coding/to-the-close-cut",
    "9110 8.4",
    end(head("HTTP/1.1 200 OK", "Content-Encoding: gzip") + GZIP.slice(0, -9)),
    FAILS,
  ),
  client(
    "coding/304",
    "9110 8.4",
    head("HTTP/1.1 304 No", "Content-Encoding: gzip", "Content-Length: 50"),
    { status: 304, body: "", next: "same" },
  ),
];

/** All cases of this file. */
export const CODED: readonly ClientCase[] = CODINGS;
