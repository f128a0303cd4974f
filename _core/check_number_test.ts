import { assert, assertEquals, assertThrows } from "@std/assert";
import { checkInteger, checkNumber } from "./check_number.ts";
import { UsageError } from "./errors.ts";

function messageOf(act: () => number): string {
  const error = assertThrows(act, RangeError);
  assert(error instanceof UsageError);
  assertEquals(error.code, "ERR_OUT_OF_RANGE");
  return error.message;
}

Deno.test("checkNumber() gives what is within the range, and the fallback when it is left out", () => {
  for (const value of [0, 0.5, 7, Infinity]) assertEquals(checkNumber("size", value, 3), value);
  for (const value of [1, 2.5, 9]) assertEquals(checkNumber("size", value, 3, [1, 9]), value);
  assertEquals(checkNumber("size", undefined, 3, [1, 2]), 3);
});

Deno.test("checkNumber() names the option and the range when the value cannot be used", () => {
  for (const value of [-1, NaN, "5", null, {}, 5n, undefined]) {
    const fallback = value === undefined ? undefined : 3;
    const message = messageOf(() => checkNumber("size", value, fallback));
    assertEquals(message, `Cannot use size ${String(value)}: it is not 0 or more`);
  }
  assertEquals(
    messageOf(() => checkNumber("the timeout", 0, 3, [1, 9])),
    "Cannot use the timeout 0: it is not from 1 to 9",
  );
});

Deno.test("checkInteger() takes integers alone, and within the range", () => {
  for (const value of [1, 5, 9]) assertEquals(checkInteger("level", value, [1, 9]), value);
  for (const value of [0, 10, 1.5, NaN, Infinity, "5", undefined]) {
    const message = messageOf(() => checkInteger("level", value, [1, 9]));
    assertEquals(message, `Cannot use level ${String(value)}: it is not an integer from 1 to 9`);
  }
  assertEquals(
    messageOf(() => checkInteger("level", Infinity, [1, Infinity])),
    "Cannot use level Infinity: it is not an integer 1 or more",
  );
});
