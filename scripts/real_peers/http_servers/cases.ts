/** What the client has to do with each of the servers. Runs in Deno and in Node. @module */

import assert from "node:assert/strict";
import process from "node:process";
import { type HttpClient, type Informational, rawHeaders, trailers } from "@netstd/net/http";
import type { Server } from "./server.ts";

/** One thing to try. */
export type Case = (client: HttpClient, server: Server) => Promise<void>;

const MIB = 1024 * 1024;
const TEXT = "All happy families are alike.\n".repeat(2000);

async function getsSmall(client: HttpClient, { url }: Server): Promise<void> {
  const answer = await client.fetch(`${url}/small`);
  assert.deepEqual([answer.status, await answer.text()], [200, "small"]);
}

function residentMiB(): number {
  return process.memoryUsage().rss / MIB;
}

/** Cases for both. */
export const common: Readonly<Record<string, Case>> = {
  async "restarts while connections idle, without a failed GET"(client, server) {
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 20 }, () => getsSmall(client, server)));
      await server.stop();
      await server.start();
    }
    await Promise.all(Array.from({ length: 20 }, () => getsSmall(client, server)));
  },

  async "a restart that the client cannot have seen, without a failed GET"(client, server) {
    await Promise.all(Array.from({ length: 5 }, () => getsSmall(client, server)));
    const stopped = server.stop();
    // Nothing is read meanwhile: the program is busy, the server dies.
    const until = performance.now() + 200;
    while (performance.now() < until);
    await stopped;
    await server.start();
    await Promise.all(Array.from({ length: 5 }, () => getsSmall(client, server)));
  },

  async "1,000 requests at once over 10 connections"(client, server) {
    await Promise.all(Array.from({ length: 1000 }, () => getsSmall(client, server)));
    const { open, requests } = client.stats;
    assert.deepEqual([open, requests], [10, 1000]);
  },

  async "256 MiB down with flat memory"(client, { url }) {
    const before = residentMiB();
    const answer = await client.fetch(`${url}/large?mib=256`);
    let length = 0;
    let most = 0;
    for await (const chunk of answer.body!) {
      if (length % (16 * MIB) < chunk.length) most = Math.max(most, residentMiB());
      length += chunk.length;
    }
    assert.equal(length, 256 * MIB);
    assert.ok(most - before < 128, `${most - before} MiB more`);
  },

  async "256 MiB up in chunks with flat memory"(client, { url }) {
    const before = residentMiB();
    let most = 0;
    const body = async function* () {
      const chunk = new Uint8Array(256 * 1024);
      for (let sent = 0; sent < 256 * MIB; sent += chunk.length) {
        if (sent % (16 * MIB) === 0) most = Math.max(most, residentMiB());
        yield await Promise.resolve(chunk);
      }
    };
    const answer = await client.fetch(`${url}/count`, { method: "POST", body: body() });
    assert.equal(await answer.json(), 256 * MIB);
    assert.ok(most - before < 128, `${most - before} MiB more`);
  },

  async "an echo that goes both ways at once"(client, { url }) {
    const body = async function* () {
      for (let i = 0; i < 64; i++) yield await Promise.resolve(new Uint8Array(MIB).fill(i));
    };
    const answer = await client.fetch(`${url}/echo`, { method: "POST", body: body() });
    const content = new Uint8Array(await answer.arrayBuffer());
    assert.equal(content.length, 64 * MIB);
    for (let i = 0; i < 64; i++) assert.equal(content[i * MIB + 7], i);
  },

  async "an abort within a download, and the next call"(client, server) {
    const abort = new AbortController();
    const answer = await client.fetch(`${server.url}/large?mib=64`, { signal: abort.signal });
    const reason = new Error("Enough");
    const reader = answer.body!.getReader();
    await reader.read();
    abort.abort(reason);
    await assert.rejects(reader.read(), (error) => error === reason);
    await getsSmall(client, server);
  },
};

/** What only node:http can be made to do. */
export const nodeOnly: Readonly<Record<string, Case>> = {
  async "coded text"(client, { url }) {
    const codings = new Set<string>();
    for (const wanted of ["gzip", "br", "deflate"]) {
      const answer = await client.fetch(`${url}/text`, { headers: { "accept-encoding": wanted } });
      codings.add(new Headers(rawHeaders(answer)).get("content-encoding") ?? "none");
      assert.equal(await answer.text(), TEXT);
    }
    assert.deepEqual([...codings].sort(), ["br", "deflate", "gzip"]);
  },

  async "idle connections that are closed again and again, without a failed GET"(client, server) {
    let over = false;
    const loops = Array.from({ length: 8 }, async () => {
      while (!over) await getsSmall(client, server);
    });
    for (let round = 0; round < 50; round++) {
      server.closeIdle();
      const goal = client.stats.requests + 40;
      while (client.stats.requests < goal) await getsSmall(client, server);
    }
    over = true;
    await Promise.all(loops);
  },

  async "POSTs that are never sent twice while connections are closed"(client, server) {
    let answered = 0;
    for (let id = 0; id < 400; id++) {
      if (id % 4 === 0) server.closeIdle();
      const call = client.fetch(`${server.url}/once`, { method: "POST", body: String(id) });
      // One that meets a closing connection fails: nobody knows whether the server has read it.
      const text = await call.then((answer) => answer.text()).catch(() => "");
      if (text === String(id)) answered++;
    }
    const seen = await (await client.fetch(`${server.url}/seen`)).json() as Record<string, number>;
    assert.ok(Object.values(seen).every((times) => times === 1));
    assert.ok(Object.keys(seen).length >= answered && answered > 200, `${answered} answered`);
  },

  async "trailer fields, both ways"(client, { url }) {
    const answer = await client.fetch(`${url}/trailers`, {
      method: "POST",
      body: "abc",
      trailers: { "x-sum": "7" },
    });
    assert.deepEqual(await answer.json(), { "x-sum": "7" });
    assert.equal((await trailers(answer)).get("x-length"), "3");
  },

  async "103 (Early Hints)"(client, { url }) {
    const hints: Informational[] = [];
    const onInformational = (response: Informational) => void hints.push(response);
    const answer = await client.fetch(`${url}/hints`, { onInformational });
    assert.equal(await answer.text(), "hinted");
    assert.deepEqual(hints.map(({ status, headers }) => [status, headers.get("link")]), [
      [103, "</a.css>; rel=preload"],
    ]);
  },

  async "100 (Continue), and a refusal in its place"(client, { url }) {
    const body = "x".repeat(1000);
    const call = { method: "POST", body, expectContinue: true };
    const taken = await client.fetch(`${url}/count`, call);
    assert.equal(await taken.text(), "1000");
    const refused = await client.fetch(`${url}/count`, { ...call, headers: { "x-refuse": "1" } });
    assert.deepEqual([refused.status, await refused.text()], [403, "refused"]);
  },

  async "an upgrade"(client, { url }) {
    const { response, socket } = await client.upgrade(url, { protocol: "echo" });
    assert.equal(response.status, 101);
    socket!.write("there and back");
    assert.equal(new TextDecoder().decode((await socket!.read())!), "there and back");
    await socket!.close();
  },
};
