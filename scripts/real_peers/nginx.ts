/**
 * The HTTP client against a real server: Debian's nginx. `deno task test:nginx`; the last line is
 * `N passed, N failed`, or why nothing was tested; then it has not passed.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpClient, rawHeaders } from "@netstd/net/http";
import { createCertificateAuthority, issueCertificate } from "@netstd/net/tls";
import { missing } from "./missing.ts";

/** The last is where it lies on Debian, even for those whose PATH leaves it out. */
const PROGRAMS = ["nginx", "/usr/sbin/nginx"];
/** Where Debian puts `libnginx-mod-http-brotli-filter`. */
const BROTLI = "/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const TEXT = "All happy families are alike.\n".repeat(2000);

interface Place {
  readonly folder: string;
  readonly http: number;
  readonly https: number;
  readonly brotli: boolean;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function configuration({ folder, http, https, brotli }: Place): string {
  return `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
${Deno.uid() === 0 ? "user root;" : ""}
${brotli ? `load_module ${BROTLI};` : ""}
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/temp;
  proxy_temp_path ${folder}/temp; fastcgi_temp_path ${folder}/temp;
  uwsgi_temp_path ${folder}/temp; scgi_temp_path ${folder}/temp;
  keepalive_requests 1000000;
  client_max_body_size 0;
  default_type text/plain;
  gzip_types text/plain;
  ${brotli ? "brotli_types text/plain;" : ""}
  server {
    listen 127.0.0.1:${http} backlog=4096;
    root ${folder}/files;
    location /gzip { alias ${folder}/files; gzip on; }
    ${brotli ? `location /brotli { alias ${folder}/files; brotli on; }` : ""}
    location /up { alias ${folder}/up; dav_methods PUT DELETE; }
  }
  server {
    listen 127.0.0.1:${https} ssl;
    root ${folder}/files;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    ssl_client_certificate ${folder}/ca.pem;
    ssl_verify_client on;
  }
}
`;
}

/** A running nginx that can be stopped, started anew, and told to read its configuration again. */
class Nginx {
  readonly #program: string;
  readonly #place: Place;
  #child: Deno.ChildProcess | null = null;

  constructor(program: string, place: Place) {
    this.#program = program;
    this.#place = place;
  }

