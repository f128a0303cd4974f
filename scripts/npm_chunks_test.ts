import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { chunkNames, CHUNKS_FOLDER, joinModules } from "./npm_chunks.ts";

const STARTS = [
  { name: "tcp", path: "tcp/mod.js" },
  { name: "udp", path: "udp/mod.js" },
  { name: "http", path: "http/mod.js" },
  { name: "engine", path: "engine.js" },
];

Deno.test("chunkNames() gives a module to the first start that needs it", () => {
  const graph = new Map([
    ["tcp/mod.js", ["tcp/socket.js", "core.js"]],
    ["tcp/socket.js", ["core.js", "pump.js"]],
    ["udp/mod.js", ["core.js"]],
    ["http/mod.js", ["tcp/mod.js", "tcp/socket.js", "http/head.js", "node:events"]],
    ["http/head.js", ["core.js"]],
    ["engine.js", ["session.js", "core.js"]],
  ]);
  const names = chunkNames(graph, STARTS);
  assertEquals(names.get("tcp/socket.js"), "tcp");
  assertEquals(names.get("pump.js"), "tcp");
  assertEquals(names.get("udp/mod.js"), "udp");
  assertEquals(names.get("http/head.js"), "http");
  assertEquals(names.get("session.js"), "engine");
  assertEquals(names.get("core.js"), "base");
});

Deno.test("chunkNames() comes to an end when modules import one another", () => {
  const graph = new Map([["tcp/mod.js", ["a.js"]], ["a.js", ["b.js"]], ["b.js", ["a.js"]]]);
  assertEquals(chunkNames(graph, STARTS.slice(0, 1)).get("b.js"), "tcp");
});

const SOURCES = {
  "tcp/mod.js": `export { Socket } from "./socket.js";
    export const engine = () => import("../engine.js");`,
  "tcp/socket.js": `import { events } from "../core.js";
    export class Socket { events = events; }
    export const inside = Socket;`,
  "udp/mod.js": `import { events } from "../core.js"; export const bound = () => events.length;`,
  "core.js": `export const events = [];`,
  "engine.js": `import { inside } from "./tcp/socket.js"; export const made = new inside();`,
};

async function project(sources: Record<string, string>): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(sources)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  return folder;
}

Deno.test("joinModules() leaves one state behind all files", async () => {
  const folder = await project(SOURCES);
  try {
    const starts = STARTS.slice(0, 2);
    const unshipped = await joinModules(folder, starts, [{ format: "es", folder }]);
    // `engine.js` is alone in its file, so that file is its own.
    assertEquals(unshipped.sort(), ["core.js", "tcp/socket.js"]);
    const at = (path: string) => import(`file://${folder}/${path}`);
    const tcp = await at("tcp/mod.js");
    const socket = await at("tcp/socket.js");
    assert(tcp.Socket === socket.inside);
    (await at("core.js")).events.push("one");
    assertEquals((await at("udp/mod.js")).bound(), 1);
    assert((await tcp.engine()).made instanceof tcp.Socket);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("joinModules() writes CommonJS beside when that is asked for", async () => {
  const folder = await project(SOURCES);
  try {
    const script = { format: "cjs", folder: `${folder}/script` } as const;
    await joinModules(folder, STARTS.slice(0, 2), [{ format: "es", folder }, script]);
    const text = await Deno.readTextFile(`${folder}/script/udp/mod.js`);
    assertStringIncludes(text, `require('../${CHUNKS_FOLDER}/base.js')`);
    const base = await Deno.readTextFile(`${folder}/script/${CHUNKS_FOLDER}/base.js`);
    assertStringIncludes(base, "class Socket");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("joinModules() rejects when modules import one another", async () => {
  const folder = await project({
    "tcp/mod.js": `import { b } from "./b.js"; export const a = () => b;`,
    "tcp/b.js": `import { a } from "./mod.js"; export const b = () => a;`,
  });
  try {
    const joined = joinModules(folder, STARTS.slice(0, 1), [{ format: "es", folder }]);
    await assertRejects(() => joined, Error, "Circular dependency");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
