import { assertEquals } from "@std/assert";
import type { ClientCase, ClientEnd } from "../_testing/websocket_cases/client_case.ts";
import { CLIENT_CLOSES } from "../_testing/websocket_cases/client_closes.ts";
import { CLIENT_DEFLATES } from "../_testing/websocket_cases/client_deflates.ts";
import { CLIENT_FRAMES } from "../_testing/websocket_cases/client_frames.ts";
import { CLIENT_HANDSHAKES } from "../_testing/websocket_cases/client_handshakes.ts";
import { runClientCases } from "../_testing/websocket_cases/client_runner.ts";
import { connect } from "./connect.ts";

/** Echoes until the connection closes; gives how it did. */
function echo(port: number, given: ClientCase) {
  return new Promise<ClientEnd>((resolve) => {
    const { protocols = [], compression = false, limited, closes } = given;
    const offer = compression === true ? {} : compression;
    const connection = connect(`ws://127.0.0.1:${port}/`, {
      protocols,
      compression: offer && { ...offer, threshold: 0 },
      ...(limited ? { maxMessageSize: 1000, maxFragments: 4 } : {}),
    });
    let opened = false;
    let failure: string | undefined;
    connection.on("open", () => {
      opened = true;
      if (closes !== undefined) connection.close(...closes).catch(() => {});
    });
    connection.on("error", (error) => failure = (error as { code?: string }).code);
    connection.on("message", (data) => connection.send(data));
    connection.on("close", (code, reason, wasClean) => {
      resolve({ end: opened ? code : failure ?? "closed", reason, wasClean });
    });
  });
}

for (const cases of [CLIENT_HANDSHAKES, CLIENT_FRAMES, CLIENT_CLOSES, CLIENT_DEFLATES]) {
  for (const [area, list] of Object.entries(cases)) {
    Deno.test(`connect() conforms to RFC 6455 and 7692: ${area}`, async () => {
      assertEquals(await runClientCases(echo, list), []);
    });
  }
}
