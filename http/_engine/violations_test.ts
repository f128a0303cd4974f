import { assertEquals } from "@std/assert";
import {
  bodyTimedOut,
  bodyTooLarge,
  chunkFault,
  extensionsTooLarge,
  framingError,
  headTimedOut,
  headTooLarge,
  responseStalled,
  startLineTooLong,
  trailersTooLarge,
} from "./violations.ts";

const VIOLATIONS = [
  ["startLineTooLong", startLineTooLong(7), "ERR_HTTP_START_LINE_TOO_LONG", 414],
  ["headTooLarge", headTooLarge("7 fields"), "ERR_HTTP_HEAD_TOO_LARGE", 431],
  ["trailersTooLarge", trailersTooLarge(7), "ERR_HTTP_HEAD_TOO_LARGE", 431],
  ["extensionsTooLarge", extensionsTooLarge(7), "ERR_HTTP_HEAD_TOO_LARGE", 431],
  ["bodyTooLarge", bodyTooLarge(7), "ERR_HTTP_BODY_TOO_LARGE", 413],
  ["chunkFault", chunkFault("has 7 sizes"), "ERR_HTTP_INVALID_CHUNK", 400],
] as const;

for (const [name, error, code, status] of VIOLATIONS) {
  Deno.test(`${name}() names code, status and limit when a server shall answer it`, () => {
    assertEquals([error.code, error.status], [code, status]);
    assertEquals(error.message.includes("7"), true);
  });
}

for (
  const [name, error, code, status] of [
    ["headTimedOut", headTimedOut(), "ERR_HTTP_HEAD_TIMEOUT", 408],
    ["bodyTimedOut", bodyTimedOut(), "ERR_HTTP_BODY_TIMEOUT", 408],
    ["responseStalled", responseStalled(), "ERR_HTTP_RESPONSE_STALLED", undefined],
  ] as const
) {
  Deno.test(`${name}() names code and status when a client takes too long`, () => {
    assertEquals([error.code, error.status], [code, status]);
  });
}

const FAULTS = [
  ["length", "ERR_HTTP_INVALID_FRAMING", 400],
  ["conflict", "ERR_HTTP_INVALID_FRAMING", 400],
  ["coding", "ERR_HTTP_INVALID_FRAMING", 400],
  ["version", "ERR_HTTP_INVALID_FRAMING", 400],
  ["unknown coding", "ERR_HTTP_TRANSFER_CODING", 501],
] as const;

for (const [fault, code, status] of FAULTS) {
  Deno.test(`framingError() gives ${code} when the fault is ${fault}`, () => {
    const error = framingError(fault);
    assertEquals([error.code, error.status], [code, status]);
  });
}
