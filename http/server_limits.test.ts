import { assert } from "@std/assert";
import * as limits from "./server_limits.ts";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const [, table = ""] = /The HTTP server's, in `limits`(.*?)\nThe HTTP client's/s.exec(readme) ?? [];
const rows = table.split("\n").map((row) => row.split("|").map((cell) => cell.trim()));

function size(bytes: number): string {
  const power = bytes >= 2 ** 30 ? 30 : bytes >= 2 ** 20 ? 20 : 10;
  return `${bytes / 2 ** power} ${{ 30: "GiB", 20: "MiB", 10: "KiB" }[power]}`;
}

const time = (ms: number) => `${ms / 1000} s`;

for (
  const [option, value] of [
    ["`limits.requestLine`", size(limits.MAX_REQUEST_LINE)],
    ["`limits.head`, `limits.fields`", `${size(limits.MAX_HEAD)}, ${limits.MAX_FIELDS}`],
    ["`limits.body`", size(limits.MAX_BODY)],
    ["`limits.chunkExtensions`, `limits.trailers`", size(limits.MAX_CHUNK_EXTENSIONS)],
    ["`limits.chunkExtensions`, `limits.trailers`", size(limits.MAX_TRAILERS)],
    ["`limits.pipelined`", size(limits.MAX_PIPELINED)],
    ["`limits.unread`", size(limits.MAX_UNREAD)],
    ["`limits.connections`", limits.MAX_CONNECTIONS.toLocaleString("en")],
    ["`timeouts.head`", time(limits.HEAD_TIMEOUT)],
    ["`timeouts.body`", time(limits.BODY_TIMEOUT)],
    ["`timeouts.keepAlive`", time(limits.KEEP_ALIVE_TIMEOUT)],
    ["`timeouts.response`", `60 to ${time(2 * limits.RESPONSE_TIMEOUT)}`],
    ["`timeouts.presence`", time(limits.PRESENCE_TIMEOUT)],
    ["`timeouts.linger`", time(limits.LINGER_TIMEOUT)],
  ] as const
) {
  Deno.test(`the limits of HTTP servers are as README says when it comes to ${option}`, () => {
    assert(rows.some((row) => row[2] === value && row[3] === option), `${option}: ${value}`);
  });
}

Deno.test("the limits of HTTP servers are as README says when they are no options", () => {
  assert(rows.some((row) => row[2] === size(limits.LINGER_BYTES) && row[3] === ""));
  assert(rows.some((row) => row[2] === size(limits.HIGH_WATER_MARK) && row[3] === ""));
});
