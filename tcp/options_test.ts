import { assertEquals, assertThrows } from "@std/assert";
import { FakeClock } from "../_testing/fake_clock.ts";
import { sharedTimers } from "../_runtime/clock.ts";
import { TimerQueue } from "../_io/timers.ts";
import {
  connectionOptions,
  type ConnectTarget,
  connectWaits,
  type ListenTarget,
  readConnectTarget,
  readListenTarget,
  socketSettings,
} from "./options.ts";

/** The code that a call throws, with the class that JavaScript has for it. */
function thrown(call: () => unknown): string {
  const error = assertThrows(call) as Error & { code?: string };
  const base = error instanceof RangeError ? "Range" : error instanceof TypeError ? "Type" : "";
  return `${base} ${error.code}`.trim();
}

Deno.test("readConnectTarget() reads a port, host and port, a path or the parts when they are right", () => {
  const here = (port: number) => ({ hostname: "localhost", port });
  const cases: [ConnectTarget, unknown][] = [
    [0, here(0)],
    [65_535, here(65_535)],
    [":80", here(80)],
    ["localhost:80", here(80)],
    ["example.com:443", { hostname: "example.com", port: 443 }],
    ["127.0.0.1:80", { hostname: "127.0.0.1", port: 80 }],
    ["[::1]:80", { hostname: "::1", port: 80 }],
    ["/run/a.sock", { path: "/run/a.sock" }],
    ["./a", { path: "./a" }],
    ["\0name", { path: "\0name" }],
    [{ port: 80 }, here(80)],
    [{ port: 80, hostname: "[::1]" }, { hostname: "::1", port: 80 }],
    [{ path: "name" }, { path: "name" }],
    [{ transport: "tcp", address: "::1", family: "IPv6", port: 5 }, { hostname: "::1", port: 5 }],
    [{ transport: "unix", path: "/a" }, { path: "/a" }],
  ];
  for (const [target, expected] of cases) assertEquals(readConnectTarget(target), expected);
});

Deno.test("readConnectTarget() throws at once when the target can be none", () => {
  const cases: [unknown, string][] = [
    [-1, "Range ERR_SOCKET_BAD_PORT"],
    [65_536, "Range ERR_SOCKET_BAD_PORT"],
    [1.5, "Range ERR_SOCKET_BAD_PORT"],
    [NaN, "Range ERR_SOCKET_BAD_PORT"],
    ["80", "Range ERR_SOCKET_BAD_PORT"],
    ["localhost", "Range ERR_SOCKET_BAD_PORT"],
    ["localhost:", "Range ERR_SOCKET_BAD_PORT"],
    ["localhost:http", "Range ERR_SOCKET_BAD_PORT"],
    ["localhost:65536", "Range ERR_SOCKET_BAD_PORT"],
    [{}, "Range ERR_SOCKET_BAD_PORT"],
    [null, "Range ERR_SOCKET_BAD_PORT"],
    [undefined, "Range ERR_SOCKET_BAD_PORT"],
    [{ port: "80" }, "Range ERR_SOCKET_BAD_PORT"],
    ["a b:80", "Type ERR_INVALID_ARG_VALUE"],
    [{ port: 80, hostname: "" }, "Type ERR_INVALID_ARG_VALUE"],
    [{ port: 80, hostname: "a@b" }, "Type ERR_INVALID_ARG_VALUE"],
    ["::1:80:", "Range ERR_SOCKET_BAD_PORT"],
    [{ path: "" }, "Type ERR_INVALID_ARG_VALUE"],
    [{ transport: "unix", path: null }, "Type ERR_INVALID_ARG_VALUE"],
    [`/${"x".repeat(107)}`, "ENAMETOOLONG"],
    [`/${"ü".repeat(54)}`, "ENAMETOOLONG"],
  ];
  for (const [target, expected] of cases) {
    const call = () => readConnectTarget(target as ConnectTarget);
    assertEquals(thrown(call), expected, JSON.stringify(target));
  }
  assertEquals(readConnectTarget(`/${"x".repeat(106)}`), { path: `/${"x".repeat(106)}` });
});

Deno.test("readListenTarget() reads a port, a path or the parts, with the backlog filled in", () => {
  const cases: [ListenTarget, unknown][] = [
    [80, { port: 80, backlog: 511 }],
    ["/a", { path: "/a", backlog: 511 }],
    [{ path: "name" }, { path: "name", backlog: 511 }],
    ["\0name", { path: "\0name", backlog: 511 }],
    [{ port: 0 }, { port: 0, backlog: 511 }],
    [{ port: 0, hostname: "[::1]", backlog: 5, ipv6Only: true }, {
      port: 0,
      hostname: "::1",
      backlog: 5,
      ipv6Only: true,
    }],
    [{ path: "/a", mode: 0o600, removeStale: true, backlog: 0 }, {
      path: "/a",
      mode: 0o600,
      removeStale: true,
      backlog: 0,
    }],
  ];
  for (const [target, expected] of cases) assertEquals({ ...readListenTarget(target) }, expected);
});

