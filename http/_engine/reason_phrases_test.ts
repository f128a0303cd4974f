import { assert, assertEquals } from "@std/assert";
import { FIELD_VALUE } from "./grammar.ts";
import { REASON_PHRASES } from "./reason_phrases.ts";

Deno.test("REASON_PHRASES holds phrases that may be sent for statuses that may be", () => {
  for (const [status, reason] of Object.entries(REASON_PHRASES)) {
    assert(/^[1-5]\d\d$/.test(status) && reason !== "" && FIELD_VALUE.test(reason));
  }
  assertEquals(Object.keys(REASON_PHRASES).length, 62);
});
