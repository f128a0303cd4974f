import { assert, assertEquals } from "@std/assert";
import { NetError } from "../../_core/errors.ts";
import { isSendable, readClose, writeClose } from "./close_code.ts";

/** The status, or the code of the error. */
function read(payload: Uint8Array): unknown {
  const status = readClose(payload);
  return status instanceof NetError ? [status.code, status.closeCode] : status;
}

Deno.test("isSendable() knows the codes that may stand in a frame", () => {
  const edges = [0, 999, 1000, 1003, 1004, 1005, 1006, 1007, 1014, 1015, 1016, 1100, 2000, 2999];
  assertEquals(edges.filter(isSendable), [1000, 1003, 1007, 1014]);
  assertEquals([3000, 4999, 5000, 65_535].filter(isSendable), [3000, 4999]);
  assertEquals([1001, 1002, 1008, 1009, 1010, 1011, 1012, 1013].every(isSendable), true);
});

Deno.test("readClose() gives back what writeClose() wrote", () => {
  assertEquals(read(writeClose(1000, "")), { code: 1000, reason: "" });
  assertEquals(read(writeClose(4999, "Bye, κόσμε")), { code: 4999, reason: "Bye, κόσμε" });
  assertEquals(read(writeClose(1005, "lost")), { code: 1005, reason: "" });
});

Deno.test("readClose() refuses one byte, reserved codes and broken text", () => {
  assertEquals(read(Uint8Array.of(3)), ["ERR_WS_INVALID_CLOSE", 1002]);
  assertEquals(read(Uint8Array.of(0, 0)), ["ERR_WS_INVALID_CLOSE", 1002]);
  assertEquals(read(Uint8Array.of(1005 >> 8, 1005 & 255)), ["ERR_WS_INVALID_CLOSE", 1002]);
  assertEquals(read(Uint8Array.of(3, 232, 0xff)), ["ERR_WS_INVALID_UTF8", 1007]);
  assertEquals(read(Uint8Array.of(3, 232, 0xe2, 0x82)), ["ERR_WS_INVALID_UTF8", 1007]);
});

Deno.test("writeClose() cuts a reason between letters when it is too long", () => {
  const payload = writeClose(1000, "a" + "é".repeat(100));
  assert(payload.length <= 125);
  assertEquals(read(payload), { code: 1000, reason: "a" + "é".repeat(61) });
});
