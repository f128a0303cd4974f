import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { concat } from "../_core/bytes.ts";
import { NetError, netError } from "../_core/errors.ts";
import { pattern } from "../_testing/pattern.ts";
import { WriteQueue, type WriteQueueOwner } from "./write_queue.ts";

/** A stream that takes a chunk when the test says so. */
class Owner implements WriteQueueOwner {
  readonly log: string[] = [];
  readonly taken: Uint8Array[] = [];
  atWork: Uint8Array | null = null;
  unsendable: unknown = null;
  queue: WriteQueue = new WriteQueue(this, Infinity);

  startWrite(chunk: Uint8Array): void {
    assertEquals(this.atWork, null, "A second write while one is at work");
    assert(chunk.length > 0, "An empty write");
    this.log.push(`write(${chunk.length})`);
    this.atWork = chunk;
  }

  onEmpty(): void {
    this.log.push("empty");
  }

  onUnsendable(error: unknown): void {
    this.unsendable = error;
  }

  /** Answers the write at work: all of it was taken, or `count` bytes. */
  take(count: number = Infinity): void {
    const chunk = this.atWork;
    assert(chunk !== null, "Nothing is at work");
    this.atWork = null;
    const taken = chunk.slice(0, count);
    this.taken.push(taken);
    this.queue.written(taken.length);
  }

  /** Takes until nothing is at work. */
  takeAll(count?: number): void {
    while (this.atWork !== null) this.take(count);
  }

  get text(): string {
    return new TextDecoder().decode(concat(this.taken));
  }
}

/** An open queue. */
function setup(): { owner: Owner; queue: WriteQueue } {
  const owner = new Owner();
  owner.queue.open();
  owner.log.pop();
  return { owner, queue: owner.queue };
}

/** Takes the bytes away from who holds them, as a transfer to a worker does. */
function detach(bytes: Uint8Array): void {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError)).code;
}

Deno.test("WriteQueue gives a large chunk to the system in pieces, so that progress shows", () => {
  const { owner, queue } = setup();
  const large = pattern(2_500_000);
  queue.push(large);
  assertEquals(queue.bytesWritten, 0);
  owner.take();
  assertEquals(queue.bytesWritten, 1_048_576);
  owner.takeAll();
  assertEquals(owner.log, ["write(1048576)", "write(1048576)", "write(402848)", "empty"]);
  assertEquals(concat(owner.taken), large);
});

Deno.test("WriteQueue holds everything back until open(), then sends it in order", () => {
  const owner = new Owner();
  const { queue } = owner;
  queue.push("a");
  queue.push(new Uint8Array(20_000).fill(98));
  queue.push("c");
  assertEquals(owner.log, []);
  assertEquals(queue.bufferedAmount, 20_002);
  queue.open();
  assertEquals(owner.log, ["write(1)"]);
  owner.takeAll();
  assertEquals(owner.log, ["write(1)", "write(20000)", "write(1)", "empty"]);
  assertEquals(owner.text, `a${"b".repeat(20_000)}c`);
});

Deno.test("WriteQueue open() tells that it is empty when nothing was written", () => {
  const owner = new Owner();
  owner.queue.open();
  assertEquals(owner.log, ["empty"]);
});

Deno.test("WriteQueue push() sends at once when nothing is at work, and joins what comes meanwhile", () => {
  const { owner, queue } = setup();
  queue.push("first");
  assertEquals(owner.log, ["write(5)"]);
  for (let index = 0; index < 100; index++) {
    queue.push(index % 2 ? "odd" : new Uint8Array([101, 118]));
  }
  assertEquals(owner.log, ["write(5)"]);
  owner.takeAll();
  assertEquals(owner.log, ["write(5)", "write(250)", "empty"]);
  assertEquals(owner.text, `first${"evodd".repeat(50)}`);
});

