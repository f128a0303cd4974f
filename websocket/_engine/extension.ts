/**
 * What the two sides agree on about compression: permessage-deflate of RFC 7692, section 7.
 *
 * @module
 */

import { type ExtensionElement, readExtensions } from "./grammar.ts";

/** How one side wants to compress; a window of 2 to the power of `windowBits`, from 8 to 15. */
export interface DeflateWishes {
  /** The server begins each message anew: no memory is kept between messages. */
  readonly serverNoContextTakeover: boolean;
  /** The client begins each message anew. */
  readonly clientNoContextTakeover: boolean;
  /** The most for the server's window. */
  readonly serverMaxWindowBits: number;
  /** The most for the client's window. */
  readonly clientMaxWindowBits: number;
}

/** What was agreed on. */
export type DeflateAgreement = DeflateWishes;

const NAME = "permessage-deflate";

/** The parameters of one offer or answer, checked; absent ones are undefined. */
interface Params {
  server_no_context_takeover?: true;
  client_no_context_takeover?: true;
  server_max_window_bits?: number;
  /** True in an offer without a value. */
  client_max_window_bits?: number | true;
}

/** Section 7.1.2: a decimal integer without leading zeroes, from 8 to 15. */
const WINDOW_BITS = /^(?:8|9|1[0-5])$/;

/** Reads parameters; null when one is unknown, comes twice, or has a value that cannot be. */
function readParams({ params }: ExtensionElement, isOffer: boolean): Params | null {
  const read: Params = {};
  for (const [name, value] of params) {
    if (name in read) return null;
    if (name === "server_no_context_takeover" || name === "client_no_context_takeover") {
      if (value !== true) return null;
      read[name] = true;
    } else if (name === "server_max_window_bits" || name === "client_max_window_bits") {
      if (value === true) {
        if (!isOffer || name === "server_max_window_bits") return null;
        read.client_max_window_bits = true;
      } else {
        if (!WINDOW_BITS.test(value)) return null;
        read[name] = Number(value);
      }
    } else {
      return null;
    }
  }
  return read;
}

/** What a server answers. */
export interface Answer {
  /** What was agreed on; null for no compression. */
  readonly deflate: DeflateAgreement | null;
  /** The field to send; null for none. */
  readonly field: string | null;
}

/**
 * Answers a client's offers: the first that can be accepted. Null when the field does not conform
 * to its grammar, which fails the handshake (RFC 6455, section 9.1).
 */
export function answerOffers(field: string | null, wishes: DeflateWishes | null): Answer | null {
  if (field === null) return { deflate: null, field: null };
  const elements = readExtensions(field);
  if (elements === null) return null;
  for (const element of wishes === null ? [] : elements) {
    if (element.name !== NAME) continue;
    const offer = readParams(element, true);
    if (offer !== null) return accept(offer, wishes!);
  }
  return { deflate: null, field: null };
}

function accept(offer: Params, wishes: DeflateWishes): Answer {
  const { client_max_window_bits: hint } = offer;
  const deflate: DeflateAgreement = {
    serverNoContextTakeover: offer.server_no_context_takeover ?? wishes.serverNoContextTakeover,
    clientNoContextTakeover: offer.client_no_context_takeover ?? wishes.clientNoContextTakeover,
    serverMaxWindowBits: Math.min(
      offer.server_max_window_bits ?? 15,
      wishes.serverMaxWindowBits,
    ),
    // Only a client that says so can be held to a smaller window (section 7.1.2.2).
    clientMaxWindowBits: hint === undefined
      ? 15
      : Math.min(hint === true ? 15 : hint, wishes.clientMaxWindowBits),
  };
  const params = [NAME];
  if (deflate.serverNoContextTakeover) params.push("server_no_context_takeover");
  if (deflate.clientNoContextTakeover) params.push("client_no_context_takeover");
  if (offer.server_max_window_bits !== undefined || deflate.serverMaxWindowBits < 15) {
    params.push(`server_max_window_bits=${deflate.serverMaxWindowBits}`);
  }
  if (deflate.clientMaxWindowBits < 15) {
    params.push(`client_max_window_bits=${deflate.clientMaxWindowBits}`);
  }
  return { deflate, field: params.join("; ") };
}

/**
 * What a client offers. One that would keep its memory between messages offers the other way too,
 * for servers that ask for it only where it was offered (RFC 7692, section 7.1.1.2).
 */
export function offerOf(wishes: DeflateWishes): string {
  if (wishes.clientNoContextTakeover) return oneOffer(wishes);
  return `${oneOffer(wishes)}, ${oneOffer({ ...wishes, clientNoContextTakeover: true })}`;
}

function oneOffer(wishes: DeflateWishes): string {
  const params = [NAME];
  if (wishes.serverNoContextTakeover) params.push("server_no_context_takeover");
  if (wishes.clientNoContextTakeover) params.push("client_no_context_takeover");
  if (wishes.serverMaxWindowBits < 15) {
    params.push(`server_max_window_bits=${wishes.serverMaxWindowBits}`);
  }
  params.push(
    wishes.clientMaxWindowBits < 15
      ? `client_max_window_bits=${wishes.clientMaxWindowBits}`
      : "client_max_window_bits",
  );
  return params.join("; ");
}

/**
 * Reads the server's answer to an offer: what was agreed on, null for no compression, or why the
 * connection fails (section 7.1).
 */
export function readAnswer(
  field: string | null,
  wishes: DeflateWishes | null,
): DeflateAgreement | null | string {
  if (field === null) return null;
  const elements = readExtensions(field);
  if (elements === null) return "its Sec-WebSocket-Extensions is malformed";
  const [element, ...more] = elements;
  if (wishes === null || more.length > 0 || element!.name !== NAME) {
    return `it has the extension ${(more[0] ?? element!).name}, which was not offered`;
  }
  const answer = readParams(element!, false);
  if (answer === null) return `its parameters of ${NAME} are not valid`;
  const { server_max_window_bits: serverBits, client_max_window_bits: clientBits = 15 } = answer;
  if (
    (wishes.serverNoContextTakeover && !answer.server_no_context_takeover) ||
    (wishes.serverMaxWindowBits < 15 && serverBits === undefined) ||
    (serverBits ?? 15) > wishes.serverMaxWindowBits ||
    (answer.client_max_window_bits !== undefined &&
      Number(clientBits) > wishes.clientMaxWindowBits)
  ) {
    return `its parameters of ${NAME} are not those that were offered`;
  }
  return {
    serverNoContextTakeover: answer.server_no_context_takeover ?? false,
    clientNoContextTakeover: answer.client_no_context_takeover ?? wishes.clientNoContextTakeover,
    serverMaxWindowBits: serverBits ?? 15,
    clientMaxWindowBits: Math.min(Number(clientBits), wishes.clientMaxWindowBits),
  };
}
