import { assert, assertEquals } from "@std/assert";
import { Deferred } from "../_core/deferred.ts";
import type { NetError } from "../_core/errors.ts";
import type { StreamSink } from "../_io/stream.ts";
import { TimerQueue } from "../_io/timers.ts";
import { FakeClock } from "../_testing/fake_clock.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import type { OutgoingContent } from "./client_body.ts";
import { readContent } from "./client_body.ts";
import { ClientConnection } from "./client_connection.ts";
import type { ClientExchange, ConnectionKeeper } from "./client_exchange.ts";
import { clientSettings, type HttpClientOptions } from "./client_options.ts";

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** The server's end: what it got, and who waits for more of it. */
class Far implements StreamSink {
  readonly borrows = false;
  readonly stream: MemoryStream;
  text = "";
  readonly ended = new Deferred<void>();
  #onText: (() => void)[] = [];

  constructor(stream: MemoryStream) {
    this.stream = stream;
    stream.attach(this);
    stream.resume();
  }
  onData(chunk: Uint8Array): void {
    this.text += String.fromCharCode(...chunk);
    for (const check of this.#onText.splice(0)) check();
  }
  onEnd(): void {
    this.ended.resolve();
  }
  onWritten(): void {}
  onFinish(): void {}
  onClose(): void {
    this.ended.resolve();
  }
  say(text: string): void {
    this.stream.write(latin1(text));
  }
  async got(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      await new Promise<void>((resolve) => this.#onText.push(resolve));
    }
  }
}

/** An exchange that notes what it is told, and lets tests wait for it. */
class Noted implements ClientExchange {
  readonly message;
  readonly content: OutgoingContent | null;
  readonly events: string[] = [];
  unread = false;
  connection: ClientConnection | null = null;
  #waiters: (() => void)[] = [];