  async start(): Promise<void> {
    const args = ["-p", this.#place.folder, "-c", "nginx.conf", "-e", "error.log"];
    this.#child = new Deno.Command(this.#program, { args, stdin: "null" }).spawn();
    for (let i = 0; i < 200; i++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.#place.http })).close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
    throw new Error("Cannot reach nginx");
  }

  async stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    await this.#child?.status;
    this.#child = null;
  }

  reload(): void {
    this.#child!.kill("SIGHUP");
  }
}

interface Stage {
  readonly nginx: Nginx;
  readonly place: Place;
  readonly url: string;
  readonly identity: { ca: string; key: string; cert: string };
}

const residentMiB = () => Deno.memoryUsage().rss / MIB;

async function getsSmall(client: HttpClient, url: string): Promise<void> {
  const answer = await client.fetch(`${url}/small`);
  assertEquals([answer.status, await answer.text()], [200, "small"]);
}

const cases: Record<string, (stage: Stage) => Promise<void>> = {
  async "keep-alive through ten reloads without a failed GET"({ nginx, url }) {
    await using client = new HttpClient();
    let over = false;
    const loops = Array.from({ length: 8 }, async () => {
      while (!over) await getsSmall(client, url);
    });
    const reloads = async () => {
      for (let i = 0; i < 10; i++) {
        nginx.reload();
        const goal = client.stats.requests + 500;
        while (client.stats.requests < goal) await getsSmall(client, url);
      }
      over = true;
    };
    await Promise.all([...loops, reloads()]);
    console.log(`   ${JSON.stringify(client.stats)}`);
  },

  async "a restart while connections idle, without a failed GET"({ nginx, url }) {
    await using client = new HttpClient();
    for (let i = 0; i < 3; i++) {
      await Promise.all(Array.from({ length: 20 }, () => getsSmall(client, url)));
      await nginx.stop();
      await nginx.start();
    }
    await Promise.all(Array.from({ length: 20 }, () => getsSmall(client, url)));
  },

  async "gzip, and brotli where the module is there"({ url, place }) {
    await using client = new HttpClient();
    for (const coding of place.brotli ? ["gzip", "brotli"] : ["gzip"]) {
      const headers = { "accept-encoding": coding === "gzip" ? "gzip" : "br" };
      const answer = await client.fetch(`${url}/${coding}/text`, { headers });
      const sent = new Headers(rawHeaders(answer));
      assertEquals(sent.get("content-encoding"), coding === "gzip" ? "gzip" : "br");
      assertEquals(await answer.text(), TEXT);
    }
  },

  async "1 GiB down with flat memory"({ url }) {
    await using client = new HttpClient();
    const before = residentMiB();
    let most = 0;
    let length = 0;
    const answer = await client.fetch(`${url}/large`);
    for await (const chunk of answer.body!) {
      length += chunk.length;
      if (length % (64 * MIB) < chunk.length) most = Math.max(most, residentMiB());
    }
    assertEquals(length, GIB);
    assert(most - before < 100, `${most - before} MiB more`);
  },

  async "1 GiB up with flat memory"({ url, place }) {
    await using client = new HttpClient();
    const before = residentMiB();
    let most = 0;
    const body = async function* () {
      const chunk = new Uint8Array(256 * 1024);
      for (let sent = 0; sent < GIB; sent += chunk.length) {
        if (sent % (64 * MIB) === 0) most = Math.max(most, residentMiB());
        yield await Promise.resolve(chunk);
      }
    };
    const headers = { "content-length": String(GIB) };
    const answer = await client.fetch(`${url}/up/large`, { method: "PUT", body: body(), headers });
    assertEquals(answer.status, 201);
    assertEquals((await Deno.stat(`${place.folder}/up/large`)).size, GIB);
    assert(most - before < 100, `${most - before} MiB more`);
    await client.fetch(`${url}/up/large`, { method: "DELETE" });
  },

  async "1,000 requests at once over 10 connections"({ url }) {
    await using client = new HttpClient({ maxSockets: 10 });
    await Promise.all(Array.from({ length: 1000 }, () => getsSmall(client, url)));
    const { open, requests } = client.stats;
    assertEquals([open, requests], [10, 1000]);
  },

  async "mutual TLS"({ place, identity }) {
    const { ca, key, cert } = identity;
    const url = `https://127.0.0.1:${place.https}`;
    await using client = new HttpClient({ ca, key, cert });
    for (let i = 0; i < 3; i++) await getsSmall(client, url);
    assertEquals(client.stats.reused, 2);
    await using nobody = new HttpClient({ ca });
    const refused = await nobody.fetch(`${url}/small`);
    assertEquals(refused.status, 400);
    await refused.body?.cancel();
    await using stranger = new HttpClient({ key, cert });
    await assertRejects(() => stranger.fetch(`${url}/small`));
  },
};

async function prepare(place: Place): Promise<Stage["identity"]> {
  const { folder } = place;
  for (const name of ["files", "up", "temp"]) await Deno.mkdir(`${folder}/${name}`);
  await Deno.writeTextFile(`${folder}/files/small`, "small");
  await Deno.writeTextFile(`${folder}/files/text`, TEXT);
  await Deno.writeTextFile(`${folder}/files/large`, "");
  await Deno.truncate(`${folder}/files/large`, GIB);
  const authority = await createCertificateAuthority();
  const server = await issueCertificate(authority, { names: ["127.0.0.1"] });
  const client = await issueCertificate(authority, { names: ["client"], client: true });
  await Deno.writeTextFile(`${folder}/cert.pem`, server.cert);
  await Deno.writeTextFile(`${folder}/key.pem`, server.key);
  await Deno.writeTextFile(`${folder}/ca.pem`, authority.cert);
  await Deno.writeTextFile(`${folder}/nginx.conf`, configuration(place));
  return { ca: authority.cert, key: client.key, cert: client.cert };
}

async function findProgram(): Promise<string | null> {
  for (const program of PROGRAMS) {
    try {
      await new Deno.Command(program, { args: ["-v"], stderr: "null" }).output();
      return program;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return null;
}

async function runCases(stage: Stage): Promise<number> {
  let failed = 0;
  const entries = Object.entries(cases);
  for (const [name, run] of entries) {
    const started = performance.now();
    try {
      await run(stage);
      console.log(`ok ${name} (${Math.round(performance.now() - started)} ms)`);
    } catch (error) {
      failed++;
      console.error(`FAILED ${name}:`, error);
    }
  }
  console.log(`${entries.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const program = await findProgram();
  if (program === null) return missing("nginx", "nginx-light");
  const folder = await Deno.makeTempDir({ prefix: "netstd-nginx-" });
  const brotli = await exists(BROTLI);
  const place = { folder, http: freePort(), https: freePort(), brotli };
  const nginx = new Nginx(program, place);
  try {
    const identity = await prepare(place);
    await nginx.start();
    return await runCases({ nginx, place, url: `http://127.0.0.1:${place.http}`, identity });
  } finally {
    await nginx.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