Deno.test("WriteQueue push() passes a large chunk on as it is when it waits between small ones", () => {
  const { owner, queue } = setup();
  const large = new Uint8Array(16 * 1024 + 1).fill(76);
  queue.push("1");
  queue.push("2");
  queue.push("3");
  queue.push(large);
  queue.push("4");
  owner.take();
  owner.take();
  assertStrictEquals(owner.atWork, large);
  owner.takeAll();
  assertEquals(owner.log, ["write(1)", "write(2)", "write(16385)", "write(1)", "empty"]);
  assertEquals(owner.text, `123${"L".repeat(16_385)}4`);
});

Deno.test("WriteQueue push() fills chunks of at most 64 KiB when a thousand writes come in one turn", () => {
  const { owner, queue } = setup();
  const bytes = pattern(1_024_000);
  for (let index = 0; index < 1000; index++) {
    queue.push(bytes.subarray(index * 1024, (index + 1) * 1024));
  }
  owner.takeAll();
  assertEquals(concat(owner.taken), bytes);
  const sizes = owner.taken.map((chunk) => chunk.length);
  assert(Math.max(...sizes) <= 64 * 1024, `${Math.max(...sizes)} bytes`);
  assert(sizes.length <= 26, `${sizes.length} writes`);
});

Deno.test("WriteQueue push() holds little for small writes when large ones lie between them", () => {
  const { owner, queue } = setup();
  const large = pattern(64 * 1024);
  for (let count = 0; count < 4; count++) {
    queue.push("10000\r\n");
    queue.push(large);
    queue.push("\r\n");
  }
  for (; owner.atWork !== null; owner.take()) {
    const { length, buffer } = owner.atWork;
    const held = length === large.length ? large.length : 2048;
    assert(buffer.byteLength <= held, `${buffer.byteLength} bytes for ${length}`);
  }
});

Deno.test("WriteQueue push() joins text as UTF-8 when letters take up to four bytes", () => {
  const { owner, queue } = setup();
  const words = ["ascii ", "Zürich ", "日本 ", "😀 ", "\ud800"];
  let expected = "";
  for (let index = 0; index < 2000; index++) {
    const word = words[index % words.length]!;
    queue.push(word);
    expected += word;
  }
  const bytes = new TextEncoder().encode(expected);
  assertEquals(queue.bufferedAmount, bytes.length);
  owner.takeAll();
  assertEquals(concat(owner.taken), bytes);
  assertEquals(queue.bytesWritten, bytes.length);
});

Deno.test("WriteQueue push() sends long text whole when it waits", () => {
  const { owner, queue } = setup();
  const text = "日本".repeat(10_000);
  queue.push("<");
  queue.push(text);
  queue.push(">");
  owner.takeAll();
  assertEquals(owner.text, `<${text}>`);
});

Deno.test("WriteQueue push() ignores nothing at all when it is empty bytes or text", () => {
  const { owner, queue } = setup();
  queue.push("");
  queue.push(new Uint8Array());
  assertEquals(owner.log, []);
  queue.push("a");
  queue.push("");
  queue.push(new Uint8Array());
  owner.takeAll();
  assertEquals(owner.log, ["write(1)", "empty"]);
  assertEquals(owner.unsendable, null);
});

Deno.test("WriteQueue push() throws ERR_INVALID_ARG_TYPE and goes on when it is given something else", () => {
  const { owner, queue } = setup();
  for (const busy of [false, true]) {
    for (
      const data of [
        null,
        undefined,
        5,
        {},
        [1],
        new ArrayBuffer(2),
        new DataView(new ArrayBuffer(1)),
      ]
    ) {
      const error = assertThrows(() => queue.push(data as unknown as string), TypeError);
      assertEquals((error as TypeError & { code?: string }).code, "ERR_INVALID_ARG_TYPE");
    }
    if (!busy) queue.push("ok");
  }
  assertEquals(queue.bufferedAmount, 2);
  owner.takeAll();
  assertEquals(owner.text, "ok");
});