Deno.test("readListenTarget() throws when the target can be none", () => {
  const cases: [unknown, string][] = [
    [-1, "Range ERR_SOCKET_BAD_PORT"],
    [{ port: "80" }, "Range ERR_SOCKET_BAD_PORT"],
    [{}, "Range ERR_SOCKET_BAD_PORT"],
    [{ port: 80, hostname: "a/b" }, "Type ERR_INVALID_ARG_VALUE"],
    ["", "Type ERR_INVALID_ARG_VALUE"],
    [{ path: "" }, "Type ERR_INVALID_ARG_VALUE"],
    ["8080", "Type ERR_INVALID_ARG_VALUE"],
    ["localhost:80", "Type ERR_INVALID_ARG_VALUE"],
    [`/${"x".repeat(107)}`, "ENAMETOOLONG"],
    [{ port: 80, backlog: -1 }, "Range ERR_OUT_OF_RANGE"],
    [{ port: 80, backlog: 1.5 }, "Range ERR_OUT_OF_RANGE"],
    [{ path: "/a", backlog: NaN }, "Range ERR_OUT_OF_RANGE"],
    [{ path: "/a", mode: -1 }, "Range ERR_OUT_OF_RANGE"],
    [{ path: "/a", mode: 0o1000 }, "Range ERR_OUT_OF_RANGE"],
    [{ path: "/a", mode: "600" }, "Range ERR_OUT_OF_RANGE"],
  ];
  for (const [target, expected] of cases) {
    const call = () => readListenTarget(target as ListenTarget);
    assertEquals(thrown(call), expected, JSON.stringify(target));
  }
});

Deno.test("connectionOptions() fills in finite defaults when nothing is set", () => {
  const { highWaterMark, allowHalfOpen, lingerTimeout, lingerBytes, timers } = connectionOptions(
    {},
    "client",
  );
  assertEquals({ highWaterMark, allowHalfOpen, lingerTimeout, lingerBytes }, {
    highWaterMark: 65_536,
    allowHalfOpen: false,
    lingerTimeout: 5000,
    lingerBytes: 8_388_608,
  });
  assertEquals(timers === sharedTimers, true);
  const own = new TimerQueue(new FakeClock());
  assertEquals(connectionOptions({}, "client", own).timers === own, true);
});

Deno.test("connectionOptions() cuts a reader off when a server accepted the socket or the time is set", () => {
  const cuts = (...args: Parameters<typeof connectionOptions>) =>
    connectionOptions(...args).lingerCuts;
  assertEquals(cuts({}, "client"), "none");
  assertEquals(cuts({}, "accepted"), "unless half open");
  assertEquals(cuts({ allowHalfOpen: true }, "accepted"), "unless half open");
  assertEquals(cuts({ lingerTimeout: 100 }, "client"), "all");
  assertEquals(cuts({ lingerTimeout: 100, allowHalfOpen: true }, "accepted"), "all");
});

Deno.test("connectionOptions() takes what is set, and throws ERR_OUT_OF_RANGE for what cannot be", () => {
  const given = { highWaterMark: 1, allowHalfOpen: true, lingerTimeout: 0 };
  const { highWaterMark, allowHalfOpen, lingerTimeout } = connectionOptions(given, "client");
  assertEquals({ highWaterMark, allowHalfOpen, lingerTimeout }, given);
  assertEquals(connectionOptions({ lingerTimeout: Infinity }, "client").lingerTimeout, Infinity);
  for (
    const wrong of [
      { highWaterMark: 0 },
      { highWaterMark: NaN },
      { highWaterMark: "5" },
      { lingerTimeout: -1 },
      { lingerTimeout: NaN },
      { lingerTimeout: "5" },
    ]
  ) {
    const call = () => connectionOptions(wrong as { highWaterMark: number }, "client");
    assertEquals(thrown(call), "Range ERR_OUT_OF_RANGE", JSON.stringify(wrong));
  }
});

Deno.test("socketSettings() turns Nagle's algorithm off unless it is told otherwise", () => {
  assertEquals(socketSettings({}), { noDelay: true, keepAlive: false, keepAliveDelay: 60_000 });
  const given = { noDelay: false, keepAlive: true, keepAliveDelay: 5 };
  assertEquals(socketSettings(given), given);
  assertEquals(thrown(() => socketSettings({ keepAliveDelay: -1 })), "Range ERR_OUT_OF_RANGE");
});

Deno.test("connectWaits() fills in 30 s and 250 ms, and throws for what cannot be", () => {
  assertEquals(connectWaits({}), { timeout: 30_000, attemptDelay: 250 });
  assertEquals(connectWaits({ connectTimeout: Infinity, attemptDelay: 0 }), {
    timeout: Infinity,
    attemptDelay: 0,
  });
  assertEquals(thrown(() => connectWaits({ connectTimeout: -1 })), "Range ERR_OUT_OF_RANGE");
  assertEquals(thrown(() => connectWaits({ attemptDelay: NaN })), "Range ERR_OUT_OF_RANGE");
});
