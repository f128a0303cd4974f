/**
 * Chromium with two tabs of the demonstration's page: they chat, the counters and the plot move,
 * the page is accessible on wide and narrow windows, and a server that is closed shows as
 * reconnecting until it is back. `deno task test:page`; the last line is `N passed, N failed`.
 *
 * playwright-core steers the browser, axe-core looks at the page; they are installed into a folder
 * of their own for the run.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { createRequire } from "node:module";
import { PROTOCOLS } from "./counters.ts";
import { Demonstration, outcomeOf } from "./demonstration.ts";
import { startPage } from "./page.ts";
import { installed } from "../real_peers/installed.ts";
import { missing } from "../real_peers/missing.ts";

const CHROMIUM = "/usr/bin/chromium";
const PACKAGES = ["playwright-core@1.64.1", "axe-core@4"];

/** Time in ms for each step. */
const LONGEST = 20_000;

/** Without these it asks hosts that are not there, and wants a sandbox that root cannot have. */
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What is used of playwright's page. */
interface Tab {
  goto(url: string): Promise<unknown>;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  textContent(selector: string): Promise<string | null>;
  getAttribute(selector: string, name: string): Promise<string | null>;
  waitForSelector(selector: string): Promise<unknown>;
  waitForFunction(script: string): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
  screenshot(options: { path: string; fullPage: boolean }): Promise<unknown>;
  setDefaultTimeout(milliseconds: number): void;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  on(event: "pageerror", listener: (error: Error) => void): void;
}

interface Browser {
  newPage(options: { colorScheme: "light" | "dark" }): Promise<Tab>;
  close(): Promise<void>;
}

/** The two tabs, and how the server that they have open goes and comes back. */
interface Stage {
  ann: Tab;
  bob: Tab;
  /** The source of axe-core. */
  axe: string;
  stop(): Promise<void>;
  reopen(): Promise<void>;
}

const hasText = (selector: string, text: string) => `${selector}:has-text(${JSON.stringify(text)})`;

async function join(tab: Tab, name: string, room: string): Promise<void> {
  await tab.fill("#name", name);
  await tab.fill("#room", room);
  await tab.click("#join button");
  await tab.waitForSelector(hasText("#people", `You are in ${room}`));
}

async function say(tab: Tab, text: string): Promise<void> {
  await tab.fill("#text", text);
  await tab.click("#say button");
}

/** What axe finds fault with, and where. */
const VIOLATIONS =
  "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))";

/** The text in a column of a protocol's row, as the page's own script finds it. */
function cell(protocol: string, column: number): string {
  const rows = '[...document.querySelectorAll("#counters tr")]';
  const isRow = `(row) => row.querySelector("th")?.textContent === "${protocol}"`;
  return `${rows}.find(${isRow}).querySelector("td:nth-of-type(${column})").textContent`;
}

/** The number in a column of a protocol's row. */
async function counter(tab: Tab, protocol: string, column: number): Promise<number> {
  const row = `#counters tr:has(th:text-is("${protocol}")) td:nth-of-type(${column})`;
  return Number((await tab.textContent(row))?.replaceAll(",", ""));
}

