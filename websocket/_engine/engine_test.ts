import { assertEquals } from "@std/assert";
import { concat } from "../../_core/bytes.ts";
import { type NetError, netError } from "../../_core/errors.ts";
import { everySplit } from "../../_testing/splits.ts";
import { pattern } from "../../_testing/pattern.ts";
import type { CloseStatus } from "./close_code.ts";
import {
  abnormalError,
  type Codecs,
  type EngineSettings,
  type EngineSink,
  WebSocketEngine,
} from "./engine.ts";
import type { Role } from "./frame.ts";
import { maskedFrame, unmaskedFrame } from "./frame_writer.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

/** One end: writes down what its engine tells, and keeps what it sends. */
class End implements EngineSink {
  readonly log: string[] = [];
  readonly engine: WebSocketEngine;
  out: Uint8Array[] = [];
  backedUp = false;
  onText: (data: string) => void = () => {};

  constructor(role: Role, options: Partial<EngineSettings & Codecs> = {}) {
    const { inflater = null, deflater = null, ...changes } = options;
    const settings = {
      threshold: 0,
      maxDeflateSize: Infinity,
      maxPendingPongs: 1,
      maxMessageSize: 1000,
      maxFrameSize: 1000,
      maxFragments: 10,
      ...changes,
    };
    this.engine = new WebSocketEngine(
      this,
      settings,
      { inflater, deflater },
      role,
      { nextKey: () => 0x01020304, copy: (bytes, start, end) => bytes.slice(start, end) },
    );
  }

  onMessage(data: string | Uint8Array): void {
    this.log.push(typeof data === "string" ? `text ${data}` : `bytes ${data.length}`);
    if (typeof data === "string") this.onText(data);
  }

  onPing(payload: Uint8Array): void {
    this.log.push(`ping ${text(payload)}`);
  }

  onPong(payload: Uint8Array): void {
    this.log.push(`pong ${text(payload)}`);
  }

  onCloseFrame({ code, reason }: CloseStatus): void {
    this.log.push(`close ${code} ${reason}`.trimEnd());
  }

  onFailure(error: NetError): void {
    this.log.push(`failure ${error.code}`);
  }

  write(bytes: Uint8Array): void {
    this.out.push(bytes.slice());
  }

  end(): void {
    this.log.push("end");
  }

  /** Takes what was sent. */
  take(): Uint8Array {
    return concat(this.out.splice(0));
  }
}

/** Carries everything to and fro until both ends have nothing to say. */
function pump(a: End, b: End): void {
  for (let moved = true; moved;) {
    moved = false;
    for (const [from, to] of [[a, b], [b, a]] as const) {
      const sent = from.take();
      if (sent.length === 0) continue;
      moved = true;
      to.engine.receive(sent);
    }
  }
}

/** A frame as a client sends it. */
function fromClient(first: number, payload: Uint8Array | string): Uint8Array {
  return maskedFrame(first, typeof payload === "string" ? bytes(payload) : payload, 0x11223344);
}

