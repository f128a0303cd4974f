import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { netnsAvailable, runInNetns } from "../_testing/netns.ts";
import { UDP_CHILD } from "../_testing/udp_child.ts";
import { IN_DENO } from "../_testing/in_deno.ts";
import { SAME_FLAGS, startUdpPeer } from "../_testing/udp_peer.ts";
import { systemError } from "../_runtime/map_error.ts";
import { bind, createSocket, NetError, type UdpSocket } from "./mod.ts";
import { type GroupHandle, interfaceName, Memberships, readGroup } from "./multicast.ts";

const netnsReason = netnsAvailable();
const netnsNote = netnsReason === null ? "" : ` (skipped: ${netnsReason})`;

const text = (data: Uint8Array) => new TextDecoder().decode(data);

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

Deno.test("U13 broadcast is refused until it is allowed", async () => {
  await using receiver = await bind({ hostname: "0.0.0.0" });
  await using sender = await bind({ hostname: "0.0.0.0" });
  const target = { hostname: "127.255.255.255", port: receiver.address.port };
  const error = await assertRejects(() => sender.send("x", target), NetError);
  assertEquals(
    [error.code, error.errno, error.syscall, error.address, error.port],
    ["EACCES", -13, "send", "127.255.255.255", target.port],
  );
  await sender.setBroadcast(true);
  await sender.send("y", target);
  assertEquals(text((await receiver.read()).data), "y");
  await sender.setBroadcast(false);
  assertEquals(await codeOf(sender.send("x", target)), "EACCES");
  await using allowed = await bind({ hostname: "0.0.0.0", broadcast: true });
  await allowed.send("z", target);
  assertEquals(text((await receiver.read()).data), "z");
});

Deno.test({
  name: `U14 a member of a group hears it until it leaves, and may say so twice${netnsNote}`,
  ignore: netnsReason !== null,
  async fn() {
    const { code, stdout, stderr } = await runInNetns(UDP_CHILD, ["group"], { prefix: SAME_FLAGS });
    const steps = ["joined", "done", "nothing", "done", "EINVAL"];
    assertEquals([code, stdout.trim().split("\n"), stderr], [0, steps, ""]);
  },
});

Deno.test({
  name: `U14 an IPv6 group is joined on an interface by its name${netnsNote}`,
  ignore: netnsReason !== null,
  async fn() {
    const args = ["group6", "swallow"];
    const { code, stdout, stderr } = await runInNetns(UDP_CHILD, args, { prefix: SAME_FLAGS });
    assertEquals([code, stdout, stderr], [0, "joined\nnothing\n", ""]);
  },
});

/** Each row of the scenario: the call, and its code or `ok`. */
async function ranges(socket: UdpSocket): Promise<string[]> {
  const results: string[] = [];
  for (const hops of [1, 255, 0, 256]) results.push(await result(socket.setTTL(hops)));
  for (const hops of [0, 255, 256]) results.push(await result(socket.setMulticastTTL(hops)));
  return results;
}

function result(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => "ok", (error) => (error as NetError).code);
}

Deno.test("U15 hops have their ranges", async () => {
  const range = "ERR_OUT_OF_RANGE";
  for (const hostname of ["127.0.0.1", "::"]) {
    await using socket = await bind({ hostname });
    assertEquals(await ranges(socket), ["ok", "ok", range, range, "ok", "ok", range]);
    await using peer = await startUdpPeer({ host: hostname === "::" ? "::1" : hostname });
    await socket.setTTL(1);
    await socket.send("x", { hostname: "localhost", port: peer.port }).catch(() => {});
  }
});

Deno.test("settings wait for bind(), and what came in before is not lost by them", async () => {
  const socket = createSocket();
  const calls = [socket.setTTL(7), socket.setMulticastLoopback(true), socket.setBroadcast()];
  await socket.bind({ hostname: "127.0.0.1" });
  await Promise.all(calls);
  await using other = await bind({ hostname: "127.0.0.1" });
  for (let count = 0; count < 20; count++) await socket.send(`${count}`, other.address);
  // In Deno with the native API the socket moves to another one here.
  await other.setTTL(9);
  for (let count = 0; count < 20; count++) {
    assertEquals(text((await other.read()).data), `${count}`);
  }
  await socket.send("after", other.address);
  assertEquals(text((await other.read()).data), "after");
  await socket.close();
});

Deno.test("joinGroup() refuses what is no group of the socket", async () => {
  await using four = await bind({ hostname: "0.0.0.0" });
  for (const group of ["10.0.0.1", "223.255.255.255", "240.0.0.1"]) {
    const error = await assertRejects(() => four.joinGroup(group), NetError);
    assertEquals([error.code, error.syscall, error.address], ["EINVAL", "addMembership", group]);
  }
  assertEquals(await codeOf(four.joinGroup("group")), "ERR_INVALID_ARG_VALUE");
  assertEquals(await codeOf(four.joinGroup("224.0.0.114", "lo")), "ERR_INVALID_ARG_VALUE");
  assertEquals(await codeOf(four.joinGroup("ff02::114")), "EAFNOSUPPORT");
  assertEquals(await codeOf(four.setMulticastInterface("a b")), "ERR_INVALID_ARG_VALUE");
  await using both = await bind();
  const joined = await result(both.joinGroup("224.0.0.114", "127.0.0.1"));
  assertEquals(IN_DENO || joined === "ok", true);
});

Deno.test("interfaceName() gives names the form that runtimes want", () => {
  for (const name of ["lo", "%lo", "::%lo"]) assertEquals(interfaceName(name), "::%lo");
  assertEquals(interfaceName("127.0.0.1"), "127.0.0.1");
  assertEquals(interfaceName("::"), "::");
  for (const bad of ["", "a b", "::1", "fe80::1%", 5]) {
    assertThrows(() => interfaceName(bad), TypeError);
  }
});

Deno.test("readGroup() tells the interface by the family of the group", () => {
  assertEquals(readGroup("[ff02::1]", "eth0", "x"), {
    address: "ff02::1",
    networkInterface: "::%eth0",
  });
  assertEquals(readGroup("239.1.2.3", undefined, "x"), {
    address: "239.1.2.3",
    networkInterface: undefined,
  });
});

Deno.test("Memberships joins and leaves once, and forgets a join that failed", async () => {
  const calls: string[] = [];
  let failure: Error | null = systemError("EADDRNOTAVAIL", { syscall: "addMembership" });
  const handle: GroupHandle = {
    address: "0.0.0.0",
    join: (group: string) => {
      calls.push(`join ${group}`);
      return failure === null ? Promise.resolve() : Promise.reject(failure);
    },
    leave: (group: string) => {
      calls.push(`leave ${group}`);
      return Promise.resolve();
    },
  };
  const group = readGroup("224.0.0.114", "127.0.0.1", "addMembership");
  const memberships = new Memberships();
  assertEquals(await codeOf(memberships.join(handle, group)), "EADDRNOTAVAIL");
  failure = systemError("EADDRINUSE", { syscall: "addMembership" });
  await Promise.all([memberships.join(handle, group), memberships.join(handle, group)]);
  await Promise.all([memberships.leave(handle, group), memberships.leave(handle, group)]);
  assertEquals(calls, ["join 224.0.0.114", "join 224.0.0.114", "leave 224.0.0.114"]);
});
