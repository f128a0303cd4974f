/**
 * Stands in for the part of `@std/assert` that this project uses, where JSR cannot be reached.
 * Same names, signatures and behaviour as the real package: a test that passes here has to pass
 * there, so what the real package refuses is refused here too.
 *
 * @module
 */

export { AssertionError } from "./assertion_error.ts";
export {
  assert,
  assertExists,
  assertFalse,
  assertInstanceOf,
  fail,
  type Falsy,
  unreachable,
} from "./truth.ts";
export { assertEquals, assertNotEquals, assertStrictEquals } from "./equality.ts";
export { assertGreater, assertGreaterOrEqual, assertLess, assertLessOrEqual } from "./order.ts";
export { assertMatch, assertStringIncludes } from "./text.ts";
export { assertThrows } from "./throws.ts";
export { assertRejects } from "./rejects.ts";
