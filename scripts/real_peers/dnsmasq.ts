/**
 * The DNS client of the udp module's documentation, as it stands there, asks a real name server:
 * Debian's dnsmasq. `deno task test:dnsmasq`; the last line is `N passed, N failed`, or why nothing
 * was tested.
 *
 * @module
 */

import { bind } from "@netstd/net/udp";
import { assertEquals } from "@std/assert";
import { missing } from "./missing.ts";

/** The client, as the documentation has it. */
interface DnsClient {
  resolve(name: string, server: { hostname: string; port: number }): Promise<string[]>;
}

const HOSTNAME = "127.0.0.1";
const DOCUMENTED = new URL("../../udp/mod.ts", import.meta.url);

/** The last is where it lies on Debian, even for those whose PATH leaves it out. */
const PROGRAMS = ["dnsmasq", "/usr/sbin/dnsmasq"];

/** What dnsmasq knows. It asks nobody else, and reads no file. */
const KNOWLEDGE = [
  "--no-resolv",
  "--no-hosts",
  "--conf-file=/dev/null",
  "--address=/name.test/127.0.0.9",
  "--host-record=two.test,192.0.2.1",
  "--host-record=two.test,192.0.2.2",
  "--host-record=six.test,2001:db8::6",
  "--cname=alias.test,two.test",
];

/** Names with the addresses that dnsmasq gives for them, in the order of their text. */
const EXPECTED: readonly { name: string; addresses: string[] }[] = [
  { name: "name.test", addresses: ["127.0.0.9"] },
  { name: "below.name.test", addresses: ["127.0.0.9"] },
  { name: "two.test", addresses: ["192.0.2.1", "192.0.2.2"] },
  { name: "alias.test", addresses: ["192.0.2.1", "192.0.2.2"] },
  { name: "six.test", addresses: [] },
  { name: "unknown.test", addresses: [] },
];

/** Takes the example out of the documentation, and makes a module of it; it runs on import. */
async function documentedClient(): Promise<DnsClient> {
  const text = await Deno.readTextFile(DOCUMENTED);
  const example = /@example A small DNS client.*\n \* ```ts\n([^]*?)\n \* ```/.exec(text)?.[1];
  if (example === undefined) throw new Error("Cannot find the DNS client in the documentation");
  const code = `${example.replaceAll(/^ \* ?/gm, "")}\nexport { resolve };\n`;
  return await import(`data:application/typescript,${encodeURIComponent(code)}`);
}

async function freePort(): Promise<number> {
  await using socket = await bind({ hostname: HOSTNAME });
  return socket.address.port;
}

function start(port: number): Deno.ChildProcess | null {
  const place = [`--listen-address=${HOSTNAME}`, `--port=${port}`, "--bind-interfaces"];
  const process = ["--keep-in-foreground", "--log-facility=-", "--pid-file="];
  for (const program of PROGRAMS) {
    const args = [...process, ...place, ...KNOWLEDGE];
    try {
      return new Deno.Command(program, { args, stdin: "null", stderr: "piped" }).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return null;
}

/** Waits until dnsmasq says that it has started. */
async function started(child: Deno.ChildProcess): Promise<void> {
  const decoder = new TextDecoder();
  let said = "";
  for await (const chunk of child.stderr.values({ preventCancel: true })) {
    said += decoder.decode(chunk, { stream: true });
    if (said.includes("started, version")) return;
  }
  throw new Error(`Cannot start dnsmasq: ${said.trim()}`);
}

async function ask(client: DnsClient, port: number): Promise<boolean> {
  let failed = 0;
  for (const { name, addresses } of EXPECTED) {
    try {
      const found = await client.resolve(name, { hostname: HOSTNAME, port });
      assertEquals(found.sort(), addresses);
      console.log(`ok ${name}: ${found.join(", ") || "no address"}`);
    } catch (error) {
      failed++;
      console.error(`FAILED ${name}:`, error);
    }
  }
  console.log(`${EXPECTED.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

async function main(): Promise<number> {
  const port = await freePort();
  await using child = start(port);
  if (child === null) return missing("dnsmasq", "dnsmasq-base");
  await started(child);
  return await ask(await documentedClient(), port) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
