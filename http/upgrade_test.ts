import { assert, assertEquals, assertThrows } from "@std/assert";
import { get, HttpRig } from "../_testing/http/rig.ts";
import type { TcpSocket } from "../tcp/mod.ts";
import { Response } from "./response.ts";
import { upgrade } from "./upgrade.ts";

const UPGRADE = ["Connection: Upgrade", "Upgrade: echo/1, other"] as const;
const codeOf = (error: unknown) => (error as { code?: string }).code;

Deno.test("upgrade() answers 101, and gives the socket with what the client sent ahead", async () => {
  let socket: TcpSocket | undefined;
  const rig = new HttpRig((request) => {
    const upgraded = upgrade(request, { headers: { "x-a": "1" } });
    socket = upgraded.socket;
    assertEquals(upgraded.response.status, 101);
    return upgraded.response;
  });
  await rig.send(get("/", ...UPGRADE) + "early");
  assertEquals(
    rig.answer,
    "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo/1\r\nx-a: 1\r\n\r\n",
  );
  assert(rig.occupant === socket);
  await socket!.opened;
  assertEquals(new TextDecoder().decode((await socket!.read())!), "early");
  socket!.write("answer");
  await rig.send("later");
  assertEquals(new TextDecoder().decode((await socket!.read())!), "later");
  assert(rig.text.endsWith("\r\n\r\nanswer"));
  socket!.destroy();
  await rig.turn();
});

Deno.test("RequestInfo upgrade() is upgrade() of its request", async () => {
  let socket: TcpSocket | undefined;
  const rig = new HttpRig((_request, info) => {
    assertEquals(codeOf(assertThrows(() => info.upgrade({ protocol: "x" }))), "ERR_HTTP_UPGRADE");
    const upgraded = info.upgrade({ protocol: "other" });
    socket = upgraded.socket;
    return upgraded.response;
  });
  await rig.send(get("/", ...UPGRADE) + "early");
  assert(
    rig.answer.includes("101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: other\r\n"),
  );
  assertEquals(new TextDecoder().decode((await socket!.read())!), "early");
  socket!.destroy();
  await rig.turn();
});

Deno.test("upgrade() takes no Connection or Upgrade, which it says itself", async () => {
  const codes: unknown[] = [];
  const rig = new HttpRig((request) => {
    for (const name of ["Connection", "upgrade"]) {
      const error = assertThrows(() => upgrade(request, { headers: { [name]: "x" } }), TypeError);
      codes.push(codeOf(error));
    }
    return new Response("");
  });
  await rig.send(get("/", ...UPGRADE));
  assertEquals(codes, ["ERR_HTTP_INVALID_HEADER", "ERR_HTTP_INVALID_HEADER"]);
});

Deno.test("upgrade() waits for the request's content", async () => {
  let socket: TcpSocket | undefined;
  const rig = new HttpRig((request) => {
    const upgraded = upgrade(request, { protocol: "OTHER" });
    socket = upgraded.socket;
    return upgraded.response;
  });
  await rig.send(get("/", ...UPGRADE, "Content-Length: 7") + "con");
  assertEquals(socket!.readyState, "opening");
  await rig.send("tent, and more");
  assertEquals(new TextDecoder().decode((await socket!.read())!), ", and more");
  socket!.destroy();
  await rig.turn();
});

Deno.test("upgrade() closes the socket when another response is given, or the client is gone", async () => {
  let socket: TcpSocket | undefined;
  const rig = new HttpRig((request) => {
    socket = upgrade(request).socket;
    return new Response("no");
  });
  await rig.send(get("/", ...UPGRADE));
  assert(rig.text.endsWith("no"));
  assertEquals(socket!.destroyed, true);
  rig.connection.destroy();

  const gone = new HttpRig((request) => {
    socket = upgrade(request).socket;
    return new Promise(() => {});
  });
  await gone.send(get("/", ...UPGRADE));
  gone.far.reset();
  await gone.turn();
  assertEquals(socket!.destroyed, true);
});

Deno.test("upgrade() throws ERR_HTTP_UPGRADE when the request cannot be upgraded so", async () => {
  const codes: unknown[] = [];
  const refuse = (request: Request, protocol?: string) => {
    const options = protocol === undefined ? {} : { protocol };
    codes.push(codeOf(assertThrows(() => upgrade(request, options))));
  };
  refuse(new Request("http://localhost/"));
  const rig = new HttpRig((request) => {
    refuse(request, "unknown");
    return new Response("x");
  });
  await rig.send(get());
  await rig.send(get("/", ...UPGRADE));
  let answered: Request | undefined;
  const late = new HttpRig((request) => {
    answered = request;
    return new Response("x");
  });
  await late.send(get("/", ...UPGRADE));
  refuse(answered!);
  assertEquals(codes, Array(4).fill("ERR_HTTP_UPGRADE"));
  rig.connection.destroy();
  late.connection.destroy();
});

Deno.test("upgrade() works in a handler that has waited, and not once the response has begun", async () => {
  let socket: TcpSocket | undefined;
  const rig = new HttpRig(async (request) => {
    await Promise.resolve();
    const upgraded = upgrade(request);
    socket = upgraded.socket;
    return upgraded.response;
  });
  await rig.send(get("/", ...UPGRADE));
  assert(rig.text.startsWith("HTTP/1.1 101 "));
  assert(rig.occupant === socket);
  socket!.destroy();
  await rig.turn();
});

Deno.test("upgrade() asks for the content by 100 before 101 when the client waits for that", async () => {
  const rig = new HttpRig((request) => upgrade(request).response);
  await rig.send(get("/", ...UPGRADE, "Content-Length: 2", "Expect: 100-continue"));
  assertEquals(rig.text.match(/HTTP\/1.1 \d+/g), ["HTTP/1.1 100", "HTTP/1.1 101"]);
  await rig.send("ab");
  (rig.occupant as TcpSocket).destroy();
  await rig.turn();
});

Deno.test("upgrade() closes the connection when the request's content is not to be had", async () => {
  const cases: [content: string, code: string][] = [
    ["no chunk\r\n", "ERR_HTTP_INVALID_CHUNK"],
    ["5\r\nab", "ERR_HTTP_BODY_TIMEOUT"],
  ];
  for (const [content, code] of cases) {
    let failure: unknown;
    const rig = new HttpRig((request) => {
      const { response, socket } = upgrade(request);
      socket.on("error", (error) => failure = error);
      return response;
    }, { timeouts: { body: 1_000 } });
    await rig.send(get("/", ...UPGRADE, "Transfer-Encoding: chunked") + content);
    await rig.advance(2_000);
    assertEquals([rig.clientErrors, codeOf(failure), rig.occupant], [[code], code, null]);
    assertEquals(rig.clock.pending, 0);
  }
});
