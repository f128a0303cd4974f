import { assert, assertEquals } from "@std/assert";
import type { Occupant, ServerPlaces } from "../_io/socket_parts.ts";
import { giveTo, type Successor } from "../_io/take_over.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { TcpSocket } from "../tcp/mod.ts";
import { SocketSuccessor, Switch } from "./switch.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (chunk: Uint8Array | null) => chunk === null ? null : new TextDecoder().decode(chunk);

/** A server's places that count the sockets they make. */
class Places implements ServerPlaces {
  made = 0;
  leave(): void {}
  passOn(): void {}
  makeSocket(): Occupant {
    this.made += 1;
    return new TcpSocket();
  }
}

/** Somebody who is no socket, and the log of what he was told. */
class Heir implements Successor {
  readonly log: unknown[] = [];
  readonly occupant = { destroy: () => {} };
  destroyed = false;
  take(): void {
    this.log.push("taken");
  }
  destroy(error?: unknown): void {
    this.log.push(error);
  }
}

Deno.test("Switch makes a socket when somebody asks for it, and one only", () => {
  const places = new Places();
  const prepared = new Switch(new Response(), places);
  assertEquals(places.made, 0);
  const { socket } = prepared;
  assert(prepared.socket === socket && prepared.successor.occupant === socket);
  assertEquals(places.made, 1);
  socket.destroy();
});

Deno.test("giveTo() has the connection given to another, for whom no socket is made", () => {
  const places = new Places();
  const prepared = new Switch(new Response(), places);
  const heir = new Heir();
  giveTo(prepared, heir);
  assert(prepared.successor === heir);
  const error = new Error("gone");
  prepared.destroy(error);
  assertEquals([heir.log, places.made], [[error], 0]);
});

Deno.test("Switch destroys whoever comes when there will be no switch any more", () => {
  const prepared = new Switch(new Response(), new Places());
  prepared.destroy();
  const heir = new Heir();
  giveTo(prepared, heir);
  assertEquals(heir.log, [undefined]);

  const late = new Switch(new Response(), new Places());
  late.destroy();
  assertEquals(late.socket.destroyed, true);
});

Deno.test("SocketSuccessor opens the socket, with what came early and the end", async () => {
  const [near] = MemoryStream.pair();
  const socket = new TcpSocket();
  const successor = new SocketSuccessor(socket);
  successor.take({ stream: near, early: bytes("early"), ended: true });
  assertEquals([text(await socket.read()), text(await socket.read())], ["early", null]);
  assertEquals(successor.destroyed, false);
  successor.destroy();
  assertEquals(successor.destroyed, true);
});

Deno.test("SocketSuccessor gives what came early to somebody who takes it", async () => {
  const [near, far] = MemoryStream.pair();
  far.attach(new RecordingSink());
  const early: string[] = [];
  const socket = new TcpSocket();
  const successor = new SocketSuccessor(socket, (chunk) => early.push(text(chunk)!));
  successor.take({ stream: near, early: bytes("early"), ended: false });
  far.write(bytes("later"));
  assertEquals([early, text(await socket.read())], [["early"], "later"]);
  socket.destroy();
});
