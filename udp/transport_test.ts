import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type NetError, UsageError } from "../_core/errors.ts";
import { Mailbox } from "../_testing/mailbox.ts";
import { startUdpPeer } from "../_testing/udp_peer.ts";
import { settle, type UdpSocketOptions } from "./options.ts";
import { Transport } from "./transport.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0, signal: undefined };

interface Rig {
  transport: Transport;
  messages: Mailbox<string>;
  bound: () => number;
}

function rig(options: UdpSocketOptions = {}): Rig {
  const messages = new Mailbox<string>();
  let bound = 0;
  const transport = new Transport(settle(options), {
    onBound: () => bound++,
    onMessage: ({ data }) => messages.push(new TextDecoder().decode(data)),
    onError: () => {},
  });
  return { transport, messages, bound: () => bound };
}

function send(transport: Transport, text: string, host: string | null, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    transport.send(new TextEncoder().encode(text), host, port, (error, sent) => {
      if (error === null) resolve(sent);
      else reject(error);
    });
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise) as NetError).code;
}

Deno.test("Transport binds once for all that wait, and sends in the order of the calls", async () => {
  await using peer = await startUdpPeer();
  const { transport, bound } = rig();
  assertEquals(transport.address, null);
  const sends = ["a", "b", "c"].map((text) => send(transport, text, "127.0.0.1", peer.port));
  assertEquals(await Promise.all(sends), [1, 1, 1]);
  assertEquals([(await peer.next()).text, (await peer.next()).text], ["a", "b"]);
  assertEquals(bound(), 1);
  assertEquals(await codeOf(transport.bind(LOCAL)), "ERR_SOCKET_ALREADY_BOUND");
  await transport.close();
  assertEquals(transport.closed, true);
});

Deno.test("Transport gives up a connect() that disconnect() or close() overtakes", async () => {
  await using peer = await startUdpPeer();
  const { transport } = rig();
  const connecting = transport.connect("127.0.0.1", peer.port);
  const waiting = send(transport, "x", null);
  transport.disconnect();
  const codes = await Promise.all([waiting, connecting].map(codeOf));
  assertEquals(codes, ["ERR_SOCKET_DGRAM_NOT_CONNECTED", "ERR_SOCKET_DGRAM_NOT_CONNECTED"]);
  assertThrows(() => transport.disconnect(), UsageError);
  await transport.connect("127.0.0.1", peer.port);
  assertEquals(transport.peer?.port, peer.port);
  assertEquals(await send(transport, "y", null), 1);
  assertEquals((await peer.next()).text, "y");
  await transport.close();
  const { transport: other } = rig();
  const late = codeOf(other.connect("127.0.0.1", peer.port));
  await other.close();
  assertEquals(await late, "ERR_SOCKET_CLOSED");
});

/** Runs what is due now some steps further. */
async function steps(count: number): Promise<void> {
  for (let step = 0; step < count; step++) await null;
}

Deno.test("Transport connect() holds for the last peer when disconnect() came between at any step", async () => {
  await using first = await startUdpPeer();
  await using second = await startUdpPeer();
  for (let step = 0; step < 12; step++) {
    const { transport } = rig();
    await transport.bind(LOCAL);
    const overtaken = transport.connect("127.0.0.1", first.port).catch((error) => error);
    await steps(step);
    transport.disconnect();
    const connecting = transport.connect("127.0.0.1", second.port);
    const error: unknown = await overtaken;
    if (error !== undefined) {
      assertEquals((error as NetError).code, "ERR_SOCKET_DGRAM_NOT_CONNECTED");
    }
    if (error !== undefined) assert(error instanceof UsageError);
    await connecting;
    assertEquals(transport.peer?.port, second.port);
    await send(transport, `${step}`, null);
    assertEquals((await second.next()).text, `${step}`);
    await transport.close();
  }
});

Deno.test("Transport connects to a name, and fails for one of the wrong family", async () => {
  await using peer = await startUdpPeer();
  const { transport, messages } = rig();
  await transport.bind(LOCAL);
  assertEquals(await codeOf(transport.connect("::1", peer.port)), "EAFNOSUPPORT");
  await transport.connect("localhost", peer.port);
  await send(transport, "x", null);
  const { port } = await peer.next();
  await peer.send("back", port);
  assertEquals(await messages.next(), "back");
  await transport.close();
});

Deno.test("Transport rejects what waits for a bind() that never comes, when it closes", async () => {
  const { transport } = rig();
  const calls = [
    transport.set("ttl", 5),
    transport.join({
      address: "224.0.0.114",
      networkInterface: undefined,
    }),
  ];
  const codes = Promise.all(calls.map(codeOf));
  await transport.close();
  assertEquals(await codes, ["ERR_SOCKET_CLOSED", "ERR_SOCKET_CLOSED"]);
  assertEquals(await codeOf(send(transport, "x", "127.0.0.1", 9)), "ERR_SOCKET_CLOSED");
  await transport.close();
});
