import { assertEquals } from "@std/assert";
import { after, type Move, reads, type State } from "./state.ts";

/** The states that some moves lead through; `-` for a move that there is not. */
function path(...moves: Move[]): string[] {
  let state: State = "open";
  return moves.map((move) => {
    const next = after(state, move);
    state = next ?? state;
    return next ?? "-";
  });
}

Deno.test("after() goes through a close from either side", () => {
  assertEquals(path("sendClose", "receiveClose", "end"), ["closing", "closed", "ended"]);
  assertEquals(path("receiveClose", "sendClose", "end"), ["answering", "closed", "ended"]);
});

Deno.test("after() knows no way back, no second close and no failure after the close", () => {
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

Deno.test("reads() is true until the peer's close or a failure", () => {
  const states: State[] = ["open", "closing", "answering", "closed", "failed", "ended"];
  assertEquals(states.filter(reads), ["open", "closing"]);
});
