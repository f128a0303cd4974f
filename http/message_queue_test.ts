import { assertEquals } from "@std/assert";
import { latin1 } from "../_core/text.ts";
import { MessageQueue } from "./message_queue.ts";

/** A queue, what was written, texts apart from bytes, and a way to let go that answers the writes. */
function opened() {
  const written: string[] = [];
  let unanswered = 0;
  const queue: MessageQueue = new MessageQueue({
    startWrite(bytes) {
      written.push(`bytes ${latin1(bytes, 0, bytes.length)}`);
      unanswered = bytes.length;
    },
    startText(text) {
      written.push(`text ${text}`);
      unanswered = text.length;
      return true;
    },
    onEmpty() {},
    onUnsendable(error) {
      throw error;
    },
  });
  const letGo = () => {
    queue.letGo();
    queue.written(unanswered);
  };
  return { queue, written, letGo };
}

const BYTES = Uint8Array.of(98, 99);

Deno.test("MessageQueue letGo() sends texts that came alone as one text", () => {
  const { queue, written, letGo } = opened();
  queue.add("a", true);
  queue.add("b", true);
  assertEquals([queue.waiting, written], [2, []]);
  letGo();
  assertEquals([queue.waiting, written], [0, ["text ab"]]);
  letGo();
  assertEquals(written.length, 1);
});

Deno.test("MessageQueue letGo() sends text as UTF-8 when a part of it is not known to be ASCII", () => {
  const { queue, written, letGo } = opened();
  queue.add("a", true);
  queue.add("\u00e9", false);
  queue.add("b", true);
  letGo();
  queue.add("c", true);
  letGo();
  assertEquals(written, ["bytes a\xc3\xa9b", "text c"]);
});

Deno.test("MessageQueue keeps text and bytes in their order and sends them as one", () => {
  const { queue, written, letGo } = opened();
  queue.add("a", true);
  queue.add(BYTES, false);
  queue.add("d", true);
  queue.addFramed("2:", BYTES, ",");
  queue.add("e", true);
  assertEquals([queue.waiting, written], [10, []]);
  letGo();
  assertEquals([queue.waiting, written], [0, ["bytes abcd2:bc,e"]]);
});
