/**
 * Stands in for the root of `@std/crypto` where JSR cannot be reached.
 *
 * @module
 */

export { timingSafeEqual } from "./timing_safe_equal.ts";
