import { assertEquals } from "@std/assert";
import { createSocket } from "node:dgram";
import { answerDns, startDns } from "./netns_dns.ts";

/** A query for `name` with id 0x1234, recursion desired, and an EDNS record as real resolvers add. */
function query(name: string, type: number): Uint8Array {
  const labels = name.split(".").flatMap((label) => {
    return [label.length, ...new TextEncoder().encode(label)];
  });
  const header = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
  return Uint8Array.from([
    ...header,
    ...labels,
    0,
    0,
    type,
    0,
    1,
    0,
    0,
    41,
    4,
    208,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
}

/** Flags, counts and the address of an answer. */
function outline(reply: Uint8Array, name: string): (number | number[])[] {
  const behindQuestion = 12 + name.length + 2 + 4;
  const flags = ((reply[2] ?? 0) << 8) | (reply[3] ?? 0);
  return [flags, [...reply.subarray(4, 12)], [...reply.subarray(behindQuestion)]].flat();
}

Deno.test("answerDns() answers with the address that a name has for the type", () => {
  const v4 = answerDns(query("Both.test", 1));
  assertEquals([v4?.name, v4?.delay], ["both.test", 0]);
  assertEquals(
    outline(v4?.reply ?? new Uint8Array(), "both.test"),
    [0x8580, 0, 1, 0, 1, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1],
  );
  const v6 = answerDns(query("v6dead.test", 28));
  assertEquals(
    outline(v6?.reply ?? new Uint8Array(), "v6dead.test").slice(9),
    [0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 0, 0, 16, 0xfd, 1, ...new Array<number>(13).fill(0), 2],
  );
});

Deno.test("answerDns() has no answer for a missing name, a missing type or a failure", () => {
  const cases: [string, number, number][] = [
    ["nope.test", 1, 0x8583],
    ["servfail.test", 28, 0x8582],
    ["slow.test", 28, 0x8580],
    ["constructor", 1, 0x8583],
  ];
  for (const [name, type, flags] of cases) {
    const answer = answerDns(query(name, type));
    assertEquals(
      outline(answer?.reply ?? new Uint8Array(), name),
      [flags, 0, 1, 0, 0, 0, 0, 0, 0],
    );
  }
  assertEquals(answerDns(query("slow.test", 1))?.delay, 5000);
});

Deno.test("answerDns() is null for what is cut off or no query", () => {
  const whole = query("both.test", 1);
  for (let length = 0; length < 12 + 11 + 4; length++) {
    assertEquals(answerDns(whole.subarray(0, length)), null);
  }
});

Deno.test("startDns() answers over UDP and tells what was asked", async () => {
  const asked: string[] = [];
  const server = await startDns(0, (name) => asked.push(name));
  const client = createSocket("udp4");
  const answered = new Promise<Uint8Array>((resolve) => client.once("message", resolve));
  client.send(query("both.test", 1), server.port, "127.0.0.1");
  assertEquals([...await answered], [...answerDns(query("both.test", 1))?.reply ?? []]);
  assertEquals(asked, ["both.test"]);
  await new Promise<void>((resolve) => client.close(() => resolve()));
  await server.close();
});
