import { assertEquals } from "@std/assert";
import type { NetError } from "../../_core/errors.ts";
import { maskedFrame, unmaskedFrame } from "./frame_writer.ts";
import type { Role } from "./frame.ts";
import { type ReaderOwner, takeReader } from "./peer_reader.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Somebody with bytes to read, and a note of what was in them. */
class Owner implements ReaderOwner {
  readonly role: Role;
  readonly limits = { maxMessageSize: 100, maxFrameSize: 100, maxFragments: 2 };
  readonly inflater = null;
  readonly copy = (bytes: Uint8Array, start: number, end: number) => bytes.slice(start, end);
  readonly log: string[] = [];

  constructor(role: Role) {
    this.role = role;
  }

  onMessage(data: string | Uint8Array): void {
    this.log.push(String(data));
  }

  onControl(opcode: number): void {
    this.log.push(`control ${opcode}`);
  }

  onViolation(error: NetError): void {
    this.log.push(error.code);
  }
}

Deno.test("takeReader() gives a reader that was given back, to work for another owner", () => {
  const [server, client] = [new Owner("server"), new Owner("client")];
  const first = takeReader(server);
  first.receive(maskedFrame(0x81, bytes("masked"), 7), 0);
  assertEquals(first.giveBack(), true);
  const second = takeReader(client);
  assertEquals(second === first, true);
  second.receive(unmaskedFrame(0x81, bytes("plain")), 0);
  assertEquals([server.log, client.log], [["masked"], ["plain"]]);
  assertEquals(second.giveBack(), true);
});

Deno.test("PeerReader giveBack() keeps one that stands within a frame or a message, or is dead", () => {
  const owner = new Owner("client");
  const whole = unmaskedFrame(0x81, bytes("text"));
  for (let cut = 1; cut < whole.length; cut++) {
    const reader = takeReader(owner);
    reader.receive(whole.slice(0, cut), 0);
    assertEquals(reader.giveBack(), false);
    reader.receive(whole.slice(cut), 0);
    assertEquals(reader.giveBack(), true);
  }
  const fragmented = takeReader(owner);
  fragmented.receive(unmaskedFrame(0x01, bytes("first")), 0);
  assertEquals(fragmented.giveBack(), false);
  // A control frame between fragments ends nothing.
  fragmented.receive(unmaskedFrame(0x89, bytes("ping")), 0);
  assertEquals(fragmented.giveBack(), false);
  fragmented.receive(unmaskedFrame(0x80, bytes(" last")), 0);
  assertEquals(fragmented.giveBack(), true);
  const broken = takeReader(owner);
  broken.receive(maskedFrame(0x81, bytes("masked"), 7), 0);
  assertEquals(broken.giveBack(), false);
  const killed = takeReader(owner);
  killed.kill();
  assertEquals(killed.giveBack(), false);
  const messages = Array.from({ length: whole.length - 1 }, () => "text");
  const expected = [...messages, "control 9", "first last", "ERR_WS_INVALID_FRAME"];
  assertEquals(owner.log, expected);
});
