import { assertEquals } from "@std/assert";
import type { NetError } from "../_core/errors.ts";
import { closedError } from "../_io/failure.ts";
import { Destinations, type Reach, reachOf } from "./destinations.ts";
import { settle } from "./options.ts";

/** The address that a host is found at, or the code of the error. */
function find(destinations: Destinations, host: string): Promise<string> {
  return new Promise((resolve) => {
    destinations.find(host, 9, "send", (error, address) => {
      resolve(error === null ? address : (error as NetError).code);
    });
  });
}

function forReach(reach: Reach, options = {}): Destinations {
  return new Destinations(reach, settle(options));
}

Deno.test("reachOf() tells what a bound address can send to", () => {
  assertEquals(reachOf("0.0.0.0", false), "IPv4");
  assertEquals(reachOf("::", false), "both");
  assertEquals(reachOf("::", true), "IPv6");
  assertEquals(reachOf("::1", false), "IPv6");
});

Deno.test("Destinations gives addresses the form that the socket takes", async () => {
  const rows = [
    ["IPv4", "127.0.0.1", "127.0.0.1"],
    ["IPv4", "0.0.0.0", "127.0.0.1"],
    ["IPv4", "::ffff:10.0.0.1", "10.0.0.1"],
    ["IPv4", "::1", "EAFNOSUPPORT"],
    ["IPv6", "::1", "::1"],
    ["IPv6", "fe80::1%eth0", "fe80::1%eth0"],
    ["IPv6", "127.0.0.1", "EAFNOSUPPORT"],
    ["both", "127.0.0.1", "::ffff:127.0.0.1"],
    ["both", "::", "::1"],
  ] as const;
  for (const [reach, host, expected] of rows) {
    assertEquals(await find(forReach(reach), host), expected, `${reach} ${host}`);
  }
});

Deno.test("Destinations remembers a bounded number, and names for their time", async () => {
  const two = forReach("IPv4", { maxNames: 2 });
  for (const host of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) await find(two, host);
  const known = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((host) => two.known(host));
  assertEquals(known, [undefined, "10.0.0.2", "10.0.0.3"]);
  // A name that is asked for anew takes no other's place.
  const brief = forReach("IPv4", { maxNames: 2, nameLifetime: 0 });
  for (const host of ["10.0.0.1", "localhost", "localhost"]) await find(brief, host);
  assertEquals(brief.known("10.0.0.1"), "10.0.0.1");
  const lasting = forReach("IPv4");
  assertEquals(await find(lasting, "localhost"), "127.0.0.1");
  assertEquals(lasting.known("localhost"), "127.0.0.1");
  const passing = forReach("IPv4", { nameLifetime: 0 });
  assertEquals(await find(passing, "localhost"), "127.0.0.1");
  assertEquals(passing.known("localhost"), undefined);
});

Deno.test("Destinations answers in the order of the calls", async () => {
  const destinations = forReach("IPv4");
  const order: number[] = [];
  const asked = [1, 2, 3].map(async (number) => {
    await find(destinations, "localhost");
    order.push(number);
  });
  await Promise.all(asked);
  assertEquals(order, [1, 2, 3]);
});

Deno.test({
  name: "Destinations gives up at once when told to",
  // The answer comes all the same, some time, and has nobody to go to.
  sanitizeOps: false,
  async fn() {
    const destinations = forReach("IPv4");
    const waiting = find(destinations, "localhost");
    destinations.giveUp(() => closedError("send"));
    assertEquals(await waiting, "ERR_SOCKET_CLOSED");
  },
});
