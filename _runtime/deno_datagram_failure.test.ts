import { assertEquals } from "@std/assert";
import { whySendFailed } from "./deno_datagram_failure.ts";
import { mapError, systemError } from "./map_error.ts";

const target = (address: string) => ({ syscall: "send", address, port: 9 });

function unknown(address: string) {
  return mapError({ code: "UNKNOWN", message: "send UNKNOWN" }, target(address));
}

Deno.test("whySendFailed() tells broadcast from the rest by what was allowed", async () => {
  const address = "127.255.255.255";
  const refused = await whySendFailed(unknown(address), target(address), false);
  assertEquals([refused.code, refused.errno, refused.syscall], ["EACCES", -13, "send"]);
  assertEquals([refused.address, refused.port], [address, 9]);
});

Deno.test("whySendFailed() leaves alone what it cannot tell, and what is told already", async () => {
  const tooLong = systemError("EMSGSIZE", target("127.0.0.1"));
  assertEquals(await whySendFailed(tooLong, target("127.0.0.1"), false), tooLong);
  const error = unknown("127.0.0.1");
  assertEquals(await whySendFailed(error, target("127.0.0.1"), true), error);
});

Deno.test({
  name: "whySendFailed() tells a missing permission",
  permissions: { net: false },
  async fn() {
    const { code, name } = await whySendFailed(unknown("127.0.0.1"), target("127.0.0.1"), false);
    assertEquals([code, name], ["ERR_ACCESS_DENIED", "NotCapable"]);
  },
});
