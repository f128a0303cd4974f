import { assertEquals, assertThrows } from "@std/assert";
import { clientSettings, serverSettings } from "./options.ts";

const identity = { key: "key", cert: "cert" };

Deno.test("clientSettings() fills in the defaults and reads bytes as PEM", () => {
  const settings = clientSettings({ ca: new TextEncoder().encode("pem") }, "[::1]");
  assertEquals([settings.host, settings.ca, settings.rejectUnauthorized], ["::1", ["pem"], true]);
  assertEquals([settings.pins, settings.details, settings.strictClose], [[], false, false]);
  assertEquals(clientSettings({}, "a").ca, undefined);
});

Deno.test("clientSettings() reads pins with and without colons, and throws for others", () => {
  const sum = "0a".repeat(32);
  const { pins } = clientSettings({ pin: [sum, sum.match(/../g)!.join(":")] }, "a");
  assertEquals(pins, [new Uint8Array(32).fill(10), new Uint8Array(32).fill(10)]);
  assertThrows(() => clientSettings({ pin: "0a" }, "a"), TypeError);
  // No certificate is in an empty list, which must not mean that any will do.
  assertThrows(() => clientSettings({ pin: [] }, "a"), TypeError, "empty");
});

Deno.test("clientSettings() takes a list of application protocols, and no text", () => {
  assertEquals(clientSettings({ alpnProtocols: ["h2"] }, "a").alpnProtocols, ["h2"]);
  // Letter by letter, a text would be a list of protocols too.
  for (const odd of ["h2", [5], {}, null]) {
    assertThrows(() => clientSettings({ alpnProtocols: odd as never }, "a"), TypeError, "list");
  }
});

Deno.test("serverSettings() finds a name, then a wildcard for its first label alone", () => {
  const wild = { key: "wild", cert: "wild" };
  const exact = { key: "exact", cert: "exact" };
  const sni = { "*.Test": wild, "a.test": exact };
  const { choose } = serverSettings({ ...identity, sni });
  assertEquals(choose!("A.TEST"), exact);
  assertEquals(choose!("b.test"), wild);
  assertEquals(choose!("c.b.test"), undefined);
  assertEquals(choose!("test"), undefined);
});

Deno.test("serverSettings() reads the names of a table as they go over the wire", () => {
  const one = { key: "one", cert: "one" };
  const { choose } = serverSettings({ ...identity, sni: { "Müller.test.": one } });
  assertEquals(choose!("xn--mller-kva.test"), one);
  assertThrows(() => serverSettings({ ...identity, sni: { "a b": one } }), TypeError);
});

Deno.test("serverSettings() takes null for no certificate, and any promise, from a function", async () => {
  const one = { key: "one", cert: "one" };
  const names: string[] = [];
  const answers = [null, undefined, Promise.resolve(null), Promise.resolve(one), one];
  const sni = (name: string) => (names.push(name), answers.shift());
  const { choose } = serverSettings({ ...identity, sni });
  const found = [];
  for (const name of ["A.test", "b", "c", "d", "e"]) found.push(await choose!(name));
  assertEquals(found, [undefined, undefined, undefined, one, one]);
  assertEquals(names[0], "a.test");
  const then: PromiseLike<null>["then"] = (done, fail) => Promise.resolve(null).then(done, fail);
  assertEquals(
    await serverSettings({ ...identity, sni: () => ({ then }) }).choose!("a"),
    undefined,
  );
});

Deno.test("serverSettings() wants a certificate with its key, or sni", () => {
  assertThrows(() => serverSettings({}), TypeError);
  assertThrows(() => serverSettings({ cert: "cert" }), TypeError);
  assertEquals(serverSettings({ sni: {} }).identity, undefined);
});
