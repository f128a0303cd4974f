/** The opening handshake (RFC 6455, section 4), as checks of what one side got from the other. @module */

import {
  answerOffers,
  type DeflateAgreement,
  type DeflateWishes,
  readAnswer,
} from "./extension.ts";
import { hasToken, readTokens } from "./grammar.ts";

/** The only version that there is (section 4.1). */
export const VERSION = "13";

/** What is joined to a key to prove that it was understood (section 1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Sixteen bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** SHA-1 of a text, in base64. */
export type Sha1 = (text: string) => string;

/** Gives a field of a message, its lines joined by commas; null if there is none. */
export type FieldOf = (name: string) => string | null;

/** A request as far as the handshake looks at it. */
export interface HandshakeRequest {
  /** Its method. */
  readonly method: string;
  /** Its fields. */
  readonly field: FieldOf;
}

/** What a server has to offer. */
export interface ServerWishes {
  /** The subprotocols that it speaks. The client's order decides among them. */
  readonly protocols: readonly string[];
  /** How it wants to compress; null for not at all. */
  readonly deflate: DeflateWishes | null;
}

/** A request that opens a WebSocket. */
export interface Accepted {
  readonly ok: true;
  /** The fields of the response 101, without Upgrade and Connection. */
  readonly fields: [name: string, value: string][];
  /** The subprotocol, or an empty text. */
  readonly protocol: string;
  /** How to compress; null for not at all. */
  readonly deflate: DeflateAgreement | null;
}

/** A request that does not, and how to answer it. */
export interface Refused {
  readonly ok: false;
  readonly status: number;
  readonly fields: [name: string, value: string][];
  readonly reason: string;
}

/** The value of Sec-WebSocket-Accept for a key. */
export function acceptOf(key: string, sha1: Sha1): string {
  return sha1(key + GUID);
}

/** What a response of 426 has to have (RFC 9110, section 15.5.22). */
const UPGRADE: [name: string, value: string][] = [
  ["upgrade", "websocket"],
  ["connection", "upgrade"],
];

function refuse(
  status: number,
  reason: string,
  fields: [name: string, value: string][] = [],
): Refused {
  return { ok: false, status, fields, reason };
}

/** Checks what a client asks for (section 4.2.1); null if it is in order so far. */
function checkRequest({ method, field }: HandshakeRequest): Refused | null {
  if (method !== "GET") {
    return refuse(405, `the method is ${method} instead of GET`, [["allow", "GET"]]);
  }
  if (!hasToken(field("upgrade"), "websocket")) {
    return refuse(426, "Upgrade does not name websocket", UPGRADE);
  }
  if (!hasToken(field("connection"), "upgrade")) {
    return refuse(400, "Connection does not name Upgrade");
  }
  const version = field("sec-websocket-version");
  if (version !== VERSION) {
    return refuse(426, `Sec-WebSocket-Version is ${version ?? "missing"} instead of 13`, [
      ...UPGRADE,
      ["sec-websocket-version", VERSION],
    ]);
  }
  if (!KEY.test(field("sec-websocket-key") ?? "")) {
    return refuse(400, "Sec-WebSocket-Key is not 16 bytes in base64");
  }
  // What stands in a body would be taken for frames by one side, and not by the other.
  if (field("transfer-encoding") !== null || Number(field("content-length") ?? 0) !== 0) {
    return refuse(400, "the request has content");
  }
  return null;
}

/** The first of the client's subprotocols that we speak; null if the field is malformed. */
function chooseProtocol(field: string | null, ours: readonly string[]): string | null {
  if (field === null) return "";
  const theirs = readTokens(field);
  if (theirs === null || theirs.length === 0 || new Set(theirs).size < theirs.length) return null;
  return theirs.find((name) => ours.includes(name)) ?? "";
}

/** Answers a request that should open a WebSocket (section 4.2.2). */
export function answerRequest(
  request: HandshakeRequest,
  wishes: ServerWishes,
  sha1: Sha1,
): Accepted | Refused {
  const refused = checkRequest(request);
  if (refused !== null) return refused;
  const { field } = request;
  const protocol = chooseProtocol(field("sec-websocket-protocol"), wishes.protocols);
  if (protocol === null) return refuse(400, "Sec-WebSocket-Protocol is malformed");
  const answer = answerOffers(field("sec-websocket-extensions"), wishes.deflate);
  if (answer === null) return refuse(400, "Sec-WebSocket-Extensions is malformed");
  const fields: [string, string][] = [
    ["sec-websocket-accept", acceptOf(field("sec-websocket-key")!, sha1)],
  ];
  if (protocol !== "") fields.push(["sec-websocket-protocol", protocol]);
  if (answer.field !== null) fields.push(["sec-websocket-extensions", answer.field]);
  return { ok: true, fields, protocol, deflate: answer.deflate };
}

/** What a client asked for. */
export interface ClientWishes {
  /** The key that it sent. */
  readonly key: string;
  /** The subprotocols that it offered. */
  readonly protocols: readonly string[];
  /** How it offered to compress; null for not at all. */
  readonly deflate: DeflateWishes | null;
}

/** What a server agreed to. */
export interface Agreed {
  /** The subprotocol, or an empty text. */
  readonly protocol: string;
  /** How to compress; null for not at all. */
  readonly deflate: DeflateAgreement | null;
}

/** Checks the response to a handshake (section 4.1); a text says what is wrong with it. */
export function checkResponse(
  status: number,
  field: FieldOf,
  wishes: ClientWishes,
  sha1: Sha1,
): Agreed | string {
  if (status !== 101) return `its status is ${status} instead of 101`;
  if (field("upgrade")?.trim().toLowerCase() !== "websocket") return "its Upgrade is not websocket";
  if (!hasToken(field("connection"), "upgrade")) return "its Connection does not name Upgrade";
  if (field("sec-websocket-accept")?.trim() !== acceptOf(wishes.key, sha1)) {
    return "its Sec-WebSocket-Accept does not answer our key";
  }
  const protocol = field("sec-websocket-protocol");
  const { protocols } = wishes;
  if (protocol === null ? protocols.length > 0 : !protocols.includes(protocol)) {
    return `its subprotocol ${protocol ?? "(none)"} is not one of those offered`;
  }
  const deflate = readAnswer(field("sec-websocket-extensions"), wishes.deflate);
  if (typeof deflate === "string") return deflate;
  return { protocol: protocol ?? "", deflate };
}
