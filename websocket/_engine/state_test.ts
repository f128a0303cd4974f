import { assertEquals } from "@std/assert";
import { EndState, type Move } from "./state.ts";

/** The states that some moves lead through; `-` for a move that there is not. */
function path(...moves: Move[]): string[] {
  const state = new EndState();
  return moves.map((move) => state.move(move) ? state.current : "-");
}

Deno.test("EndState goes through a close from either side", () => {
  assertEquals(path("sendClose", "receiveClose", "end"), ["closing", "closed", "ended"]);
  assertEquals(path("receiveClose", "sendClose", "end"), ["answering", "closed", "ended"]);
});

Deno.test("EndState knows no way back, no second close and no failure after the close", () => {
  assertEquals(path("sendClose", "sendClose", "fail", "sendClose"), [
    "closing",
    "-",
    "failed",
    "-",
  ]);
  assertEquals(path("receiveClose", "sendClose", "fail", "receiveClose"), [
    "answering",
    "closed",
    "-",
    "-",
  ]);
  assertEquals(path("end", "sendClose", "receiveClose", "fail", "end"), ["ended", ..."----"]);
});

Deno.test("EndState reads until the peer's close or a failure", () => {
  const state = new EndState();
  assertEquals(state.reads, true);
  state.move("sendClose");
  assertEquals(state.reads, true);
  state.move("receiveClose");
  assertEquals(state.reads, false);
});
