import { assertEquals } from "@std/assert";
import { mailboxSink } from "../_testing/udp_contract.ts";
import type { DatagramHandle, SendDone } from "./datagram.ts";
import { WakeUp } from "./deno_datagram_wake.ts";

/** A handle that keeps what it is to send. */
function fakeHandle(address: string) {
  const sent: { data: Uint8Array; port: number; address: string; done: SendDone }[] = [];
  const handle: Pick<DatagramHandle, "address" | "port" | "send"> = {
    address,
    port: 9,
    send: (data, port, address, done) => void sent.push({ data, port, address, done }),
  };
  return { handle, sent };
}

Deno.test("WakeUp keeps its own datagrams from the socket's user, and no other", async () => {
  const { sink, texts } = mailboxSink();
  const wakeUp = new WakeUp(sink);
  const { handle, sent } = fakeHandle("::");
  wakeUp.wake(handle);
  const [{ data, port, address, done }] = sent as [typeof sent[number]];
  assertEquals([port, address, data.length], [9, "::1", 16]);
  done(null, 16);
  wakeUp.onMessage(new Uint8Array(16).fill(97), "::1", 9);
  wakeUp.onMessage(data.slice(), "::1", 9);
  wakeUp.onMessage(new TextEncoder().encode("x"), "::1", 9);
  assertEquals(await texts.next(), `${"a".repeat(16)} from ::1 9`);
  assertEquals(await texts.next(), "x from ::1 9");
});

Deno.test("WakeUp sends to where a socket reaches itself", () => {
  const wakeUp = new WakeUp(mailboxSink().sink);
  for (const [bound, expected] of [["0.0.0.0", "127.0.0.1"], ["10.0.0.1", "10.0.0.1"]] as const) {
    const { handle, sent } = fakeHandle(bound);
    wakeUp.wake(handle);
    assertEquals(sent[0]?.address, expected);
  }
});
