import { assert, assertEquals, assertFalse } from "@std/assert";
import { ERROR_CODES, type ErrorCode } from "./error_codes.ts";
import { NetError, netError, ProtocolError, TransportError, UsageError } from "./errors.ts";

Deno.test("netError() gives the class of the code's row when called with each code", () => {
  const classes = { usage: UsageError, protocol: ProtocolError, transport: TransportError };
  const bases = { Error, TypeError, RangeError };
  for (const [code, row] of Object.entries(ERROR_CODES)) {
    const error = netError(code as ErrorCode, "Cannot do it");
    assertEquals(error.code, code);
    assert(error instanceof Error);
    assert(error instanceof NetError, code);
    for (const [kind, errorClass] of Object.entries(classes)) {
      assertEquals((error as Error) instanceof errorClass, kind === row.kind, `${code} ${kind}`);
    }
    assert(error instanceof bases[row.base], `${code} is no ${row.base}`);
  }
});

Deno.test("netError() carries only the fields it was given", () => {
  const cause = new Error("below");
  const error = netError("ECONNREFUSED", "Cannot connect", { cause, port: 1, address: undefined });
  assertEquals(Object.keys(error).sort(), ["code", "name", "port"]);
  assertEquals(error.cause, cause);
  assertEquals(error.name, "TransportError");
  assertFalse("cause" in netError("EPIPE", "Cannot write"));
});

Deno.test("NetError instanceof follows the language when a class is derived elsewhere", () => {
  class MyError extends ProtocolError {}
  const mine = new MyError("ERR_MINE", "Mine");
  assert(mine instanceof MyError);
  assert(mine instanceof ProtocolError);
  assert(mine instanceof NetError);
  assertFalse(new ProtocolError("ERR_X", "X") instanceof MyError);
  assertFalse((mine as Error) instanceof UsageError);
});

Deno.test("NetError instanceof refuses what is not of this package", () => {
  for (const other of [new Error("x"), null, undefined, 1, "x", {}]) {
    assertFalse((other as unknown) instanceof NetError);
  }
});
