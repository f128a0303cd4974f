import { assertEquals, assertRejects } from "@std/assert";
import { NetError } from "../_core/errors.ts";
import { LOCAL_REQUEST, mailboxSink, sendTo } from "../_testing/udp_contract.ts";
import { hasNativeUdp, startUdpPeer } from "../_testing/udp_peer.ts";
import { UDP_PERMISSION_CHILD } from "../_testing/udp_permission_child.ts";
import { bindUdp } from "./deno_datagram.ts";

/** What the child prints with these flags and no other permission. */
async function withFlags(...flags: string[]): Promise<string[]> {
  const args = ["run", "--quiet", "--no-prompt", ...flags, UDP_PERMISSION_CHILD];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const [text = "", errors = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(errors, "");
  return text.trim().split("\n");
}

const DENIED = "ERR_ACCESS_DENIED";

Deno.test("U18 a missing permission is a rejection in Deno, and never uncaught", async () => {
  for (const flags of [[], ["--unstable-net"]]) {
    assertEquals(await withFlags(...flags), [
      `bind: ${DENIED} bind NotCapable`,
      `event: ${DENIED}`,
      `send: ${DENIED} bind NotCapable`,
      `event: ${DENIED}`,
      `send elsewhere: ${DENIED} bind NotCapable`,
      "end",
    ]);
    assertEquals(await withFlags(...flags, "--allow-net=127.0.0.1,0.0.0.0"), [
      "bind: done",
      "send: done",
      `event: ${DENIED}`,
      `send elsewhere: ${DENIED} send NotCapable`,
      "end",
    ]);
  }
});

Deno.test("bindUdp() in Deno moves to node's for what the native API lacks, and loses nothing", async () => {
  const { sink, texts } = mailboxSink();
  const handle = await bindUdp({ ...LOCAL_REQUEST, host: "0.0.0.0" }, sink);
  await using peer = await startUdpPeer();
  await handle.join("224.0.0.116", "127.0.0.1");
  for (const text of ["a", "b", "c"]) await peer.send(text, handle.port);
  const sends = ["1", "2"].map((text) => sendTo(handle, text, peer.port));
  const moving = handle.set("multicastInterface", "127.0.0.1");
  sends.push(sendTo(handle, "3", peer.port));
  await moving;
  await Promise.all(sends);
  for (const text of ["1", "2", "3"]) assertEquals((await peer.next()).text, text);
  for (const text of ["a", "b", "c"]) {
    assertEquals(await texts.next(), `${text} from 127.0.0.1 ${peer.port}`);
  }
  // It is still a member.
  await sendTo(handle, "group", handle.port, "224.0.0.116");
  assertEquals((await texts.next()).split(" ")[0], "group");
  await handle.leave("224.0.0.116", "127.0.0.1");
  await handle.close();
});

Deno.test("bindUdp() in Deno says so when an IPv4 group cannot be had on an IPv6 socket", async () => {
  const { sink } = mailboxSink();
  const handle = await bindUdp({ ...LOCAL_REQUEST, host: undefined }, sink);
  const join = () => handle.join("224.0.0.116", "127.0.0.1");
  if (hasNativeUdp()) {
    await join();
    const error = await assertRejects(() => handle.set("ttl", 5), NetError);
    assertEquals(error.code, "ERR_FEATURE_UNAVAILABLE");
    // It has stayed where it was.
    assertEquals(await sendTo(handle, "x", handle.port, "::1"), 1);
  } else {
    assertEquals((await assertRejects(join, NetError)).code, "ERR_FEATURE_UNAVAILABLE");
  }
  await handle.close();
});
