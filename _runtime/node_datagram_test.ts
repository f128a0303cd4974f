import { assertEquals } from "@std/assert";
import { LOCAL_REQUEST, mailboxSink, sendTo, UDP_CONTRACT } from "../_testing/udp_contract.ts";
import { IN_DENO } from "../_testing/in_deno.ts";
import { freeUdpPort, startUdpPeer } from "../_testing/udp_peer.ts";
import { bindUdp } from "./node_datagram.ts";
import { runtime } from "./mod.ts";

Deno.test("the runtime's UDP sockets keep the contract", async (t) => {
  for (const [rule, check] of Object.entries(UDP_CONTRACT)) {
    await t.step(rule, () => check(runtime.bindUdp));
  }
});

Deno.test("node's UDP sockets keep their port when they disconnect", async () => {
  const { sink, texts } = mailboxSink();
  const handle = await bindUdp(LOCAL_REQUEST, sink);
  await using peer = await startUdpPeer();
  await handle.connect(peer.port, "127.0.0.1");
  await sendTo(handle, "x", peer.port);
  assertEquals((await peer.next()).port, handle.port);
  handle.disconnect();
  await sendTo(handle, "y", peer.port);
  assertEquals((await peer.next()).port, handle.port);
  await peer.send("z", handle.port);
  assertEquals(await texts.next(), `z from 127.0.0.1 ${peer.port}`);
  await handle.close();
});

Deno.test({
  name: "node's UDP sockets report a refused datagram, and send the next all the same",
  // In Deno a connect reaches no system.
  ignore: IN_DENO,
  async fn() {
    const { sink, texts } = mailboxSink();
    const handle = await bindUdp(LOCAL_REQUEST, sink);
    const port = await freeUdpPort();
    await handle.connect(port, "127.0.0.1");
    await sendTo(handle, "x", port);
    assertEquals(await texts.next(), "ECONNREFUSED");
    await using peer = await startUdpPeer({ port });
    assertEquals(await sendTo(handle, "y", port), 1);
    assertEquals((await peer.next()).text, "y");
    await handle.close();
  },
});
