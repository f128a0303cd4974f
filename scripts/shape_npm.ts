import ts from "typescript";
import { FOLDER_LAYERS, TESTING_FOLDER } from "./layer_table.ts";
import { isTest } from "./project_files.ts";
import type { FileFinding } from "./shape_sizes.ts";
import { lineOf, walk } from "./syntax.ts";

/** Members for which dnt adds a polyfill that every user of the package would have to carry. */
const POLYFILLED: ReadonlySet<string> = new Set([
  "Array.fromAsync",
  "Object.hasOwn",
  "Promise.withResolvers",
]);

/** The same, of whatever object. */
const POLYFILLED_MEMBERS: ReadonlySet<string> = new Set(["cause", "findLast", "findLastIndex"]);

/** In tests a polyfill that is for types only, or that Node 20 needs no more, does no harm. */
const HARMLESS_IN_TESTS: ReadonlySet<string> = new Set(["Object.hasOwn", "cause"]);

function polyfilled(node: ts.Node): string | undefined {
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const { expression, name } = node;
  if (POLYFILLED_MEMBERS.has(name.text)) return name.text;
  const member = `${expression.getText()}.${name.text}`;
  return POLYFILLED.has(member) ? member : undefined;
}

/** Whether dnt would put a proxy in the place of this `globalThis`. */
function isProxied(node: ts.Node, source: ts.SourceFile): boolean {
  if (!ts.isIdentifier(node) || node.text !== "globalThis") return false;
  if (ts.isPropertyAccessExpression(node.parent) || ts.isQualifiedName(node.parent)) return false;
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  const above = source.text.split("\n")[line - 1] ?? "";
  return !above.trimStart().startsWith("// dnt-shim-ignore");
}

/** Finds what dnt would change on the way into the npm package, by a polyfill or a proxy. */
export function checkNpm(path: string, source: ts.SourceFile): FileFinding[] {
  const [folder = ""] = path.split("/");
  const ofTests = isTest(path) || folder === TESTING_FOLDER;
  const isInPackage = folder in FOLDER_LAYERS || folder === TESTING_FOLDER;
  if (!isInPackage || path.endsWith(".test.ts")) return [];
  const findings: FileFinding[] = [];
  walk(source, (node) => {
    const line = lineOf(source, node);
    const name = polyfilled(node);
    if (name && !(ofTests && HARMLESS_IN_TESTS.has(name))) {
      findings.push({ line, rule: "npm", message: `For \`${name}\` dnt adds a polyfill` });
    }
    if (!ofTests && isProxied(node, source)) {
      const message = "dnt puts a proxy here: tell it by `// dnt-shim-ignore` on the line above";
      findings.push({ line, rule: "npm", message });
    }
  });
  return findings;
}
