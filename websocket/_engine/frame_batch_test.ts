import { assertEquals } from "@std/assert";
import { FrameBatch, type FrameSender, MOST_BATCHED } from "./frame_batch.ts";

/** Keeps what it is given to send. */
class Sender implements FrameSender {
  sent: number[][] = [];
  onWrite: () => void = () => {};

  writeFrames(frames: Uint8Array): void {
    this.sent.push([...frames]);
    this.onWrite();
  }
}

function put(batch: FrameBatch, sender: Sender, ...bytes: number[]): void {
  const at = batch.reserve(sender, bytes.length);
  batch.bytes.set(bytes, at);
  batch.add(bytes.length);
}

Deno.test("FrameBatch joins one's frames when nobody else sends between them", () => {
  const batch = new FrameBatch();
  const sender = new Sender();
  put(batch, sender, 1, 2);
  put(batch, sender, 3);
  assertEquals([batch.pending(sender), sender.sent], [3, []]);
  batch.flush(sender);
  batch.flush(sender);
  assertEquals([batch.pending(sender), sender.sent], [0, [[1, 2, 3]]]);
});

Deno.test("FrameBatch sends one's frames first when another has some", () => {
  const batch = new FrameBatch();
  const [one, other, third] = [new Sender(), new Sender(), new Sender()];
  one.onWrite = () => put(batch, third, 9);
  put(batch, one, 1);
  put(batch, other, 2);
  batch.flush(one);
  assertEquals([one.sent, third.sent, batch.pending(other)], [[[1]], [[9]], 1]);
  batch.flush(other);
  assertEquals(other.sent, [[2]]);
});

Deno.test("FrameBatch loses and changes nothing when its memory is used up many times", () => {
  const batch = new FrameBatch();
  const chunks: Uint8Array[] = [];
  const sender: FrameSender = { writeFrames: (frames) => chunks.push(frames) };
  const size = MOST_BATCHED - 7;
  for (let frame = 0; frame < 40; frame++) {
    const at = batch.reserve(sender, size);
    batch.bytes.fill(frame, at, at + size);
    batch.add(size);
  }
  batch.flush(sender);
  const all = chunks.flatMap((chunk) => [...chunk]);
  assertEquals(all.length, 40 * size);
  assertEquals(all.every((byte, index) => byte === Math.floor(index / size)), true);
});
