import { assertEquals, assertRejects } from "@std/assert";
import type { NetError } from "../_core/errors.ts";
import { remoteInfo } from "./address.ts";
import { Inbox, type UdpMessage } from "./inbox.ts";

function message(number: number): UdpMessage {
  return { data: new Uint8Array([number]), remote: remoteInfo("127.0.0.1", 9, 1) };
}

/** An inbox with a listener that can be turned on and off. */
function withListener(limit: number) {
  const heard: number[] = [];
  const state = { listening: false };
  const inbox = new Inbox({
    deliver: ({ data }) => {
      if (state.listening) heard.push(data[0]!);
      return state.listening;
    },
    listening: () => state.listening,
  }, limit);
  return { inbox, heard, state };
}

Deno.test("Inbox drops and counts what comes while too many wait", async () => {
  const { inbox } = withListener(3);
  for (let number = 0; number < 5; number++) inbox.push(message(number));
  assertEquals([inbox.waiting, inbox.dropped], [3, 2]);
  assertEquals((await inbox.read(undefined)).data[0], 0);
  inbox.push(message(5));
  const rest = [await inbox.read(undefined), await inbox.read(undefined)];
  assertEquals(rest.map(({ data }) => data[0]), [1, 2]);
  assertEquals((await inbox.read(undefined)).data[0], 5);
  assertEquals(inbox.dropped, 2);
});

Deno.test("Inbox hands what waits to a listener that comes, in order", async () => {
  const { inbox, heard, state } = withListener(10);
  inbox.push(message(1));
  state.listening = true;
  inbox.listen();
  inbox.push(message(2));
  await Promise.resolve();
  inbox.push(message(3));
  assertEquals(heard, [1, 2, 3]);
  assertEquals([inbox.waiting, inbox.dropped], [0, 0]);
});

Deno.test("Inbox ends its readers when it closes, and drops what waits", async () => {
  const { inbox } = withListener(10);
  const reading = assertRejects(() => inbox.read(undefined));
  inbox.close();
  assertEquals((await reading as NetError).code, "ERR_SOCKET_CLOSED");
  const other = withListener(10).inbox;
  let left = 0;
  const loop = (async () => {
    const seen: number[] = [];
    for await (const { data } of other.messages(() => left++)) seen.push(data[0]!);
    return seen;
  })();
  other.push(message(1));
  await Promise.resolve();
  other.close();
  other.push(message(2));
  assertEquals([await loop, left], [[1], 1]);
});

Deno.test("Inbox drops and counts what comes from port 0, which nobody can answer", () => {
  const { inbox } = withListener(10);
  inbox.push({ data: new Uint8Array([1]), remote: remoteInfo("127.0.0.1", 0, 1) });
  assertEquals([inbox.waiting, inbox.dropped], [0, 1]);
});
