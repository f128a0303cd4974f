import { assertEquals, assertThrows } from "@std/assert";
import { get, HttpRig } from "../_testing/http/rig.ts";
import { Response } from "./response.ts";

Deno.test("RequestInfo tells of the connection and of the request as sent", async () => {
  let seen: unknown;
  const rig = new HttpRig((_request, info) => {
    seen = [info.remoteAddr, info.localAddr?.hostname, info.secure, info.httpVersion, info.target];
    assertEquals([info.alpnProtocol, info.authorized, info.peerCertificate], [
      null,
      false,
      undefined,
    ]);
    return new Response("x");
  });
  await rig.send(get("/a?b"));
  const remote = { transport: "tcp", address: "127.0.0.1", family: "IPv4", port: 2 };
  assertEquals(seen, [{ ...remote, hostname: "127.0.0.1" }, "127.0.0.1", false, "1.1", "/a?b"]);
  rig.connection.destroy();
});

Deno.test("RequestInfo earlyHints() sends 103 ahead of the response, and nothing to HTTP/1.0", async () => {
  const handler = (
    _request: Request,
    info: { earlyHints(headers: Record<string, string>): void },
  ) => {
    info.earlyHints({ link: "</style.css>; rel=preload" });
    return new Response("x");
  };
  const rig = new HttpRig(handler);
  await rig.send(get());
  const hints = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n";
  assertEquals(rig.text.startsWith(`${hints}HTTP/1.1 200 OK\r\n`), true);
  rig.connection.destroy();

  const old = new HttpRig(handler);
  await old.send("GET / HTTP/1.0\r\n\r\n");
  assertEquals(old.text.startsWith("HTTP/1.1 200 OK\r\n"), true);
  old.connection.destroy();
});

Deno.test("RequestInfo sendInformational() throws when the status is none, or a field is malformed", async () => {
  const codes: unknown[] = [];
  const rig = new HttpRig((_request, info) => {
    for (const status of [99, 100, 101, 200, 102.5]) {
      const error = assertThrows(() => info.sendInformational(status), RangeError);
      codes.push((error as { code?: string }).code);
    }
    assertThrows(() => info.sendInformational(103, { "x-a": "\u0100" }), TypeError);
    return new Response("x");
  });
  await rig.send(get());
  assertEquals(codes, Array(5).fill("ERR_HTTP_INVALID_STATUS"));
  assertEquals(rig.text.startsWith("HTTP/1.1 200 OK\r\n"), true);
  rig.connection.destroy();
});
