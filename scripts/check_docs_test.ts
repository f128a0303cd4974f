import { assertEquals } from "@std/assert";
import {
  checkExamples,
  checkIgnored,
  checkReadme,
  type DocInfo,
  lintFindings,
} from "./check_docs.ts";

const EXAMPLE = "Does it.\n\n```ts\nf();\n```";
const COMMANDS = "```sh\nnpx -y deno@2.9.6 task test\nnpx -y deno@2.9.6 task demo\n```\n";

function symbol(name: string, kind: string, line: number, ...docs: string[]) {
  const location = { filename: "file:///p/tcp/socket.ts", line };
  return { name, declarations: docs.map((doc) => ({ kind, location, jsDoc: { doc } })) };
}

Deno.test("checkExamples() finds modules, functions and classes without an example", () => {
  const info: DocInfo = {
    nodes: {
      "file:///p/tcp/mod.ts": {
        module_doc: { doc: EXAMPLE },
        symbols: [
          symbol("withOne", "function", 3, EXAMPLE),
          symbol("oneFormOfTwo", "function", 5, "Does it.", EXAMPLE),
          symbol("without", "function", 7, "Does it."),
          symbol("InText", "class", 9, "Does it.\n```text\nf\n```"),
          symbol("Type", "interface", 11, "Is it."),
        ],
      },
      "file:///p/udp/mod.ts": { module_doc: { doc: "Does it." }, symbols: [] },
    },
  };
  const found = checkExamples(info, "/p/").map(({ path, line, message }) => [path, line, message]);
  assertEquals(found, [
    ["tcp/socket.ts", 8, "The function without has no ```ts example"],
    ["tcp/socket.ts", 10, "The class InText has no ```ts example"],
    ["udp/mod.ts", 1, "The module has no ```ts example"],
  ]);
});

Deno.test("checkExamples() sees examples in tags", () => {
  const tags = [{ kind: "example", doc: "```ts\nf();\n```" }];
  const symbols = [{
    name: "f",
    declarations: [{
      kind: "function",
      location: { filename: "file:///p/f.ts", line: 0 },
      jsDoc: { tags },
    }],
  }];
  const info = { nodes: { "file:///p/mod.ts": { module_doc: { doc: EXAMPLE }, symbols } } };
  assertEquals(checkExamples(info, "/p/"), []);
});

Deno.test("checkIgnored() allows one example in twenty to be skipped", () => {
  const ignored = EXAMPLE.replace("```ts", "```ts ignore");
  assertEquals(checkIgnored([...Array(19).fill(EXAMPLE), ignored]), []);
  const [finding] = checkIgnored([...Array(18).fill(EXAMPLE), ignored]);
  assertEquals(finding?.message, "1 of 19 examples are never run");
});

Deno.test("checkReadme() finds error codes that are left out", () => {
  const found = checkReadme(`${COMMANDS}| \`EPIPE\` | gone |`, ["EPIPE", "ECONNRESET"]);
  assertEquals(found.map(({ message }) => message), [
    "The error code ECONNRESET is not mentioned",
  ]);
  assertEquals(checkReadme(`${COMMANDS} ECONNRESET_X`, ["ECONNRESET"]).length, 1);
});

Deno.test("checkReadme() finds commands that are not the two", () => {
  assertEquals(checkReadme(COMMANDS, []), []);
  assertEquals(checkReadme(`${COMMANDS}npx other\n`, []).map(({ rule }) => rule), ["commands"]);
  assertEquals(checkReadme("", []).map(({ rule }) => rule), ["commands"]);
});

Deno.test("lintFindings() reads what deno doc --lint prints", () => {
  const output = "error[missing-jsdoc]: exported symbol is missing JSDoc documentation\n" +
    " --> /p/tcp/mod.ts:12:3\n  |\n12| export const a = 1;\n\n";
  assertEquals(lintFindings(output, "/p/"), [{
    path: "tcp/mod.ts",
    line: 12,
    rule: "missing-jsdoc",
    message: "exported symbol is missing JSDoc documentation",
  }]);
});
