import { assert, assertEquals } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { concat } from "../_core/bytes.ts";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { everySplit } from "../_testing/splits.ts";
import { RecordingSink } from "../_testing/stream_contract.ts";
import { maskedFrame } from "./_engine/frame_writer.ts";
import { Link } from "./link.ts";
import type { CloseInfo, LinkOwner, Message } from "./link_owner.ts";
import { settingsOf } from "./options.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Writes down what it is told. */
class Owner implements LinkOwner {
  readonly log: string[] = [];
  listens = true;
  onOpen = () => void this.log.push("open");
  onPing = (payload: Uint8Array) => void this.log.push(`ping ${payload.length}`);
  onPong = (payload: Uint8Array) => void this.log.push(`pong ${payload.length}`);
  onDrain = () => void this.log.push("drain");
  onError = (error: unknown) => void this.log.push(`error ${error}`);
  onClose = ({ code, wasClean }: CloseInfo) => void this.log.push(`close ${code} ${wasClean}`);
  listening = () => this.listens;

  onMessage(message: Message): boolean {
    if (!this.listens) return false;
    this.log.push(String(message));
    return true;
  }
}

function rig() {
  const owner = new Owner();
  const clock = new FakeClock();
  const link = new Link(owner, "server", settingsOf({}, new TimerQueue(clock)));
  const [near, far] = MemoryStream.pair();
  const peer = new RecordingSink();
  far.attach(peer);
  far.resume();
  return { owner, clock, link, near, far, peer };
}

const AGREED = { protocol: "", deflate: null };

function frame(first: number, payload: string): Uint8Array {
  return maskedFrame(first, bytes(payload), 0x01020304);
}

Deno.test("Link tells the same however its bytes are cut, early ones included", async () => {
  const sample = concat([
    frame(0x81, "a"),
    frame(0x89, "!"),
    frame(0x01, "b"),
    frame(0x80, "c"),
    frame(0x88, ""),
  ]);
  for (const [early = new Uint8Array(0), ...pieces] of everySplit(sample)) {
    const { owner, link, near, far, peer } = rig();
    link.messages.listen();
    link.open({ stream: near, early: early.slice(), ended: false }, AGREED);
    for (const piece of pieces) {
      const { written } = peer;
      far.write(piece);
      await peer.until(() => peer.written > written);
    }
    await peer.saw("end");
    far.end();
    while (owner.log.at(-1)?.startsWith("close") !== true) await setImmediate();
    assertEquals(owner.log, ["open", "a", "ping 1", "bc", "close 1005 true"]);
    assertEquals([...concat(peer.chunks)], [0x8a, 1, 0x21, 0x88, 0]);
  }
});

Deno.test("Link stops between two messages of one chunk when a listener pauses", async () => {
  const { owner, link, near } = rig();
  link.messages.listen();
  const text = "x".repeat(1000);
  const early = concat(Array.from({ length: 100 }, () => frame(0x81, text)));
  owner.listens = false;
  link.open({ stream: near, early, ended: false }, AGREED);
  assert(link.messages.size >= 64 * 1024 && link.messages.size < 68 * 1024);
  owner.listens = true;
  link.messages.listen();
  await setImmediate();
  assertEquals(owner.log.length, 101);
  link.destroy();
  await setImmediate();
});

Deno.test("Link gives its place at a server free, and closes with 1001 at its shutdown", async () => {
  const { owner, link, near, far, peer } = rig();
  const left: unknown[] = [];
  link.places = { leave: (one) => left.push(one), passOn: () => {}, makeSocket: () => link };
  link.open({ stream: near, early: new Uint8Array(0), ended: false }, AGREED);
  link.shutdown();
  await peer.saw("data");
  assertEquals([...peer.chunks[0]!], [0x88, 2, 1001 >> 8, 1001 & 255]);
  far.write(frame(0x88, "\x03\x69".slice(0, 0)));
  await peer.saw("end");
  far.end();
  while (left.length === 0) await setImmediate();
  assertEquals(owner.log, ["open", "close 1005 true"]);
});

Deno.test("refuse() and destroy() end a link that was never open", async () => {
  const refused = rig();
  refused.link.refuse("no");
  assertEquals(refused.owner.log, ["error no", "close 1006 false"]);
  const destroyed = rig();
  const reasons: unknown[] = [];
  destroyed.link.abandon = (error) => reasons.push(error);
  destroyed.link.destroy("why");
  destroyed.link.destroy("again");
  await setImmediate();
  assertEquals([reasons, destroyed.owner.log], [["why"], ["error why", "close 1006 false"]]);
  destroyed.link.open({ stream: destroyed.near, early: new Uint8Array(0), ended: false }, AGREED);
  assertEquals(destroyed.near.calls, ["close"]);
});

Deno.test("open() of a connection whose peer has ended is a failure after what came", async () => {
  const { owner, link, near } = rig();
  link.messages.listen();
  link.open({ stream: near, early: frame(0x81, "last"), ended: true }, AGREED);
  await setImmediate();
  assertEquals(owner.log.slice(0, 2), ["open", "last"]);
  assert(owner.log[2]?.includes("ended without a close frame"));
  assertEquals(owner.log[3], "close 1006 false");
});
