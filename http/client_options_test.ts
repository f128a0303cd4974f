import { assertEquals, assertThrows } from "@std/assert";
import { checkRedirect, clientSettings, type HttpClientOptions } from "./client_options.ts";

Deno.test("clientSettings() fills in finite defaults", () => {
  const settings = clientSettings({});
  assertEquals([settings.maxSockets, settings.maxTotalSockets, settings.maxRedirects], [
    256,
    768,
    20,
  ]);
  assertEquals([settings.keepAlive, settings.decompress, settings.redirect], [
    true,
    true,
    "follow",
  ]);
  assertEquals(settings.timeouts.head, 300_000);
});

Deno.test("clientSettings() takes what is given", () => {
  const settings = clientSettings({
    maxSockets: 3,
    limits: { head: 5, body: 6, redirects: 0 },
    timeouts: { head: 7, total: 8 },
    redirect: "manual",
    decompress: false,
  });
  assertEquals([settings.maxSockets, settings.maxHead, settings.maxBody], [3, 5, 6]);
  assertEquals([settings.maxRedirects, settings.redirect, settings.decompress], [
    0,
    "manual",
    false,
  ]);
  assertEquals([settings.timeouts.head, settings.timeouts.total], [7, 8]);
});

const ODD: HttpClientOptions[] = [
  { maxSockets: 0 },
  { maxTotalSockets: 0.5 },
  { limits: { head: -1 } },
  { timeouts: { queue: Number.NaN } },
  { timeouts: { connect: "5" as never } },
  { path: 5 as never },
  { redirect: "often" as never },
  { proxy: "nowhere://" },
];

for (const options of ODD) {
  Deno.test(`clientSettings() throws when the options are ${JSON.stringify(options)}`, () => {
    assertThrows(() => clientSettings(options));
  });
}

Deno.test("checkRedirect() knows three modes", () => {
  assertEquals(["follow", "manual", "error"].map(checkRedirect), ["follow", "manual", "error"]);
  assertThrows(() => checkRedirect(undefined), TypeError);
});
