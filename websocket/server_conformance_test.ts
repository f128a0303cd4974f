import { assertEquals } from "@std/assert";
import { everySplit } from "../_testing/splits.ts";
import type { ServerCase } from "../_testing/websocket_cases/case.ts";
import { DEFLATES } from "../_testing/websocket_cases/deflates.ts";
import { ENDINGS } from "../_testing/websocket_cases/endings.ts";
import { FRAMING } from "../_testing/websocket_cases/framing.ts";
import { HANDSHAKES } from "../_testing/websocket_cases/handshakes.ts";
import {
  ask,
  CloseReports,
  handshake,
  latin1,
  runServerCases,
} from "../_testing/websocket_cases/server_runner.ts";
import { TEXTS } from "../_testing/websocket_cases/texts.ts";
import { linkOf, type WebSocketConnection } from "./connection.ts";
import { serve } from "./serve.ts";

const LOCAL = { port: 0, hostname: "127.0.0.1" };

/** Echoes; the text `close CODE REASON` asks it to close. */
function echo(connection: WebSocketConnection): void {
  connection.on("message", (data) => {
    const [, code, reason] = /^close (\d+) (.*)$/.exec(String(data)) ?? [];
    if (code === undefined) connection.send(data);
    // Without a code, as only the class of browsers can.
    else if (code === "1005") linkOf(connection).close(1005, "");
    else connection.close(Number(code), reason).catch(() => {});
  });
}

async function portOf(server: { opened: Promise<unknown> }): Promise<number> {
  return (await server.opened as { port: number }).port;
}

for (const [area, cases] of Object.entries({ ...FRAMING, ...TEXTS, ...DEFLATES, ...ENDINGS })) {
  Deno.test(`serve() conforms to RFC 6455 and 7692: ${area}`, async () => {
    const compression = { threshold: 0 };
    const reports = new CloseReports();
    const listener = (connection: WebSocketConnection, { url }: Request) => {
      echo(connection);
      connection.on("close", (...how) => reports.tell(url, ...how));
    };
    await using server = serve({ ...LOCAL, compression }, listener);
    await using limited = serve(
      { ...LOCAL, compression, maxMessageSize: 1000, maxFragments: 4 },
      listener,
    );
    const [port, limitedPort] = [await portOf(server), await portOf(limited)];
    const choose = (given: ServerCase) => given.limited ? limitedPort : port;
    assertEquals(await runServerCases(choose, cases, reports), []);
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
    const answer = await ask(port, [latin1(request)]);
    // What stands behind a refused request may be frames: it is nobody's.
    const open = !/\bclose\b/.test(answer.fields.get("connection") ?? "");
    if (open !== (status === 101)) faults.push(`${name}: ${open ? "stays open" : "closes"}`);
    if (answer.status !== status) faults.push(`${name}: ${answer.status} instead of ${status}`);
    for (const [field, value] of Object.entries(fields)) {
      const got = answer.fields.get(field) ?? null;
      if (got !== value) faults.push(`${name}: ${field} is ${got} instead of ${value}`);
    }
  }
  assertEquals(faults, []);
});

Deno.test("serve() opens a WebSocket however its handshake is cut", async () => {
  await using server = serve(LOCAL, echo);
  const port = await portOf(server);
  const request = new TextEncoder().encode(handshake("permessage-deflate"));
  for (const pieces of everySplit(request)) {
    assertEquals((await ask(port, pieces)).status, 101);
  }
});