/** What a server tells of some bytes, and answers; the same in every split. */
function serve(sample: Uint8Array): { log: string[]; answer: string } {
  let first: { log: string[]; answer: string } | null = null;
  for (const pieces of everySplit(sample)) {
    const end = new End("server");
    for (const piece of pieces) end.engine.receive(piece.slice());
    const answer = Array.from(end.take(), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    first ??= { log: end.log, answer };
    assertEquals({ log: end.log, answer }, first);
  }
  return first!;
}

Deno.test("WebSocketEngine carries messages both ways", () => {
  const [client, server] = [new End("client"), new End("server")];
  server.onText = (data) => server.engine.sendText(data.toUpperCase());
  client.engine.sendText("Hello");
  client.engine.sendBytes(pattern(300));
  server.engine.sendFrame(unmaskedFrame(0x81, bytes("ready")));
  pump(client, server);
  assertEquals(server.log, ["text Hello", "bytes 300"]);
  assertEquals(client.log, ["text ready", "text HELLO"]);
});

Deno.test("WebSocketEngine sends a large payload behind its head", () => {
  const [client, server] = [
    new End("client", { maxMessageSize: 1e6, maxFrameSize: 1e6 }),
    new End("server"),
  ];
  server.engine.sendBytes(pattern(100_000));
  assertEquals(server.out.map(({ length }) => length), [10, 100_000]);
  pump(client, server);
  assertEquals(client.log, ["bytes 100000"]);
});

Deno.test("WebSocketEngine answers pings, between fragments too", () => {
  const sample = concat([
    fromClient(0x89, "one"),
    fromClient(0x01, "a"),
    fromClient(0x89, ""),
    fromClient(0x80, "b"),
  ]);
  assertEquals(serve(sample), {
    log: ["ping one", "ping ", "text ab"],
    answer: "8a 03 6f 6e 65 8a 00",
  });
});

Deno.test("WebSocketEngine answers some pings and then the last when it is backed up", () => {
  const end = new End("server");
  end.backedUp = true;
  end.engine.receive(concat(["one", "two", "six"].map((text) => fromClient(0x89, text))));
  assertEquals(end.log, ["ping one", "ping two", "ping six"]);
  assertEquals([...end.take()], [0x8a, 3, ...bytes("one")]);
  end.engine.drained();
  end.engine.drained();
  assertEquals([...end.take()], [0x8a, 3, ...bytes("six")]);
  end.engine.receive(fromClient(0x89, "ten"));
  assertEquals([...end.take()], [0x8a, 3, ...bytes("ten")]);
});

Deno.test("WebSocketEngine answers the last ping before it closes", () => {
  const end = new End("server", { maxPendingPongs: 0 });
  end.backedUp = true;
  end.engine.receive(concat([fromClient(0x89, "one"), fromClient(0x89, "two")]));
  assertEquals(end.out.length, 0);
  end.engine.receive(fromClient(0x88, ""));
  assertEquals([...end.take()], [0x8a, 3, ...bytes("two"), 0x88, 0]);
});

Deno.test("ping() and pong() reach the other end, and what comes back does too", () => {
  const [client, server] = [new End("client"), new End("server")];
  client.engine.ping(bytes("?"));
  client.engine.pong(bytes("!"));
  pump(client, server);
  assertEquals([server.log, client.log], [["ping ?", "pong !"], ["pong ?"]]);
});

Deno.test("close() is answered with the same code and reason, and the server ends first", () => {
  const [client, server] = [new End("client"), new End("server")];
  client.engine.close(3001, "bye");
  assertEquals([client.engine.close(1000, ""), client.engine.sendText("late")], [false, false]);
  pump(client, server);
  assertEquals(server.log, ["end", "close 3001 bye"]);
  assertEquals(client.log, ["close 3001 bye"]);
  assertEquals([client.engine.state, server.engine.state], ["closed", "closed"]);
  client.engine.receiveEnd();
  assertEquals(client.log, ["close 3001 bye", "end"]);
});

Deno.test("close() of a server ends it when the answer has come", () => {
  const [client, server] = [new End("client"), new End("server")];
  server.engine.close(1001, "");
  server.engine.receive(fromClient(0x81, "still on its way"));
  pump(client, server);
  assertEquals(server.log, ["text still on its way", "end", "close 1001"]);
  assertEquals([server.engine.sent, server.engine.received], [
    { code: 1001, reason: "" },
    { code: 1001, reason: "" },
  ]);
});

Deno.test("close() at the same time needs no answer", () => {
  const [client, server] = [new End("client"), new End("server")];
  server.engine.close(1000, "");
  client.engine.close(1005, "");
  pump(client, server);
  assertEquals([server.log, client.log], [["end", "close 1005"], ["close 1000"]]);
});

Deno.test("WebSocketEngine reads nothing after a close", () => {
  const { log, answer } = serve(concat([fromClient(0x88, ""), fromClient(0x81, "x"), bytes("??")]));
  assertEquals(log, ["end", "close 1005"]);
  assertEquals(answer, "88 00");
});

Deno.test("WebSocketEngine says why before it drops a connection", () => {
  for (
    const [sample, code, closeCode] of [
      [fromClient(0xc1, "a"), "ERR_WS_INVALID_FRAME", 1002],
      [unmaskedFrame(0x81, bytes("a")), "ERR_WS_INVALID_FRAME", 1002],
      [fromClient(0x80, "a"), "ERR_WS_FRAGMENTATION", 1002],
      [fromClient(0x88, Uint8Array.of(3)), "ERR_WS_INVALID_CLOSE", 1002],
      [fromClient(0x88, Uint8Array.of(3, 237)), "ERR_WS_INVALID_CLOSE", 1002],
      [fromClient(0x88, Uint8Array.of(3, 232, 0xff)), "ERR_WS_INVALID_UTF8", 1007],
      [fromClient(0x81, Uint8Array.of(0xff)), "ERR_WS_INVALID_UTF8", 1007],
      [fromClient(0x82, pattern(1001)).subarray(0, 8), "ERR_WS_MESSAGE_TOO_LARGE", 1009],
    ] as const
  ) {
    const { log, answer } = serve(sample);
    assertEquals(log, ["end", `failure ${code}`]);
    const [first, , high, low] = answer.split(" ");
    assertEquals([first, parseInt(`${high}${low}`, 16)], ["88", closeCode]);
  }
});

Deno.test("WebSocketEngine sends no second close when it fails while closing", () => {
  const end = new End("server");
  end.engine.close(1000, "");
  end.take();
  end.engine.receive(fromClient(0x83, ""));
  assertEquals([end.log, end.out.length], [["end", "failure ERR_WS_INVALID_FRAME"], 0]);
});

Deno.test("fail() tells the close code of its error, if there is one", () => {
  const [told, silent] = [new End("server"), new End("server")];
  told.engine.fail(netError("ERR_WS_MESSAGE_TOO_LARGE", "Cannot"));
  silent.engine.fail(abnormalError());
  told.engine.fail(abnormalError());
  assertEquals([...told.take()], [0x88, 8, 1009 >> 8, 1009 & 255, ...bytes("Cannot")]);
  assertEquals(silent.out.length, 0);
  assertEquals(told.log, ["end", "failure ERR_WS_MESSAGE_TOO_LARGE"]);
});

Deno.test("receiveEnd() ends our side too", () => {
  const end = new End("server");
  end.engine.receiveEnd();
  end.engine.receiveEnd();
  assertEquals([end.log, end.engine.state, end.engine.sendText("")], [["end"], "ended", false]);
});

Deno.test("stop() leaves the rest for later", () => {
  const end = new End("server");
  end.onText = () => end.engine.stop();
  const sample = concat([fromClient(0x81, "one"), fromClient(0x81, "two")]);
  const used = end.engine.receive(sample);
  assertEquals([used, end.log], [9, ["text one"]]);
  assertEquals(end.engine.receive(sample, used), sample.length);
  assertEquals(end.log, ["text one", "text two"]);
});

Deno.test("WebSocketEngine deflates between the threshold and the largest size", () => {
  const end = new End("server", {
    deflater: { deflate: (payload) => payload.map((byte) => byte + 1) },
    threshold: 2,
    maxDeflateSize: 3,
  });
  for (const message of ["a", "ab", "abc", "abcd"]) end.engine.sendText(message);
  end.engine.sendBytes(bytes("aa"));
  assertEquals(end.out.map((frame) => [frame[0], text(frame.subarray(2))]), [
    [0x81, "a"],
    [0xc1, "bc"],
    [0xc1, "bcd"],
    [0x81, "abcd"],
    [0xc2, "bb"],
  ]);
});

Deno.test("WebSocketEngine answers a ping until the peer's close frame has come", () => {
  const server = new End("server");
  server.engine.close(1000, "");
  assertEquals([...server.take()], [0x88, 2, 3, 0xe8]);
  server.engine.receive(fromClient(0x89, "still here"));
  assertEquals([...server.take()], [0x8a, 10, ...bytes("still here")]);
  server.engine.receive(fromClient(0x88, new Uint8Array([3, 0xe8])));
  server.engine.receive(fromClient(0x89, "too late"));
  assertEquals([...server.take()], []);
});
