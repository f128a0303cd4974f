import { assertEquals } from "@std/assert";
import type { ServerCase } from "../_testing/websocket_cases/case.ts";
import { DEFLATES } from "../_testing/websocket_cases/deflates.ts";
import { FRAMING } from "../_testing/websocket_cases/framing.ts";
import { HANDSHAKES } from "../_testing/websocket_cases/handshakes.ts";
import { ask, runServerCases } from "../_testing/websocket_cases/server_runner.ts";
import { TEXTS } from "../_testing/websocket_cases/texts.ts";
import type { WebSocketConnection } from "./connection.ts";
import { serve } from "./serve.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" };

function echo(connection: WebSocketConnection): void {
  connection.on("message", (data) => connection.send(data));
}

async function portOf(server: { opened: Promise<unknown> }): Promise<number> {
  return (await server.opened as { port: number }).port;
}

for (const [area, cases] of Object.entries({ ...FRAMING, ...TEXTS, ...DEFLATES })) {
  Deno.test(`serve() conforms to RFC 6455 and 7692: ${area}`, async () => {
    const compression = { threshold: 0 };
    await using server = serve({ ...LOCAL, compression }, echo);
    await using limited = serve(
      { ...LOCAL, compression, maxMessageSize: 1000, maxFragments: 4 },
      echo,
    );
    const [port, limitedPort] = [await portOf(server), await portOf(limited)];
    const choose = (given: ServerCase) => given.limited ? limitedPort : port;
    assertEquals(await runServerCases(choose, cases), []);
  });
}

Deno.test("serve() conforms to RFC 6455 and 7692: the opening handshake", async () => {
  await using server = serve({
    ...LOCAL,
    protocols: ["chat", "superchat"],
    origins: ["http://good.test"],
  }, echo);
  const port = await portOf(server);
  const faults: string[] = [];
  for (const { name, request, status, fields = {} } of HANDSHAKES) {
    const answer = await ask(port, request);
    if (answer.status !== status) faults.push(`${name}: ${answer.status} instead of ${status}`);
    for (const [field, value] of Object.entries(fields)) {
      const got = answer.fields.get(field) ?? null;
      if (got !== value) faults.push(`${name}: ${field} is ${got} instead of ${value}`);
    }
  }
  assertEquals(faults, []);
});
