import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { netError, TransportError } from "../_core/errors.ts";
import { mapError, systemError } from "./map_error.ts";

/** An error as the runtimes make them. */
function runtimeError(message: string, fields: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), fields);
}

const attempt = { syscall: "connect", address: "192.0.2.1", port: 80 };

Deno.test("mapError() keeps code, fields and cause when the runtime names a code that is ours", () => {
  const error = runtimeError("Connection refused (os error 111)", { code: "ECONNREFUSED" });
  const mapped = mapError(error, attempt);
  assert(mapped instanceof TransportError);
  const { name, message, code, errno, syscall, address, port, cause } = mapped;
  assertEquals({ name, message, code, errno, syscall, address, port }, {
    name: "TransportError",
    message: "Cannot connect to 192.0.2.1:80: Nobody listens at the address (ECONNREFUSED)",
    code: "ECONNREFUSED",
    errno: -111,
    ...attempt,
  });
  assertStrictEquals(cause, error);
  assertEquals(Object.hasOwn(mapped, "hostname"), false);
});

Deno.test("mapError() gives an error of ours back when it gets one", () => {
  const error = netError("EPIPE", "Cannot write: gone");
  assertStrictEquals(mapError(error, attempt), error);
});

Deno.test("mapError() gives the number that Linux has when the runtime has none", () => {
  const numbers = {
    EACCES: -13,
    EMFILE: -24,
    EPIPE: -32,
    EADDRINUSE: -98,
    EADDRNOTAVAIL: -99,
    ENETUNREACH: -101,
    ECONNRESET: -104,
    ETIMEDOUT: -110,
    EHOSTUNREACH: -113,
    EAI_AGAIN: -3001,
    ENOTFOUND: -3008,
  };
  for (const [code, errno] of Object.entries(numbers)) {
    assertEquals(mapError(runtimeError("Failed", { code }), attempt).errno, errno, code);
  }
});

Deno.test("mapError() gives one code when a runtime has several names for it", () => {
  const codes = {
    EAI_NONAME: "ENOTFOUND",
    EAI_NODATA: "ENOTFOUND",
    ENODATA: "ENOTFOUND",
    EAI_MEMORY: "EAI_FAIL",
    ECANCELED: "ECONNABORTED",
    ENODEV: "EINVAL",
    ENOPROTOOPT: "EINVAL",
    EBADF: "EPIPE",
  };
  for (const [code, expected] of Object.entries(codes)) {
    assertEquals(mapError(runtimeError("Failed", { code }), attempt).code, expected, code);
  }
});

Deno.test("mapError() reads the text when the runtime gives no code", () => {
  const resolver = "failed to lookup address information";
  const texts = {
    [`${resolver}: Name or service not known`]: "ENOTFOUND",
    [`${resolver}: No address associated with hostname`]: "ENOTFOUND",
    [`${resolver}: nodename nor servname provided, or not known`]: "ENOTFOUND",
    "No such host is known. (os error 11001)": "ENOTFOUND",
    [`${resolver}: Temporary failure in name resolution`]: "EAI_AGAIN",
    [`${resolver}: Non-recoverable failure`]: "EAI_FAIL",
    "path must be shorter than SUN_LEN": "ENAMETOOLONG",
  };
  for (const [text, code] of Object.entries(texts)) {
    assertEquals(mapError(runtimeError(text), attempt).code, code, text);
  }
});

Deno.test("mapError() blames the resolver when a name could not be resolved", () => {
  const hostAttempt = { syscall: "connect", hostname: "no.invalid", port: 80 };
  const mapped = mapError(runtimeError("Failed", { code: "ENOTFOUND" }), hostAttempt);
  assertEquals([mapped.syscall, mapped.hostname, mapped.address], [
    "getaddrinfo",
    "no.invalid",
    undefined,
  ]);
  assertEquals(
    mapError(runtimeError("Failed", { code: "EAI_AGAIN" }), attempt).syscall,
    "getaddrinfo",
  );
  assertEquals(mapError(runtimeError("Failed", { code: "ENOENT" }), attempt).syscall, "connect");
});

Deno.test("mapError() keeps the name NotCapable when a permission is missing", () => {
  const error = runtimeError('Requires net access to "192.0.2.1:80"', { name: "NotCapable" });
  const mapped = mapError(error, attempt);
  assertEquals([mapped.code, mapped.name], ["ERR_ACCESS_DENIED", "NotCapable"]);
  assert(mapped instanceof TransportError);
});

Deno.test("mapError() says UNKNOWN with the runtime's text and number when it knows no code", () => {
  const mapped = mapError(
    runtimeError("The moon is full", { code: "EMOON", errno: -999 }),
    attempt,
  );
  assertEquals([mapped.code, mapped.errno], ["UNKNOWN", -999]);
  assertEquals(mapped.message, "Cannot connect to 192.0.2.1:80: The moon is full (UNKNOWN)");
  for (const thrown of [null, undefined, "text", 5, {}, { code: 5, message: 5 }]) {
    assertEquals(mapError(thrown, attempt).code, "UNKNOWN");
  }
  // Names that every object has are no codes.
  for (const code of ["toString", "constructor", "__proto__"]) {
    assertEquals(mapError(runtimeError("Failed", { code }), attempt).code, "UNKNOWN");
  }
});

Deno.test("mapError() names the place that was asked for, whatever it is", () => {
  const error = runtimeError("Failed", { code: "EACCES" });
  const begin = (attempt: Parameters<typeof mapError>[1]) =>
    mapError(error, attempt).message.split(": The system")[0];
  assertEquals(
    begin({ syscall: "connect", address: "::1", port: 80 }),
    "Cannot connect to [::1]:80",
  );
  assertEquals(begin({ syscall: "connect", address: "/a/b" }), "Cannot connect to /a/b");
  assertEquals(begin({ syscall: "listen", address: "::", port: 0 }), "Cannot listen on [::]:0");
  assertEquals(begin({ syscall: "getaddrinfo", hostname: "a.b" }), "Cannot resolve a.b");
  assertEquals(begin({ syscall: "read" }), "Cannot read from the socket");
  assertEquals(begin({ syscall: "write" }), "Cannot write to the socket");
  assertEquals(begin({ syscall: "accept" }), "Cannot accept on the socket");
  assertEquals(begin({ syscall: "unlink", address: "/a" }), "Cannot unlink /a");
});

Deno.test("systemError() has the shape of a mapped error, without a cause", () => {
  const error = systemError("ETIMEDOUT", attempt);
  const mapped = mapError(runtimeError("Failed", { code: "ETIMEDOUT" }), attempt);
  assertEquals(error.message, mapped.message);
  const { code, errno, syscall, address, port } = error;
  assertEquals({ code, errno, syscall, address, port }, {
    code: "ETIMEDOUT",
    errno: -110,
    ...attempt,
  });
  assertEquals([error.cause, Object.hasOwn(error, "hostname")], [undefined, false]);
});