const CASES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "two tabs chat in a room": async ({ ann, bob }) => {
    await join(ann, "Ann", "garden");
    await join(bob, "Bob", "garden");
    await ann.waitForSelector(hasText("#people", "1 other"));
    await say(ann, "Grüße <b>");
    await bob.waitForSelector(hasText("#messages li", "Ann: Grüße <b>"));
    await say(bob, "Danke");
    await ann.waitForSelector(hasText("#messages li", "Bob: Danke"));
  },
  "rooms are apart": async ({ ann, bob }) => {
    await join(bob, "Bob", "cellar");
    await say(bob, "Dark here");
    await bob.waitForSelector(hasText("#messages li", "Dark here"));
    // What is said after it comes after it: it would have been there by now.
    await say(ann, "Sunny here");
    await ann.waitForSelector(hasText("#messages li", "Sunny here"));
    assert(!(await ann.textContent("#messages"))?.includes("Dark here"));
  },
  "the counters move": async ({ ann }) => {
    assertEquals(await counter(ann, "WS", 1), 2);
    const before = await counter(ann, "WS", 3);
    await ann.waitForSelector(hasText("#latency", "of 4 pings"));
    assert(await counter(ann, "WS", 3) > before);
    const connections = await Promise.all(PROTOCOLS.map((name) => counter(ann, name, 2)));
    await ann.click("#exercise");
    await ann.waitForSelector(hasText("#outcome", "as expected"));
    const [, right, total] = /(\d+) of (\d+)/.exec(await ann.textContent("#outcome") ?? "") ?? [];
    assertEquals(right, total);
    assert(Number(total) > PROTOCOLS.length);
    // All services had clients: the next state of the counters shows them.
    for (const [index, name] of PROTOCOLS.entries()) {
      const more = `Number(${cell(name, 2)}.replaceAll(",", "")) > ${connections[index]}`;
      if (name !== "UDP") await ann.waitForFunction(more);
    }
  },
  "the plot has a point for each ping": async ({ ann }) => {
    const points = (await ann.getAttribute("#curve", "points"))?.split(" ") ?? [];
    assert(points.length >= 4);
    assert(points.every((point) => /^[\d.]+,[\d.]+$/.test(point)));
  },
  "the page is accessible and keeps to the window, wide and narrow": async ({ ann, bob, axe }) => {
    for (const tab of [ann, bob]) {
      await tab.evaluate(axe);
      for (const width of [360, 1280]) {
        await tab.setViewportSize({ width, height: 800 });
        assertEquals(await tab.evaluate(VIOLATIONS), []);
        assertEquals(await tab.evaluate("document.documentElement.scrollWidth"), width);
      }
    }
  },
  "the page is light and dark": async ({ ann, bob }) => {
    const ground = "getComputedStyle(document.body).backgroundColor";
    assertEquals(await ann.evaluate(ground), "rgb(255, 255, 255)");
    assertEquals(await bob.evaluate(ground), "rgb(20, 24, 28)");
  },
  "a closed server shows as reconnecting until it is back": async ({ ann, bob, stop, reopen }) => {
    await stop();
    for (const tab of [ann, bob]) await tab.waitForSelector('#state[data-state="reconnecting"]');
    await reopen();
    for (const tab of [ann, bob]) await tab.waitForSelector('#state[data-state="open"]');
    // The rooms were taken up again by themselves.
    await join(bob, "Bob", "garden");
    await say(bob, "Back again");
    await ann.waitForSelector(hasText("#messages li", "Bob: Back again"));
  },
};

async function runCases(stage: Stage, screenshots: string | null): Promise<number> {
  let failed = 0;
  for (const [name, run] of Object.entries(CASES)) {
    try {
      await run(stage);
      console.log(`ok ${name}`);
    } catch (error) {
      failed++;
      console.error(`FAILED ${name}:`, error);
    }
  }
  if (screenshots !== null) {
    await stage.ann.screenshot({ path: `${screenshots}/light.png`, fullPage: true });
    await stage.bob.screenshot({ path: `${screenshots}/dark.png`, fullPage: true });
  }
  return failed;
}

async function launch(folder: string): Promise<Browser> {
  const { chromium } = createRequire(`${folder}/package.json`)("playwright-core");
  return await chromium.launch({ executablePath: CHROMIUM, args: SWITCHES });
}

async function openTab(browser: Browser, url: string, colorScheme: "light" | "dark"): Promise<Tab> {
  const tab = await browser.newPage({ colorScheme });
  tab.setDefaultTimeout(LONGEST);
  tab.on("pageerror", (error) => console.error("The page failed:", error));
  await tab.goto(url);
  await tab.waitForSelector('#state[data-state="open"]');
  return tab;
}

async function check(folder: string, screenshots: string | null): Promise<number> {
  const demonstration = new Demonstration();
  await demonstration.start();
  const { counters } = demonstration;
  const exercise = async () => outcomeOf(await demonstration.talk());
  const restart = (port: number) => startPage({ counters, exercise, port });
  const browser = await launch(folder);
  let page = await restart(0);
  try {
    const ann = await openTab(browser, page.url, "light");
    const bob = await openTab(browser, page.url, "dark");
    const stop = () => page.stop(1_000);
    const reopen = async () => {
      page = await restart(Number(new URL(page.url).port));
    };
    const axe = await Deno.readTextFile(`${folder}/node_modules/axe-core/axe.min.js`);
    return await runCases({ ann, bob, axe, stop, reopen }, screenshots);
  } finally {
    await browser.close();
    await page.stop(1_000);
    await demonstration.stop(1_000);
  }
}

async function main(): Promise<number> {
  const isThere = await Deno.stat(CHROMIUM).then(() => true, () => false);
  if (!isThere) return missing("Chromium", "chromium");
  const folder = await installed(PACKAGES);
  try {
    const failed = await check(folder, Deno.args[0] ?? null);
    console.log(`${Object.keys(CASES).length - failed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
