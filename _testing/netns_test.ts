import { assert, assertEquals } from "@std/assert";
import { netnsAvailable, runInNetns, startInNetns } from "./netns.ts";
import { NETNS_PROBE, type ProbeResult } from "./netns_probe.ts";

const ignore = netnsAvailable() !== null;

async function probe(probes: string[], slowPeer = false): Promise<ProbeResult[]> {
  const { code, stdout, stderr } = await runInNetns(NETNS_PROBE, probes, { slowPeer });
  assertEquals([code, stderr], [0, ""]);
  const results: ProbeResult[] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  // They run at once; the order in which they end is not the order of the arguments.
  return probes.map((name) => {
    const found = results.find((result) => result.probe === name);
    assert(found !== undefined, name);
    return found;
  });
}

Deno.test({
  name: "runInNetns() gives each address its own failure",
  ignore,
  async fn() {
    const expected: [string, string][] = [
      ["tcp 127.0.0.1 80", "ECONNREFUSED"],
      ["tcp ::1 80", "ECONNREFUSED"],
      ["tcp 8.8.8.8 80", "ENETUNREACH"],
      ["tcp 2001:db8::1 80", "ENETUNREACH"],
      ["tcp 10.98.0.2 80", "EHOSTUNREACH"],
      ["tcp 10.97.0.2 80", "EACCES"],
      ["tcp 10.99.0.2 80", "ETIMEDOUT"],
      ["tcp 10.99.0.77 80", "ETIMEDOUT"],
      ["tcp fd01::2 80", "ETIMEDOUT"],
    ];
    const results = await probe(expected.map(([name]) => name));
    assertEquals(results.map(({ probe, result }) => [probe, result]), expected);
    for (const { probe, result, ms } of results) {
      const inTime = result === "ETIMEDOUT" ? ms > 2900 && ms < 4000 : ms < 500;
      assert(inTime, `${probe}: ${result} after ${ms} ms`);
    }
  },
});

Deno.test({
  name: "runInNetns() resolves the made-up names, dead addresses first",
  ignore,
  async fn() {
    const expected: [string, string][] = [
      ["lookup nope.test", "ENOTFOUND"],
      ["lookup servfail.test", "EAI_AGAIN"],
      ["order localhost", "::1 127.0.0.1"],
      ["order both.test", "::1 127.0.0.1"],
      ["order v6dead.test", "fd01::2 127.0.0.1"],
      ["order v4dead.test", "::1 10.99.0.2"],
    ];
    const results = await probe(expected.map(([name]) => name));
    assertEquals(results.map(({ probe, result }) => [probe, result]), expected);
    for (const { probe, ms } of results) assert(ms < 1000, `${probe} after ${ms} ms`);
  },
});

Deno.test({
  name: "runInNetns() answers slow.test after 5 s",
  ignore,
  async fn() {
    const [slow] = await probe(["lookup slow.test"]);
    assertEquals(slow?.result, "127.0.0.1");
    assert(slow !== undefined && slow.ms >= 4900 && slow.ms < 6500, `${slow?.ms} ms`);
  },
});

Deno.test({
  name: "runInNetns() has a slow peer that answers the second SYN",
  ignore,
  async fn() {
    const [, slow] = await probe(["lookup v4dead.test", "tcp ::1 8085"], true);
    assertEquals(slow?.result, "connected");
    assert(slow !== undefined && slow.ms >= 900 && slow.ms < 1800, `${slow?.ms} ms`);
  },
});

Deno.test({
  name: "runInNetns() hands back the exit code and runs a prefix",
  ignore,
  async fn() {
    const prefix = ["sh", "-c", 'ip -o link; exec "$@"', "--"];
    const { code, stdout, stderr } = await runInNetns(NETNS_PROBE, ["exit 7"], { prefix });
    assertEquals([code, stderr], [7, ""]);
    assert(stdout.includes("swallow@beyond"), stdout);
  },
});

Deno.test({
  name: "startInNetns() ends every process of the rig when disposed",
  ignore,
  async fn() {
    const rig = startInNetns(NETNS_PROBE, ["order localhost", "lookup slow.test"]);
    await rig.nextLine();
    await rig[Symbol.asyncDispose]();
    assertEquals((await rig.exited).signal, "SIGKILL");
  },
});

Deno.test("netnsAvailable() gives the same answer again", () => {
  assertEquals(netnsAvailable(), netnsAvailable());
});
