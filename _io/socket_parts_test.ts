import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  handOut,
  handOutEvents,
  hooksOf,
  partsOf,
  provideHooks,
  provideParts,
  takerOf,
  withTaker,
} from "./socket_parts.ts";
import type { ServerHooks, SocketParts } from "./socket_parts.ts";

Deno.test("partsOf() finds what a class provides, and refuses other objects", () => {
  class Socket {
    readonly parts = { observed: false } as SocketParts;
    static {
      provideParts(this.prototype, (socket: Socket) => socket.parts);
    }
  }
  const socket = new Socket();
  assertStrictEquals(partsOf(socket), socket.parts);
  assertThrows(() => partsOf({}), TypeError);
});

Deno.test("hooksOf() finds the hooks of a server's class, and none of others", () => {
  const hooks = { events: ["secureConnection", "connection"] } as unknown as ServerHooks<object>;
  class Server {
    static {
      provideHooks(this.prototype, () => hooks);
    }
  }
  assertStrictEquals(hooksOf(new Server()), hooks);
  assertEquals(hooksOf({}), undefined);
  assertEquals(handOutEvents(new Server()), ["secureConnection", "connection"]);
  assertEquals(handOutEvents({}), ["connection"]);
  const emitted: string[] = [];
  assertEquals(handOut(new Server(), (event) => emitted.push(event) === 1), true);
  assertEquals(emitted, ["secureConnection", "connection"]);
  assertEquals(handOut(new Server(), () => false), false);
});

Deno.test("takerOf() finds who takes the connections, and nobody in options of others", () => {
  const taker = () => ({ destroy() {} });
  const options = withTaker({ maxConnections: 3 }, taker);
  assertStrictEquals(takerOf(options), taker);
  assertEquals(options.maxConnections, 3);
  assertEquals(takerOf({}), undefined);
});
