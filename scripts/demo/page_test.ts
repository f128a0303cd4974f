import { HttpClient } from "@netstd/net/http";
import { connect, type WebSocketConnection } from "@netstd/net/websocket";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Counters } from "./counters.ts";
import { type Page, startPage } from "./page.ts";

type Message = Readonly<Record<string, unknown>>;

/** A tab of the page, as far as the server sees it. */
class Tab implements AsyncDisposable {
  readonly connection: WebSocketConnection;
  readonly #messages: AsyncIterator<string | Uint8Array>;

  constructor(page: Page, origin = new URL(page.url).origin) {
    const url = `${page.url}chat`.replace("http", "ws");
    this.connection = connect(url, { headers: { origin } });
    this.#messages = this.connection[Symbol.asyncIterator]();
  }

  say(message: Message): void {
    this.connection.send(JSON.stringify(message));
  }

  /** The next message of a type; others are passed over. */
  async hear(type: string): Promise<Message> {
    for (;;) {
      const { done, value } = await this.#messages.next();
      if (done) throw new Error(`The server closed before it sent "${type}"`);
      const message: Message = JSON.parse(String(value));
      if (message.type === type) return message;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
  }
}

/** A page that is stopped in the end, before its tabs have to leave. */
async function openPage(): Promise<Page & AsyncDisposable> {
  const exercise = () => Promise.resolve({ right: 2, total: 3 });
  const page = await startPage({ counters: new Counters(), exercise });
  return { ...page, [Symbol.asyncDispose]: () => page.stop(1_000) };
}

Deno.test("the page has its files, and nothing else", async () => {
  await using page = await openPage();
  await using client = new HttpClient();
  const paths = ["", "style.css", "script.js"];
  for (const path of paths) {
    const response = await client.fetch(page.url + path);
    assertEquals(response.status, 200);
    assertMatch(response.headers.get("content-security-policy") ?? "", /^default-src 'self'/);
    assert((await response.text()).length > 1_000);
  }
  const other = await client.fetch(`${page.url}page.ts`);
  assertEquals([other.status, await other.text()], [404, "Not here"]);
});

Deno.test("the chat tells those in a room what is said there", async () => {
  await using page = await openPage();
  await using ann = new Tab(page);
  await using bob = new Tab(page);
  await using eve = new Tab(page);
  ann.say({ type: "join", name: "Ann", room: "garden" });
  assertEquals((await ann.hear("people")).count, 1);
  bob.say({ type: "join", name: "Bob", room: "garden" });
  assertEquals((await ann.hear("people")).count, 2);
  eve.say({ type: "join", name: "Eve", room: "cellar" });
  await eve.hear("people");
  ann.say({ type: "say", text: "Grüße" });
  const said = { type: "said", room: "garden", name: "Ann", text: "Grüße" };
  assertEquals([await ann.hear("said"), await bob.hear("said")], [said, said]);
  eve.say({ type: "say", text: "Alone" });
  assertEquals((await eve.hear("said")).text, "Alone");
  await bob.connection.close();
  assertEquals((await ann.hear("people")).count, 1);
});

Deno.test("the chat answers pings, lets all clients talk, and refuses the rest", async () => {
  await using page = await openPage();
  await using tab = new Tab(page);
  assertEquals((await tab.hear("counters")).type, "counters");
  tab.say({ type: "ping", id: 7 });
  assertEquals((await tab.hear("pong")).id, 7);
  tab.say({ type: "exercise" });
  assertEquals(await tab.hear("exercised"), { type: "exercised", right: 2, total: 3 });
  tab.say({ type: "say", text: "Who is there?" });
  assertMatch(String((await tab.hear("refused")).reason), /^Join a room/);
  tab.say({ type: "join", name: " ", room: "garden" });
  assertMatch(String((await tab.hear("refused")).reason), /^A name and a room/);
  for (const data of ["null", "{", "[]", new Uint8Array(3)]) {
    tab.connection.send(data);
    assertMatch(String((await tab.hear("refused")).reason), /^That is no message/);
  }
});

Deno.test("the chat does not talk to the pages of other sites", async () => {
  await using page = await openPage();
  await using stranger = new Tab(page, "https://example.org");
  await assertRejects(() => stranger.connection.opened, Error, "403");
});
