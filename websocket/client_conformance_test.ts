import { assertEquals } from "@std/assert";
import { type ClientCase, runClientCases } from "../_testing/websocket_cases/client_runner.ts";
import { CLIENTS } from "../_testing/websocket_cases/clients.ts";
import { connect } from "./connect.ts";

/** Echoes until the connection closes; gives how it did. */
function echo(port: number, { protocols = [], compression = false }: ClientCase) {
  return new Promise<number | string>((resolve) => {
    const connection = connect(`ws://127.0.0.1:${port}/`, {
      protocols,
      compression: compression && { threshold: 0 },
    });
    let opened = false;
    let failure: string | undefined;
    connection.on("open", () => opened = true);
    connection.on("error", (error) => failure = (error as { code?: string }).code);
    connection.on("message", (data) => connection.send(data));
    connection.on("close", (code) => resolve(opened ? code : failure ?? "closed"));
  });
}

for (const [area, cases] of Object.entries(CLIENTS)) {
  Deno.test(`connect() conforms to RFC 6455 and 7692: ${area}`, async () => {
    assertEquals(await runClientCases(echo, cases), []);
  });
}