Deno.test("WriteQueue written() sends the rest when the system took fewer bytes", () => {
  for (const count of [1, 3, 7, 100]) {
    const { owner, queue } = setup();
    const bytes = pattern(20_000);
    queue.push(bytes.subarray(0, 10));
    queue.push(bytes.subarray(10, 40));
    queue.push(bytes.subarray(40));
    owner.takeAll(count);
    assertEquals(concat(owner.taken), bytes);
    assertEquals(owner.log.filter((entry) => entry === "empty").length, 1);
    assertEquals([queue.bytesWritten, queue.bufferedAmount], [20_000, 0]);
  }
});

Deno.test("WriteQueue counts each byte as written once the system took it, not before", () => {
  const { owner, queue } = setup();
  queue.push("abc");
  queue.push("de");
  assertEquals([queue.bytesWritten, queue.bufferedAmount], [0, 5]);
  owner.take(2);
  assertEquals([queue.bytesWritten, queue.bufferedAmount], [2, 3]);
  owner.take();
  assertEquals([queue.bytesWritten, queue.bufferedAmount], [3, 2]);
  owner.take();
  assertEquals([queue.bytesWritten, queue.bufferedAmount], [5, 0]);
});

Deno.test("WriteQueue keeps the order when the owner writes again on empty", () => {
  const { owner, queue } = setup();
  let rounds = 0;
  owner.onEmpty = () => {
    if (++rounds < 3) queue.push(String(rounds));
  };
  queue.push("0");
  owner.takeAll();
  assertEquals([owner.text, rounds], ["012", 3]);
});

Deno.test("WriteQueue flush() resolves when what was given before has gone, not what came after", async () => {
  const { owner, queue } = setup();
  const log: string[] = [];
  queue.push("ab");
  const first = queue.flush().then(() => log.push("first"));
  queue.push("c");
  const second = queue.flush().then(() => log.push("second"));
  owner.take(1);
  await Promise.resolve();
  assertEquals(log, []);
  owner.take();
  await first;
  assertEquals(log, ["first"]);
  owner.take();
  await second;
  assertEquals(log, ["first", "second"]);
  await queue.flush();
});

Deno.test("WriteQueue flush() rejects with the failure when one comes, and later too", async () => {
  const { owner, queue } = setup();
  const failure = { error: netError("EPIPE", "Cannot write: gone") };
  queue.push("ab");
  const waiting = queue.flush();
  queue.fail(failure);
  queue.fail({ error: new Error("A second failure") });
  assertStrictEquals(await assertRejects(() => waiting), failure.error);
  assertStrictEquals(await assertRejects(() => queue.flush()), failure.error);
  // A late answer changes nothing.
  queue.written(2);
  assertEquals(owner.log, ["write(2)"]);
});

Deno.test("WriteQueue flush() rejects when the queue fails before it was opened", async () => {
  const { queue } = new Owner();
  queue.push("ab");
  const waiting = queue.flush();
  queue.fail({ error: netError("ECONNREFUSED", "Cannot connect: refused") });
  assertEquals(await codeOf(waiting), "ECONNREFUSED");
});

Deno.test("WriteQueue reports ERR_INVALID_STATE when a chunk is transferred away while it waits", () => {
  const { owner, queue } = setup();
  const chunk = new Uint8Array(20_000);
  queue.push("a");
  queue.push(chunk);
  detach(chunk);
  owner.take();
  assertEquals((owner.unsendable as NetError).code, "ERR_INVALID_STATE");
  assertEquals(owner.log, ["write(1)"]);
});

Deno.test("WriteQueue reports ERR_INVALID_STATE when a chunk is transferred away while it is at work", () => {
  for (const count of [5, 20_000]) {
    const { owner, queue } = setup();
    const chunk = new Uint8Array(20_000);
    queue.push(chunk);
    detach(chunk);
    queue.written(count);
    assertEquals((owner.unsendable as NetError).code, "ERR_INVALID_STATE");
    assertEquals(owner.log, ["write(20000)"]);
  }
});

