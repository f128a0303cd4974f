/**
 * The states of one end of a connection, and every move between them (RFC 6455, section 7.1). The
 * table does not know which end it is for.
 *
 * @module
 */

/**
 * Where an end stands:
 *
 * - `open`: messages go both ways;
 * - `closing`: our close frame went out, the peer's has not come;
 * - `answering`: the peer's came, ours has not gone out;
 * - `closed`: both were seen;
 * - `failed`: we gave the connection up because of what the peer did;
 * - `ended`: the peer's bytes have come to their end.
 */
export type State = "open" | "closing" | "answering" | "closed" | "failed" | "ended";

/** What moves an end. */
export type Move = "sendClose" | "receiveClose" | "fail" | "end";

/** Every move that there is; one that is missing changes nothing. */
export const MOVES = {
  open: { sendClose: "closing", receiveClose: "answering", fail: "failed", end: "ended" },
  closing: { receiveClose: "closed", fail: "failed", end: "ended" },
  answering: { sendClose: "closed" },
  closed: { end: "ended" },
  failed: { end: "ended" },
  ended: {},
} as const satisfies Record<State, Partial<Record<Move, State>>>;

/** Where a move leads; undefined when there is no such move from here. */
export function after(state: State, move: Move): State | undefined {
  const moves: Partial<Record<Move, State>> = MOVES[state];
  return moves[move];
}

/** Whether what the peer sends still counts. */
export function reads(state: State): boolean {
  return state === "open" || state === "closing";
}
