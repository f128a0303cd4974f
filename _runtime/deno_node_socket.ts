/**
 * A connection of Deno's as a socket of its `node:net`. `node:tls` reads and writes below such a
 * socket without JavaScript, twice as fast as over a Duplex; yet the accepting is better done by
 * Deno's own listener: a server of `node:net` has to be woken once descriptors ran out
 * (`deno_node_server.ts`).
 *
 * None of what it takes is public in Deno: where a version lacks something, there is no socket, and
 * `node:tls` stands on a Duplex.
 *
 * @module
 */

import { Socket } from "node:net";
import process from "node:process";

/** What Deno's own TCP handle offers. */
interface TcpHandle {
  openFromRid(rid: number): number;
}

type TcpHandleClass = new (type: number) => TcpHandle;

/** Deno's constant for a handle that does not listen. */
const CLIENT = 0;

function findHandleClass(): TcpHandleClass | null {
  try {
    const { binding } = process as { binding?: (name: string) => { TCP?: unknown } };
    const { TCP } = binding?.("tcp_wrap") ?? {};
    const offers = typeof TCP === "function" && typeof TCP.prototype.openFromRid === "function";
    return offers ? (TCP as TcpHandleClass) : null;
  } catch {
    return null;
  }
}

/** The number by which Deno knows a connection. */
function ridOf(conn: Deno.Conn): number | undefined {
  const key = Object.getOwnPropertySymbols(conn).find((symbol) =>
    symbol.description === "Deno.internal.rid"
  );
  const rid: unknown = key === undefined ? undefined : Reflect.get(conn, key);
  return typeof rid === "number" ? rid : undefined;
}

const Handle = findHandleClass();

/** Where a socket keeps the connection below, so that all sockets share the listener. */
const CONN: unique symbol = Symbol("conn");

type OverConn = Socket & { [CONN]: Deno.Conn };

function closeConn(this: Socket): void {
  (this as OverConn)[CONN].close();
}

/**
 * Makes a socket of a connection that nobody reads from or writes to. Null where Deno does not offer
 * it: then the connection is as it was.
 */
export function nodeSocket(conn: Deno.Conn): Socket | null {
  const rid = Handle === null ? undefined : ridOf(conn);
  if (Handle === null || rid === undefined) return null;
  const handle = new Handle(CLIENT);
  // It takes a second descriptor, and fails when there is none.
  if (handle.openFromRid(rid) !== 0) return null;
  const socket = new Socket({ handle, allowHalfOpen: true, pauseOnCreate: true } as object);
  // Deno ends the sending side when it closes its own descriptor, so that cannot be done before.
  return Object.assign(socket, { [CONN]: conn }).on("close", closeConn);
}
