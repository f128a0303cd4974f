/**
 * What a case of the published list of Autobahn|Testsuite is: what the fuzzer sends to a peer that
 * echoes, and how that has to go on. The descriptions of the list are put into code anew here.
 *
 * @module
 */

import type { FrameParts } from "../../../_testing/websocket_cases/frames.ts";
import type { Event, Peer } from "./peer.ts";

/** One case. */
export interface Case {
  /** Its number in the list. */
  readonly id: string;
  /** Sec-WebSocket-Extensions of a fuzzing client; of a fuzzing server, by what was offered. */
  readonly offer?: string;
  readonly answer?: (offers: readonly string[]) => string | null;
  /** Plays it; throws when the peer does something else than it has to. */
  run(peer: Peer): Promise<void>;
}

const encoder = new TextEncoder();

/** Text in UTF-8. */
export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

function shown({ kind, payload }: Event): string {
  if (kind === "close" && payload.length >= 2) return `close ${payload[0]! * 256 + payload[1]!}`;
  const text = new TextDecoder().decode(payload.subarray(0, 40));
  return `${kind} of ${payload.length} bytes (${text})`;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Takes the next event, which has to be this. */
export async function awaits(
  peer: Peer,
  kind: Event["kind"],
  payload: Uint8Array,
): Promise<void> {
  const event = await peer.next();
  if (event.kind === kind && same(event.payload, payload)) return;
  throw new Error(`Got ${shown(event)} instead of ${kind} of ${payload.length} bytes`);
}

async function awaitsEnd(peer: Peer): Promise<void> {
  const event = await peer.next();
  if (event.kind !== "end") throw new Error(`Got ${shown(event)} instead of the end`);
}

function closePayload(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}

/** We close by 1000, and the peer answers so; the server ends the connection. */
export async function closes(peer: Peer): Promise<void> {
  await peer.send([{ opcode: 8, payload: closePayload(1000) }]);
  await isClosed(peer, "1000");
}

/** The peer has answered our close by a code, "" for none; the server ends the connection. */
export async function isClosed(peer: Peer, code: string): Promise<void> {
  const event = await peer.next();
  const got = shown(event);
  const wanted = code === "" ? "close of 0 bytes ()" : `close ${code}`;
  if (got !== wanted) throw new Error(`Got ${got} instead of ${wanted}`);
  // A client that ends first would be wrong: the server ends (RFC 6455, section 7.1.1).
  if (peer.role === "server") {
    if (!peer.idle) throw new Error("Got something after the close frame");
    peer.end();
  }
  await awaitsEnd(peer);
  peer.end();
}

/** The peer fails the connection by a code, and ends it. */
export async function isFailed(peer: Peer, code: number): Promise<void> {
  const event = await peer.next();
  if (shown(event) !== `close ${code}`) {
    throw new Error(`Got ${shown(event)} instead of close ${code}`);
  }
  await awaitsEnd(peer);
  peer.end();
}

/** A case in which frames are sent, and then something comes. */
export interface Plain {
  /** Sent one after the other; what stands in one list leaves together. */
  readonly send: readonly (readonly FrameParts[])[];
  /** Whether each frame is sent in single bytes. */
  readonly bytewise?: boolean;
  /** What comes before the end. */
  readonly expect?: readonly (readonly [Event["kind"], string | Uint8Array])[];
  /** The code by which the peer fails it; absent if we close. */
  readonly fails?: number;
  /** We have closed already: what the answer says. */
  readonly answered?: string;
}

/** Makes a case of it. */
export function plain(id: string, given: Plain): Case {
  const { send, bytewise, expect = [], fails, answered } = given;
  return {
    id,
    async run(peer) {
      for (const frames of send) await peer.send(frames, bytewise ? 1 : undefined);
      for (const [kind, payload] of expect) {
        await awaits(peer, kind, typeof payload === "string" ? bytes(payload) : payload);
      }
      if (fails !== undefined) await isFailed(peer, fails);
      else if (answered !== undefined) await isClosed(peer, answered);
      else await closes(peer);
    },
  };
}