  constructor(
    parts: Partial<ClientExchange["message"]> = {},
    content: OutgoingContent | null = null,
  ) {
    this.message = {
      method: "GET",
      head: "GET / HTTP/1.1\r\n\r\n",
      framing: { kind: "none" } as const,
      close: false,
      expectsContinue: false,
      upgrade: null,
      ...parts,
    };
    this.content = content;
  }
  #note(event: string): void {
    this.events.push(event);
    for (const check of this.#waiters.splice(0)) check();
  }
  carriedBy(connection: ClientConnection): void {
    this.connection = connection;
  }
  onInformational(head: { status: number }): void {
    this.#note(`interim ${head.status}`);
  }
  onResponse(head: { status: number }): void {
    this.#note(`response ${head.status}`);
  }
  onContent(chunk: Uint8Array): void {
    this.#note(`content ${String.fromCharCode(...chunk)}`);
  }
  onResponseEnd(): void {
    this.#note("end");
  }
  onFailure(error: unknown, untouched: boolean): void {
    this.#note(`${(error as NetError).code}${untouched ? " untouched" : ""}`);
  }
  onSwitch(): void {
    this.#note("switch");
  }
  async until(event: string): Promise<void> {
    while (!this.events.includes(event)) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }
}

interface Stage {
  readonly clock: FakeClock;
  readonly connection: ClientConnection;
  readonly far: Far;
  readonly told: string[];
  readonly released: Promise<void>;
}

function stage(options: HttpClientOptions = {}, capacity = 64 * 1024): Stage {
  const clock = new FakeClock();
  const [near, other] = MemoryStream.pair({ capacity });
  const told: string[] = [];
  const released = new Deferred<void>();
  const keeper: ConnectionKeeper = {
    settings: clientSettings(options),
    timers: new TimerQueue(clock),
    onFree: () => void told.push("free"),
    onGone: () => void told.push("gone"),
    onReleased: () => {
      told.push("released");
      released.resolve();
    },
  };
  const connection = new ClientConnection(keeper, near);
  return { clock, connection, far: new Far(other), told, released: released.promise };
}

Deno.test("ClientConnection carries exchanges one after the other", async () => {
  const { connection, far, told } = stage();
  for (let i = 1; i <= 3; i++) {
    const exchange = new Noted();
    connection.begin(exchange);
    await far.got("GET / HTTP/1.1\r\n\r\n".repeat(i));
    far.say(OK);
    await exchange.until("end");
    assertEquals(exchange.events, ["response 200", "content ok", "end"]);
    assertEquals([connection.idle, told.length], [true, i]);
  }
  connection.close();
});

Deno.test("ClientConnection is gone when it idles too long", async () => {
  const { clock, connection, far, told, released } = stage({ timeouts: { keepAlive: 1000 } });
  connection.rest();
  assert(connection.idled >= 0);
  clock.advance(900);
  assert(connection.idled >= 0);
  clock.advance(200);
  await released;
  await far.ended.promise;
  assertEquals(told, ["gone", "released"]);
});

Deno.test("ClientConnection is not used when it is too old although no timer came", () => {
  const clock = new FakeClock();
  let late = 0;
  const timers = new TimerQueue({
    now: () => clock.now() + late,
    schedule: (callback, ms) => clock.schedule(callback, ms),
    defer: (callback) => clock.defer(callback),
  });
  const nothing = () => {};
  const settings = clientSettings({ timeouts: { keepAlive: 1000 } });
  const keeper = { settings, timers, onFree: nothing, onGone: nothing, onReleased: nothing };
  const connection = new ClientConnection(keeper, MemoryStream.pair()[0]);
  connection.rest();
  late = 1001;
  assertEquals(connection.idled >= 0, false);
  connection.close();
});

for (const [hint, time] of [["timeout=5", 4000], ["timeout=1", 0], ["timeout=500", 30_000]]) {
  Deno.test(`ClientConnection idles for ${time} ms when the server says ${hint}`, async () => {
    const { connection, far } = stage();
    const exchange = new Noted();
    connection.begin(exchange);
    far.say(OK.replace("\r\n", `\r\nKeep-Alive: ${hint}\r\n`));
    await exchange.until("end");
    assertEquals(connection.idleTime, time);
    connection.close();
  });
}

Deno.test("ClientConnection is gone when the server ends or speaks while it is idle", async () => {
  for (const act of ["end", "speak"]) {
    const { connection, far, told, released } = stage();
    connection.rest();
    if (act === "end") far.stream.end();
    else far.say("HTTP/1.1 408 Request Timeout\r\n\r\n");
    await released;
    assertEquals([told, connection.idled >= 0], [["gone", "released"], false]);
  }
});

const TIMES: [string, HttpClientOptions["timeouts"] & object, string, string][] = [
  ["head", { head: 1000 }, "", "ERR_HTTP_HEAD_TIMEOUT"],
  ["head after an interim one", { head: 1000 }, "HTTP/1.1 102 P\r\n\r\n", "ERR_HTTP_HEAD_TIMEOUT"],
  ["content", { body: 1000 }, OK.slice(0, -1), "ERR_HTTP_BODY_TIMEOUT"],
];

for (const [what, timeouts, answer, code] of TIMES) {
  Deno.test(`ClientConnection fails when the time for a ${what} is over`, async () => {
    const { clock, connection, far, released } = stage({ timeouts });
    const exchange = new Noted();
    connection.begin(exchange);
    await far.got("\r\n\r\n");
    if (answer !== "") {
      far.say(answer);
      await exchange.until(answer.startsWith("HTTP/1.1 102") ? "interim 102" : "content o");
    }
    clock.advance(900);
    assert(!exchange.events.includes(code));
    clock.advance(200);
    assertEquals(exchange.events.at(-1), code);
    await released;
  });
}

Deno.test("ClientConnection gives content its whole time when a part of it came", async () => {
  const { clock, connection, far } = stage({ timeouts: { body: 1000 } });
  const exchange = new Noted();
  connection.begin(exchange);
  far.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na");
  await exchange.until("content a");
  for (const letter of ["b", "c", "d"]) {
    clock.advance(900);
    far.say(letter);
    await exchange.until(`content ${letter}`);
  }
  clock.advance(1200);
  assertEquals(exchange.events.at(-1), "ERR_HTTP_BODY_TIMEOUT");
});

Deno.test("ClientConnection takes its time when nobody reads the content", async () => {
  const { clock, connection, far } = stage({ timeouts: { body: 1000 } });
  const exchange = new Noted();
  connection.begin(exchange);
  far.say(OK.slice(0, -1));
  await exchange.until("content o");
  connection.hold(true);
  clock.advance(100_000);
  far.say("k");
  connection.hold(false);
  await exchange.until("end");
  connection.close();
});

Deno.test("ClientConnection fails when nobody begins to read the content", async () => {
  const { clock, connection, far } = stage({ timeouts: { body: 1000 } });
  const exchange = new Noted();
  exchange.unread = true;
  connection.begin(exchange);
  far.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na");
  await exchange.until("content a");
  connection.hold(true);
  clock.advance(999);
  // Whoever has begun may take a rest.
  exchange.unread = false;
  connection.hold(false);
  connection.hold(true);
  clock.advance(100_000);
  assertEquals(exchange.events.at(-1), "content a");
  exchange.unread = true;
  connection.hold(false);
  connection.hold(true);
  clock.advance(1100);
  assertEquals(exchange.events.at(-1), "ERR_HTTP_BODY_TIMEOUT");
});

Deno.test("ClientConnection sends content with back-pressure, within its time", async () => {
  const { clock, connection, far } = stage({ timeouts: { body: 1000 } }, 1024);
  far.stream.pause();
  let produced = 0;
  const stuck = new Deferred<void>();
  const body = function* () {
    for (produced = 1; produced <= 40; produced++) {
      if (produced === 17) stuck.resolve();
      yield new Uint8Array(4096).fill(97);
    }
  };
  const exchange = new Noted(
    { framing: { kind: "length", length: 40 * 4096 } },
    readContent(body()),
  );
  connection.begin(exchange);
  await stuck.promise;
  assertEquals(produced, 17);
  clock.advance(900);
  far.stream.resume();
  await far.got("a".repeat(40 * 4096));
  far.say(OK);
  await exchange.until("end");
  assertEquals(exchange.events.includes("ERR_HTTP_BODY_TIMEOUT"), false);
  connection.close();
});

Deno.test("ClientConnection fails when nobody takes the content", async () => {
  const { clock, connection, far, released } = stage({ timeouts: { body: 1000 } }, 1024);
  far.stream.pause();
  const exchange = new Noted(
    { framing: { kind: "length", length: 300_000 } },
    readContent(new Uint8Array(300_000)),
  );
  connection.begin(exchange);
  while (connection.hasRoom) await Promise.resolve();
  clock.advance(1200);
  assertEquals(exchange.events, ["ERR_HTTP_BODY_TIMEOUT"]);
  await released;
});

Deno.test("ClientConnection sends content without 100 (Continue) when its time is over", async () => {
  const { clock, connection, far } = stage({ timeouts: { continue: 1000 } });
  const exchange = new Noted(
    { framing: { kind: "length", length: 4 }, expectsContinue: true },
    readContent("data"),
  );
  connection.begin(exchange);
  await far.got("\r\n\r\n");
  clock.advance(900);
  assert(!far.text.includes("data"));
  clock.advance(200);
  await far.got("data");
  far.say(OK);
  await exchange.until("end");
  connection.close();
});

Deno.test("ClientConnection reads a short unwanted response, and drops a long one", async () => {
  for (const [length, kept] of [[50_000, true], [70_000, false]] as const) {
    const { connection, far, told, released } = stage();
    const exchange = new Noted();
    connection.begin(exchange);
    far.say(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
    await exchange.until("response 200");
    connection.abandon();
    if (kept) {
      far.say("x".repeat(length));
      while (!told.includes("free")) await Promise.resolve();
      connection.close();
    }
    await released;
    assertEquals(told.includes("free"), kept);
    assertEquals(exchange.events, ["response 200"]);
  }
});

Deno.test("ClientConnection drops an unwanted response when it turns out to be long", async () => {
  const { connection, far, told, released } = stage({ limits: { unread: 100 } });
  const exchange = new Noted();
  connection.begin(exchange);
  far.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  await exchange.until("response 200");
  connection.abandon();
  far.say(`65\r\n${"x".repeat(101)}\r\n`);
  await released;
  assertEquals(told, ["gone", "released"]);
});

Deno.test("ClientConnection tells whether the server may have seen a request that failed", async () => {
  const { connection, far } = stage();
  const first = new Noted();
  connection.begin(first);
  far.say(OK);
  await first.until("end");
  const second = new Noted();
  connection.begin(second);
  far.stream.fail("ECONNRESET");
  far.stream.reset();
  await second.until("ECONNRESET untouched");
  const fresh = stage();
  const only = new Noted();
  fresh.connection.begin(only);
  fresh.far.stream.end();
  await only.until("ERR_HTTP_NO_RESPONSE");
});

Deno.test("ClientConnection does not hold the process when it is idle", async () => {
  const { connection, far } = stage();
  const near = connection.stream as MemoryStream;
  const exchange = new Noted();
  connection.begin(exchange);
  connection.unref();
  assert(!near.calls.includes("unref"));
  far.say(OK);
  await exchange.until("end");
  connection.unref();
  connection.unref();
  connection.begin(new Noted());
  const holds = near.calls.filter((call) => call.endsWith("ref"));
  assertEquals(holds, ["unref", "ref"]);
  connection.close();
});

Deno.test("ClientConnection hands its stream over when the server switches", async () => {
  const { connection, far, told } = stage();
  const near = connection.stream as MemoryStream;
  const exchange = new Noted({ upgrade: "x" });
  connection.begin(exchange);
  far.say("HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
  await exchange.until("switch");
  assertEquals(told, ["gone", "released"]);
  assertEquals([near.calls.at(-1), near.calls.includes("close")], ["pause", false]);
  near.close();
});
