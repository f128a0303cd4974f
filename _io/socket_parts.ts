/**
 * What is below the public face of sockets and servers, for the modules that build on them: TLS
 * needs the connection of a socket, and other sockets out of a server. It hangs on symbols, so that
 * nothing of it shows in the public classes.
 *
 * @module
 */

import { netError } from "../_core/errors.ts";
import type { Connection } from "./connection.ts";
import type { ByteStream } from "./stream.ts";

// Of the global registry: the ESM and the CommonJS build may meet in one process.
const PARTS: unique symbol = Symbol.for("@netstd/net.socket_parts") as never;
const HOOKS: unique symbol = Symbol.for("@netstd/net.server_hooks") as never;
const TAKER: unique symbol = Symbol.for("@netstd/net.server_taker") as never;

/** What is below a socket's public face. */
export interface SocketParts {
  /** Its connection. */
  readonly connection: Connection;
  /** Whether somebody waits on a promise or stream, which tells of errors too. */
  observed: boolean;
  /** The event that tells that the connection is open. */
  openEvent: string;
  /** Gives the socket's place at its server to another; null when it has none. */
  handOver(successor: Occupant): ServerPlaces | null;
}

/** Who has one of a server's open connections: a socket, or a protocol's own end of it. */
export interface Occupant {
  /** Gives the connection up at once. */
  destroy(): void;
  /** The server closes: finish what runs, begin nothing, and close. */
  shutdown?(): void;
}

/** The open connections of a server, to those who have them. */
export interface ServerPlaces {
  /** A connection has closed. */
  leave(occupant: Occupant): void;
  /** Another has the connection from now on. */
  passOn(occupant: Occupant, successor: Occupant): void;
  /** Makes a socket as the server's own are, for a connection to be passed on to. */
  makeSocket(): Occupant;
}

/** Takes a client's connection, ready for use, in place of a socket. */
export type Taker = (stream: ByteStream, places: ServerPlaces) => Occupant;

/** What a server that is built on another does in its own way. */
export interface ServerHooks<Socket> {
  /** The events for a socket that is ready, `connection` the last. */
  readonly events: readonly string[];
  /** Makes the socket for a client. */
  makeSocket(options: object): Socket;
  /** Makes the stream that the socket stands on; where there is none, it destroys the socket. */
  prepare(socket: Socket, stream: ByteStream, ready: (stream: ByteStream) => void): void;
}

/** Lets `partsOf()` find the parts of a class's sockets. */
export function provideParts<Socket extends object>(
  prototype: Socket,
  find: (socket: Socket) => SocketParts,
): void {
  define(prototype, PARTS, find);
}

/** The parts of a socket; throws `ERR_INVALID_ARG_TYPE` for what is no socket of this package. */
export function partsOf(socket: object): SocketParts {
  const { [PARTS]: parts } = (socket ?? {}) as { [PARTS]?: SocketParts };
  if (parts !== undefined) return parts;
  throw netError("ERR_INVALID_ARG_TYPE", "Cannot use the object: it is no socket of this package");
}

/** Lets the class that a server's class is built on find its hooks. */
export function provideHooks<Server extends object, Socket>(
  prototype: Server,
  find: (server: Server) => ServerHooks<Socket>,
): void {
  define(prototype, HOOKS, find);
}

/** The hooks of a server, if its class has any. */
export function hooksOf<Socket>(server: object): ServerHooks<Socket> | undefined {
  return (server as { [HOOKS]?: ServerHooks<Socket> })[HOOKS];
}

/** Options for a server that makes no sockets, but gives its connections to a protocol. */
export function withTaker<Options extends object>(options: Options, taker: Taker): Options {
  return { ...options, [TAKER]: taker };
}

/** Who takes the connections of a server with these options, if not sockets. */
export function takerOf(options: object): Taker | undefined {
  return (options as { [TAKER]?: Taker })[TAKER];
}

const CONNECTION: readonly string[] = ["connection"];

/** The events that a server hands its sockets out by. */
export function handOutEvents(server: object): readonly string[] {
  return hooksOf(server)?.events ?? CONNECTION;
}

/** Hands a socket out by these events; false when nobody listens to any. */
export function handOut(server: object, emit: (event: string) => boolean): boolean {
  let taken = false;
  for (const event of handOutEvents(server)) taken = emit(event) || taken;
  return taken;
}

function define<T extends object>(prototype: T, name: symbol, find: (owner: T) => unknown): void {
  Object.defineProperty(prototype, name, {
    get(this: T) {
      return find(this);
    },
  });
}
