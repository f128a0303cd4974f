import { assertEquals, assertThrows } from "@std/assert";
import { answerTo, GREETING, LineSplitter, Transcript } from "./conversation.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("LineSplitter gives the same lines however the bytes are cut", () => {
  const bytes = encode("one\r\n\nGrüße für 5 €\nrest");
  for (let cut = 0; cut <= bytes.length; cut++) {
    const splitter = new LineSplitter();
    const lines = [bytes.slice(0, cut), bytes.slice(cut)].flatMap((part) => splitter.push(part));
    assertEquals(lines, ["one", "", "Grüße für 5 €"]);
  }
});

Deno.test("LineSplitter keeps no more than one line of a client that never ends it", () => {
  const splitter = new LineSplitter();
  const lines = splitter.push(encode("x".repeat(10_000)));
  assertEquals(lines.map(({ length }) => length), [4096, 4096]);
  assertEquals(splitter.push(encode("\n")), ["x".repeat(10_000 - 2 * 4096)]);
});

Deno.test("Transcript goes through the conversation, and notes what is not as expected", () => {
  const transcript = new Transcript();
  let said = transcript.hear(GREETING);
  while (said !== null) said = transcript.hear(answerTo(said));
  assertEquals(transcript.hear("And another thing"), null);
  const wrong = transcript.finish().filter(({ received, expected }) => received !== expected);
  assertEquals(wrong.map(({ received }) => received), ["And another thing"]);
});

Deno.test("Transcript does not take a conversation that ended early for a good one", () => {
  const transcript = new Transcript();
  transcript.hear(GREETING);
  assertThrows(() => transcript.finish(), Error, "The server ended the conversation before");
});
