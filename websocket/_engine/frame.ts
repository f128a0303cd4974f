/** What frames are made of (RFC 6455, section 5.2). @module */

/** What a frame carries. */
export const OPCODE = {
  CONTINUATION: 0x0,
  TEXT: 0x1,
  BINARY: 0x2,
  CLOSE: 0x8,
  PING: 0x9,
  PONG: 0xa,
} as const;

/** The bits beside the opcode in a frame's first byte. */
export const BIT = {
  /** The last fragment of a message. */
  FIN: 0x80,
  /** With permessage-deflate: the message is compressed (RFC 7692, section 6). */
  RSV1: 0x40,
  /** Never used by what is implemented here. */
  RSV2_3: 0x30,
  /** In the second byte: the payload is masked. */
  MASK: 0x80,
} as const;

/** The most that a control frame carries (section 5.5). */
export const MAX_CONTROL_PAYLOAD = 125;

/** In a frame's second byte: the length stands in the next two bytes. */
export const LENGTH_16 = 126;

/** In a frame's second byte: the length stands in the next eight bytes. */
export const LENGTH_64 = 127;

/** Whether an opcode is one of a control frame, known or reserved. */
export function isControl(opcode: number): boolean {
  return opcode >= 0x8;
}

/** Whether an opcode means something. */
export function isKnown(opcode: number): boolean {
  return opcode <= OPCODE.BINARY || (opcode >= OPCODE.CLOSE && opcode <= OPCODE.PONG);
}

/** Which end of a connection we are: clients mask what they send, servers never do. */
export type Role = "client" | "server";
