/**
 * What the UDP sockets of every runtime have to keep, as checks by the name of the rule: the
 * interface `DatagramHandle` of `_runtime/datagram.ts`.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { NetError } from "../_core/errors.ts";
import type { BindUdpRequest, DatagramHandle, DatagramSink } from "../_runtime/datagram.ts";
import { Mailbox } from "./mailbox.ts";
import { startUdpPeer } from "./udp_peer.ts";

/** Binds a socket of the runtime under test. */
export type BindUdp = (request: BindUdpRequest, sink: DatagramSink) => Promise<DatagramHandle>;

/** A request for a port on 127.0.0.1 that the system chooses. */
export const LOCAL_REQUEST: BindUdpRequest = {
  host: "127.0.0.1",
  port: 0,
  ipv6Only: false,
  reuseAddress: false,
  recvBufferSize: undefined,
  sendBufferSize: undefined,
  settings: {},
};

/** A sink that keeps what comes in. */
export function mailboxSink(): { sink: DatagramSink; texts: Mailbox<string> } {
  const texts = new Mailbox<string>();
  const sink: DatagramSink = {
    onMessage: (data, address, port) => {
      assertEquals(data.buffer.byteLength, data.length);
      texts.push(`${new TextDecoder().decode(data)} from ${address} ${port}`);
    },
    onError: (error) => texts.push(error.code),
  };
  return { sink, texts };
}

/** Sends and waits until the system has it. */
export function sendTo(
  handle: DatagramHandle,
  text: string | Uint8Array,
  port: number,
  address: string = "127.0.0.1",
): Promise<number> {
  const data = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return new Promise((resolve, reject) => {
    handle.send(data, port, address, (error, sent) => {
      if (error === null) resolve(sent);
      else reject(error);
    });
  });
}

async function there(bind: BindUdp): Promise<void> {
  const { sink, texts } = mailboxSink();
  const handle = await bind(LOCAL_REQUEST, sink);
  assertEquals(handle.address, "127.0.0.1");
  await using peer = await startUdpPeer();
  assertEquals(await sendTo(handle, "there", peer.port), 5);
  assertEquals((await peer.next()).port, handle.port);
  await peer.send("back", handle.port);
  assertEquals(await texts.next(), `back from 127.0.0.1 ${peer.port}`);
  await handle.close();
}

async function inOrder(bind: BindUdp): Promise<void> {
  const { sink, texts } = mailboxSink();
  const handle = await bind(LOCAL_REQUEST, sink);
  const numbers = Array.from({ length: 200 }, (_, index) => `${index}`);
  const sends = numbers.map((number) => sendTo(handle, number, handle.port));
  for (const number of numbers) {
    assertEquals(await texts.next(), `${number} from 127.0.0.1 ${handle.port}`);
  }
  await Promise.all(sends);
  await handle.close();
}

async function tellsWhy(bind: BindUdp): Promise<void> {
  const { sink } = mailboxSink();
  const handle = await bind(LOCAL_REQUEST, sink);
  const tooLong = await assertRejects(
    () => sendTo(handle, new Uint8Array(65_508), handle.port),
    NetError,
  );
  assertEquals([tooLong.code, tooLong.syscall, tooLong.port], ["EMSGSIZE", "send", handle.port]);
  const request = { ...LOCAL_REQUEST, port: handle.port };
  const taken = await assertRejects(() => bind(request, sink), NetError);
  assertEquals(
    [taken.code, taken.errno, taken.syscall, taken.address, taken.port],
    ["EADDRINUSE", -98, "bind", "127.0.0.1", handle.port],
  );
  await handle.close();
  // The address is free at once.
  await (await bind(request, sink)).close();
}

async function broadcasts(bind: BindUdp): Promise<void> {
  const { sink, texts } = mailboxSink();
  const handle = await bind({ ...LOCAL_REQUEST, host: "0.0.0.0" }, sink);
  const send = () => sendTo(handle, "x", handle.port, "127.255.255.255");
  assertEquals((await assertRejects(send, NetError)).code, "EACCES");
  await handle.set("broadcast", true);
  assertEquals(await send(), 1);
  assert((await texts.next()).startsWith("x from 127."));
  await handle.close();
}

async function settings(bind: BindUdp): Promise<void> {
  const { sink, texts } = mailboxSink();
  const request = { ...LOCAL_REQUEST, host: "0.0.0.0", settings: { ttl: 3, multicastTTL: 0 } };
  const early = await bind(request, sink);
  await early.close();
  const handle = await bind({ ...request, settings: {} }, sink);
  await handle.set("ttl", 64);
  await handle.set("multicastTTL", 0);
  await handle.set("multicastLoopback", true);
  await handle.set("multicastInterface", "127.0.0.1");
  await handle.join("224.0.0.115", "127.0.0.1");
  await sendTo(handle, "x", handle.port, "224.0.0.115");
  assert((await texts.next()).startsWith("x from 127.0.0.1"));
  await handle.leave("224.0.0.115", "127.0.0.1");
  const wrong = () => handle.set("multicastInterface", "203.0.113.9");
  await assertRejects(wrong, NetError);
  await handle.close();
}

async function everyAddress(bind: BindUdp): Promise<void> {
  const { sink, texts } = mailboxSink();
  const handle = await bind({ ...LOCAL_REQUEST, host: undefined }, sink);
  assertEquals(handle.address, "::");
  await using four = await startUdpPeer();
  await using six = await startUdpPeer({ host: "::1" });
  await four.send("x", handle.port);
  assertEquals(await texts.next(), `x from ::ffff:127.0.0.1 ${four.port}`);
  await six.send("y", handle.port);
  assertEquals(await texts.next(), `y from ::1 ${six.port}`);
  await sendTo(handle, "z", four.port, "::ffff:127.0.0.1");
  assertEquals((await four.next()).text, "z");
  await handle.close();
}

/** The rules. */
export const UDP_CONTRACT: Readonly<Record<string, (bind: BindUdp) => Promise<void>>> = {
  "sends and receives, with the size of each buffer": there,
  "keeps the order of sends that nobody waits for": inOrder,
  "tells why it failed, and frees its address": tellsWhy,
  "sends to broadcast addresses when it may": broadcasts,
  "takes every setting, before and after": settings,
  "binds to every address of both families": everyAddress,
};
