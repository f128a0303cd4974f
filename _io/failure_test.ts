import { assert, assertEquals } from "@std/assert";
import type { NetError } from "../_core/errors.ts";
import {
  CLOSED_TO_READS,
  CLOSED_TO_WRITES,
  closedError,
  lingeredError,
  peerEndedError,
  writeAfterEndError,
} from "./failure.ts";

Deno.test("closedError() names what cannot be done when the socket is closed", () => {
  const error = closedError("connect");
  assertEquals([error.code, error.message], [
    "ERR_SOCKET_CLOSED",
    "Cannot connect: the socket is closed",
  ]);
});

Deno.test("CLOSED_TO_READS gives an error of its own when asked again", () => {
  for (const failure of [CLOSED_TO_READS, CLOSED_TO_WRITES]) {
    assertEquals((failure.error as NetError).code, "ERR_SOCKET_CLOSED");
    assert(failure.error !== failure.error);
  }
});

Deno.test("peerEndedError() and its like carry the code that callers match", () => {
  assertEquals(peerEndedError().code, "EPIPE");
  assertEquals(writeAfterEndError().code, "ERR_STREAM_WRITE_AFTER_END");
  assertEquals(lingeredError().code, "ETIMEDOUT");
});