Deno.test("WriteQueue reports ERR_INVALID_STATE when a chunk is transferred away while it is held", () => {
  for (const more of [null, "more", new Uint8Array(20_000)]) {
    const { owner, queue } = setup();
    const chunk = new Uint8Array(100);
    queue.hold();
    queue.push(chunk);
    detach(chunk);
    if (more !== null) queue.push(more);
    queue.letGo();
    assertEquals((owner.unsendable as NetError).code, "ERR_INVALID_STATE");
    assertEquals(owner.log, []);
  }
});

Deno.test("WriteQueue sends a small chunk although it is transferred away when it was joined", () => {
  const { owner, queue } = setup();
  const chunk = pattern(100);
  queue.push("a");
  queue.push(chunk);
  detach(chunk);
  owner.takeAll();
  assertEquals(concat(owner.taken.slice(1)), pattern(100));
  assertEquals(owner.unsendable, null);
});

/** Memory of 20,000 bytes, with a note of its release. */
function lentMemory(byte: number, released: number[]) {
  const chunk = new Uint8Array(20_000).fill(byte);
  return { chunk, lent: { buffer: chunk.buffer, release: () => void released.push(byte) } };
}

Deno.test("WriteQueue pushLent() gives a large chunk free when the last byte of it was taken", () => {
  const { owner, queue } = setup();
  const released: number[] = [];
  const [first, second] = [lentMemory(1, released), lentMemory(2, released)];
  queue.pushLent(first.chunk, first.lent);
  queue.push(new Uint8Array(20_000));
  queue.pushLent(second.chunk, second.lent);
  owner.take(19_999);
  assertEquals(released, []);
  owner.take();
  assertEquals(released, [1]);
  owner.take();
  assertEquals(released, [1], "The chunk between them is nobody's");
  owner.take();
  assertEquals(released, [1, 2]);
  queue.push(first.chunk);
  owner.take();
  assertEquals(released, [1, 2]);
});

Deno.test("WriteQueue pushLent() keeps small chunks, which nobody reads into again", () => {
  const { owner, queue } = setup();
  let released = 0;
  for (let round = 0; round < 3; round++) {
    const chunk = pattern(100);
    queue.pushLent(chunk, { buffer: chunk.buffer, release: () => void released++ });
  }
  owner.takeAll();
  assertEquals([released, concat(owner.taken).length], [0, 300]);
});

Deno.test("WriteQueue letGo() sends what was written since hold() as one", () => {
  const { owner, queue } = setup();
  queue.hold();
  queue.push("head ");
  queue.push("");
  queue.push(new TextEncoder().encode("and body"));
  assertEquals([owner.log, queue.bufferedAmount], [[], 13]);
  queue.letGo();
  assertEquals(owner.log, ["write(13)"]);
  owner.take();
  assertEquals([owner.text, owner.log], ["head and body", ["write(13)", "empty"]]);
});

Deno.test("WriteQueue letGo() sends a single chunk as it is, and nothing when there is none", () => {
  const { owner, queue } = setup();
  queue.hold();
  queue.letGo();
  const chunk = pattern(100);
  queue.hold();
  queue.push(chunk);
  queue.letGo();
  assertStrictEquals(owner.atWork, chunk);
  queue.hold();
  queue.push("behind it");
  queue.letGo();
  assertEquals(owner.log, ["write(100)"]);
  owner.takeAll();
  assertEquals(concat(owner.taken).length, 109);
});

Deno.test("WriteQueue letGo() sends a small and a large chunk in their order, and none after fail()", () => {
  const { owner, queue } = setup();
  queue.hold();
  queue.push("small");
  queue.push(new Uint8Array(20_000));
  queue.letGo();
  owner.takeAll();
  assertEquals(owner.log, ["write(5)", "write(20000)", "empty"]);
  queue.hold();
  queue.push("lost");
  queue.fail({ error: netError("EPIPE", "Cannot write: gone") });
  queue.letGo();
  assertEquals(owner.log, ["write(5)", "write(20000)", "empty"]);
});

