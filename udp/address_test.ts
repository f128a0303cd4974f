import { assertEquals } from "@std/assert";
import { canonical, isMulticast, reachable, remoteInfo, udpAddress } from "./address.ts";

Deno.test("udpAddress() and remoteInfo() take the IPv6 coat off IPv4", () => {
  const address = { transport: "udp", address: "127.0.0.1", family: "IPv4", port: 5 } as const;
  for (const text of ["127.0.0.1", "::ffff:127.0.0.1"]) {
    assertEquals({ ...udpAddress(text, 5) }, address);
    assertEquals({ ...remoteInfo(text, 5, 7) }, { ...address, size: 7 });
  }
  assertEquals(remoteInfo("::1", 5, 7).family, "IPv6");
  assertEquals(udpAddress("fe80::1%eth0", 5).address, "fe80::1%eth0");
});

Deno.test("canonical() makes equal what is the same address", () => {
  const rows = [
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"],
    ["fe80::1%eth0", "fe80::1"],
  ] as const;
  for (const [given, expected] of rows) assertEquals(canonical(given), expected);
});

Deno.test("reachable() leads an unspecified address to this machine", () => {
  assertEquals(["0.0.0.0", "::", "0:0::0", "::1", "10.0.0.1"].map(reachable), [
    "127.0.0.1",
    "::1",
    "::1",
    "::1",
    "10.0.0.1",
  ]);
});

Deno.test("isMulticast() knows the groups of both families", () => {
  const groups = ["224.0.0.1", "239.255.255.255", "ff02::1", "FF01::1"];
  const others = ["223.255.255.255", "240.0.0.1", "10.0.0.1", "fe80::1", "::1"];
  assertEquals(groups.map(isMulticast), groups.map(() => true));
  assertEquals(others.map(isMulticast), others.map(() => false));
});
