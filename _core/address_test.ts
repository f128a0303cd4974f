import { assertEquals, assertThrows } from "@std/assert";
import {
  checkHost,
  checkPort,
  formatHostPort,
  ipVersion,
  splitHostPort,
  tcpAddress,
} from "./address.ts";
import { NetError } from "./errors.ts";

function codeOf(fn: () => unknown): string {
  const error = assertThrows(fn);
  if (!(error instanceof NetError)) throw error;
  return error.code;
}

Deno.test("ipVersion() tells IPv4, IPv6 and other text apart", () => {
  const table: Record<string, 0 | 4 | 6> = {
    "127.0.0.1": 4,
    "255.255.255.255": 4,
    "256.0.0.1": 0,
    "1.2.3": 0,
    "127.0.0.01": 0,
    "::010.0.0.1": 0,
    "1.2.3.4.5": 0,
    "": 0,
    "localhost": 0,
    "::": 6,
    "::1": 6,
    "1::": 6,
    "2001:db8::8:800:200c:417a": 6,
    "1:2:3:4:5:6:7:8": 6,
    "1:2:3:4:5:6:7": 0,
    "1:2:3:4:5:6:7:8:9": 0,
    "1::2::3": 0,
    "1:2:3:4:5:6:7::": 6,
    "1:2:3:4:5:6:7:8::": 0,
    "::ffff:1.2.3.4": 6,
    "1:2:3:4:5:6:1.2.3.4": 6,
    "::1.2.3": 0,
    "fe80::1%eth0": 6,
    "fe80::1%": 0,
    "12345::": 0,
    ":": 0,
    ":::": 0,
    "g::": 0,
  };
  for (const [text, version] of Object.entries(table)) assertEquals(ipVersion(text), version, text);
});

Deno.test("tcpAddress() takes the IPv6 coat off an IPv4 address", () => {
  assertEquals(tcpAddress("::ffff:127.0.0.1", 80), {
    transport: "tcp",
    address: "127.0.0.1",
    family: "IPv4",
    port: 80,
  });
  assertEquals(tcpAddress("::1", 80).family, "IPv6");
});

Deno.test("formatHostPort() puts brackets around an IPv6 address", () => {
  assertEquals(formatHostPort("a.test", 1), "a.test:1");
  assertEquals(formatHostPort("127.0.0.1", 80), "127.0.0.1:80");
  assertEquals(formatHostPort("::1", 80), "[::1]:80");
});

Deno.test("checkPort() throws ERR_SOCKET_BAD_PORT when the port is none", () => {
  for (const port of [0, 1, 65535]) assertEquals(checkPort(port), port);
  for (const port of [70000, 65536, -1, 1.5, NaN, "abc", "80", null, undefined, {}]) {
    assertEquals(codeOf(() => checkPort(port)), "ERR_SOCKET_BAD_PORT");
    assertThrows(() => checkPort(port), RangeError);
  }
});

Deno.test("checkHost() throws ERR_INVALID_ARG_VALUE when no host can be called that", () => {
  for (const host of ["localhost", "a-b.example", "127.0.0.1", "::1", "bücher.example", "a_b"]) {
    assertEquals(checkHost(host), host);
  }
  assertEquals(checkHost("[::1]"), "::1");
  for (const host of ["", "bad host", "a/b", "a\n", "a:b", "[", "x".repeat(256), 1, null, "a\0b"]) {
    assertEquals(codeOf(() => checkHost(host)), "ERR_INVALID_ARG_VALUE");
  }
});

Deno.test("splitHostPort() reads the usual forms", () => {
  assertEquals(splitHostPort("a.test:80"), { hostname: "a.test", port: 80 });
  assertEquals(splitHostPort("[::1]:80"), { hostname: "[::1]", port: 80 });
  assertEquals(splitHostPort(":80"), { hostname: undefined, port: 80 });
  assertEquals(splitHostPort("abc"), { hostname: undefined, port: "abc" });
  assertEquals(splitHostPort("a.test:http"), { hostname: "a.test", port: "http" });
});