Deno.test("WriteQueue pushLent() keeps a chunk for ever when it cannot be sent any more", () => {
  const { queue } = setup();
  const released: number[] = [];
  for (const { chunk, lent } of [lentMemory(1, released), lentMemory(2, released)]) {
    queue.pushLent(chunk, lent);
  }
  queue.fail({ error: netError("EPIPE", "Cannot write: gone") });
  // The system may still read from the chunk that was at work.
  queue.written(20_000);
  assertEquals(released, []);
});

Deno.test("WriteQueue pushAscii() gives a text to who takes it as it is, when nothing is at work", async () => {
  const log: string[] = [];
  const queue = new WriteQueue({
    startWrite: (chunk) => void log.push(`bytes ${new TextDecoder().decode(chunk)}`),
    startText: (text) => log.push(`text ${text}`) > 0,
    onEmpty: () => void log.push("empty"),
    onUnsendable: () => {},
  }, Infinity);
  queue.pushAscii("early");
  assertEquals(log, []);
  queue.open();
  queue.written(5);
  queue.pushAscii("first");
  queue.pushAscii("second");
  const flushed = queue.flush();
  assertEquals(queue.bufferedAmount, 11);
  queue.written(5);
  queue.written(6);
  await flushed;
  queue.pushAscii("");
  queue.hold();
  queue.pushAscii("held");
  queue.letGo();
  assertEquals(log, [
    "bytes early",
    "empty",
    "text first",
    "bytes second",
    "empty",
    "bytes held",
  ]);
  assertEquals(queue.bytesWritten, 16);
});

Deno.test("WriteQueue joins texts of ASCII letters when they are held or a write is at work", () => {
  const { owner, queue } = setup();
  const long = "letters ".repeat(100);
  queue.hold();
  for (const text of ["a", "bc", long, ""]) queue.pushAscii(text);
  queue.push(Uint8Array.of(100));
  assertEquals([queue.bufferedAmount, owner.atWork], [804, null]);
  queue.letGo();
  for (const text of ["e", "f".repeat(20_000), "g"]) queue.pushAscii(text);
  owner.takeAll(300);
  assertEquals(owner.text, `abc${long}de${"f".repeat(20_000)}g`);
  assertEquals([queue.bufferedAmount, queue.bytesWritten], [0, 20_806]);
});

Deno.test("WriteQueue pushFramed() joins bytes and the texts around them, but not large bytes", () => {
  for (const length of [0, 1, 5000, 16 * 1024, 70_000]) {
    const { owner } = setup();
    const bytes = pattern(length);
    owner.queue.hold();
    owner.queue.pushFramed("begin ", bytes, " and a longer end");
    owner.queue.pushFramed("", bytes, "\r\n");
    assertEquals(owner.queue.bufferedAmount, 2 * length + 25);
    owner.queue.letGo();
    owner.takeAll();
    const text = new TextDecoder().decode(bytes);
    assertEquals(owner.text, `begin ${text} and a longer end${text}\r\n`);
    if (length > 0 && length <= 5000) assertEquals(owner.taken.length, length > 1000 ? 2 : 1);
  }
});

Deno.test("WriteQueue uses no joined chunk again that is still at work, nor another's", () => {
  const rigs = [setup(), setup()];
  const others = new Uint8Array(2048).fill(46);
  const wanted = ["", ""];
  for (let round = 0; round < 50; round++) {
    rigs.forEach(({ owner, queue }, index) => {
      queue.hold();
      for (const text of [`${index}:`, `${round};`]) {
        queue.pushAscii(text);
        wanted[index] += text;
      }
      if (round % 10 === 0) queue.push(others);
      if (round % 10 === 0) wanted[index] += ".".repeat(2048);
      queue.letGo();
      if ((round + index) % 3 === 0) owner.takeAll(round % 2 === 0 ? 1 : Infinity);
    });
  }
  rigs.forEach(({ owner }, index) => {
    owner.takeAll();
    assertEquals(owner.text, wanted[index]);
  });
  assertEquals(others.every((byte) => byte === 46), true);
});
