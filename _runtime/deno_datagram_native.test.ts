import { assertEquals } from "@std/assert";
import { LOCAL_REQUEST, mailboxSink, UDP_CONTRACT } from "../_testing/udp_contract.ts";
import { hasNativeUdp } from "../_testing/udp_peer.ts";
import { bindUdp } from "./deno_datagram.ts";
import { isBroadcast, lastAddress } from "./deno_datagram_native.ts";

Deno.test({
  name: "Deno's native UDP sockets keep the contract (needs --unstable-net)",
  ignore: !hasNativeUdp(),
  async fn(t) {
    for (const [rule, check] of Object.entries(UDP_CONTRACT)) {
      await t.step(rule, () => check(bindUdp));
    }
  },
});

Deno.test("lastAddress() is the broadcast address of an IPv4 network", () => {
  const rows = [
    ["127.0.0.1/8", "127.255.255.255"],
    ["10.0.0.1/24", "10.0.0.255"],
    ["192.168.1.9/26", "192.168.1.63"],
    ["172.16.5.1/20", "172.16.15.255"],
    ["10.0.0.1/30", "10.0.0.3"],
    ["10.0.0.1/31", undefined],
    ["10.0.0.1/32", undefined],
    ["::1/128", undefined],
  ] as const;
  for (const [network, expected] of rows) assertEquals(lastAddress(network), expected);
});

Deno.test("isBroadcast() knows the addresses of every machine, with or without a coat", () => {
  const broadcast = ["255.255.255.255", "127.255.255.255", "::ffff:127.255.255.255"];
  assertEquals(broadcast.map(isBroadcast), [true, true, true]);
  assertEquals(["127.0.0.1", "8.8.8.8", "::1"].map(isBroadcast), [false, false, false]);
});

Deno.test("a closed socket of the runtime frees its port at once", async () => {
  const { sink } = mailboxSink();
  const first = await bindUdp(LOCAL_REQUEST, sink);
  const { port } = first;
  await first.close();
  for (let round = 0; round < 10; round++) {
    await (await bindUdp({ ...LOCAL_REQUEST, port }, sink)).close();
  }
});
