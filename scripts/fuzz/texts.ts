/**
 * Fuzzes what reads short texts: addresses, beside the runtime's own judgement; field values of
 * handshakes; and what writes heads, which the reader of the other side has to read as they were
 * meant, with nothing added.
 *
 * @module
 */

import { isIPv4, isIPv6 } from "node:net";
import * as address from "../../_core/address.ts";
import { NetError } from "../../_core/errors.ts";
import { keepAliveHint } from "../../http/_engine/keep_alive.ts";
import { Fields } from "../../http/_engine/fields.ts";
import { ResponseReader } from "../../http/_engine/response_reader.ts";
import { fieldLines, requestLine, statusLine } from "../../http/_engine/head_writer.ts";
import { RequestReader } from "../../http/_engine/request_reader.ts";
import { answerOffers, readAnswer } from "../../websocket/_engine/extension.ts";
import { hasToken, readExtensions, readTokens } from "../../websocket/_engine/grammar.ts";
import { bytesOf } from "../../_testing/http_samples/sample.ts";
import { mutated } from "./mutate.ts";
import { Random } from "../random.ts";
import { rule, type Target } from "./target.ts";

function letters(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** What a call gives, or the code of what it throws, which has to be one of ours. */
function tried<T>(call: () => T): T | { readonly code: string } {
  try {
    return call();
  } catch (error) {
    if (error instanceof NetError) return { code: error.code };
    throw error;
  }
}

const ADDRESSES = [
  "127.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "1:2:3:4:5:6:7:8",
  "fe80::1%eth0",
  "::ffff:127.0.0.1",
  "1::2:3.4.5.6",
  "[::1]:80",
  "a.test:443",
  ":0",
].map(bytesOf);

/** See the module's text. */
export const addresses: Target = {
  name: "addresses",
  make: (random) =>
    mutated(ADDRESSES, [":", "::", ".", "%", "[", "]", "0", "ffff"].map(bytesOf), random),
  judge({ bytes }) {
    const text = letters(bytes);
    rule(address.isIPv4(text) === isIPv4(text), `IPv4 or not: ${JSON.stringify(text)}`);
    // What may stand in a zone is nobody's to say.
    if (!text.includes("%")) {
      rule(address.isIPv6(text) === isIPv6(text), `IPv6 or not: ${JSON.stringify(text)}`);
    }
    tried(() => address.checkHost(text));
    const { port } = address.splitHostPort(text);
    tried(() => address.checkPort(port));
  },
};

const VALUES = [
  "permessage-deflate; client_max_window_bits",
  'permessage-deflate; server_max_window_bits=10; client_no_context_takeover, x; a="b\\"c"',
  "timeout=5, max=100",
  "chat, superchat",
  "Upgrade, keep-alive",
].map(bytesOf);

const WISHES = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 12,
  clientMaxWindowBits: 15,
};

/** See the module's text. */
export const fieldValues: Target = {
  name: "field-values",
  make: (random) =>
    mutated(VALUES, [",", ";", "=", '"', "\\", " ", "\t", "8", "x"].map(bytesOf), random),
  judge({ bytes }) {
    const text = letters(bytes);
    readTokens(text);
    hasToken(text, "upgrade");
    readExtensions(text);
    const hint = keepAliveHint(Fields.of(["keep-alive", text]));
    rule(hint === null || (hint >= 0 && !Number.isNaN(hint)), `a hint of ${hint}`);
    const answer = answerOffers(text, WISHES);
    if (answer?.deflate) {
      const { serverMaxWindowBits: bits } = answer.deflate;
      rule(bits >= 8 && bits <= WISHES.serverMaxWindowBits, `a window of ${bits}`);
      rule(readExtensions(answer.field!) !== null, `an answer that is none: ${answer.field}`);
    }
    readAnswer(text, WISHES);
  },
};

const TEXTS = ["", "OK", "x-a", "b, c", "GET", "/p?q", "text/plain", "a: b", "caf\xe9"].map(
  bytesOf,
);
const BREAKS = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  ":",
  " ",
  "\t",
  "\x7f",
  "\xff",
  "\r\n\r\nHTTP/1.1 200 OK\r\n",
];

const LIMITS = {
  maxStartLine: 1e6,
  maxHead: 1e6,
  maxFields: 1e6,
  maxBody: 1e6,
  maxChunkExtensions: 1e6,
  maxTrailers: 1e6,
};

/** Reads one head; gives its first words and its fields. */
function readBack(text: string, method: string | null): string[] {
  const read: string[] = [];
  const sink = {
    onHead(head: { fields: Fields; method?: string; target?: string; reason?: string }) {
      read.push(head.method ?? "", head.target ?? head.reason ?? "", ...[...head.fields].flat());
    },
    onBody: () => read.push("content"),
    onEnd: () => {},
    onViolation: (error: Error) => read.push(`violation ${error.message}`),
  };
  const reader = method === null
    ? new RequestReader(sink, LIMITS)
    : new ResponseReader(sink, LIMITS);
  if (reader instanceof ResponseReader) reader.expect(method);
  const bytes = bytesOf(text);
  for (let at = 0; at < bytes.length;) at = reader.receive(bytes, at);
  return read;
}

const trim = (value: string) => value.replace(/^[ \t]+|[ \t]+$/g, "");

function sameWords(what: string, given: readonly string[], read: readonly string[]): void {
  rule(JSON.stringify(given) === JSON.stringify(read), `${what}: ${JSON.stringify([given, read])}`);
}

/** See the module's text. */
export const heads: Target = {
  name: "heads",
  make: (random) => mutated(TEXTS, BREAKS.map(bytesOf), random),
  judge({ bytes, seed }) {
    const random = new Random(seed);
    const text = letters(bytes.subarray(0, 200));
    const cut = random.below(text.length + 1);
    const [name, value] = random.oneIn(2) ? ["x-a", text] : [text.slice(0, cut), text.slice(cut)];
    // Names that mean something to the reader of a head are the business of others.
    const framing = /^(content-length|transfer-encoding|host|connection|expect|upgrade)$/i.test(
      name,
    );
    const response = tried(() => statusLine(200, text) + fieldLines(["x", "y"]));
    if (typeof response === "string") {
      sameWords("reason", ["", text || "OK", "x", "y"], readBack(`${response}\r\n`, "HEAD"));
    }
    const lines = tried(() => fieldLines([name, value, "x", "y"]));
    if (typeof lines === "string" && !framing) {
      const read = readBack(`HTTP/1.1 204 a\r\n${lines}\r\n`, "GET");
      sameWords("fields", ["", "a", name, trim(value), "x", "y"], read);
    }
    const request = tried(() => requestLine(random.oneIn(2) ? "GET" : text, `/${text}`));
    if (typeof request === "string") {
      const [method = "", target = ""] = request.split(" ");
      // The reader takes methods of 64 bytes; a client may be given a longer one.
      if (method === "CONNECT" || method.length > 64) return;
      const read = readBack(`${request}Host: a\r\n\r\n`, null);
      // Targets come out of a URL, which holds none that the reader refuses.
      if (read.length === 1 && read[0]!.startsWith("violation Cannot read the target")) return;
      sameWords("request", [method, target, "Host", "a"], read);
    }
  },
};
