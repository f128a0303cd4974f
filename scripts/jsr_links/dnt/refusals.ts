import ts from "typescript";

/** Members for which the real package adds a polyfill, in the tests too. */
const POLYFILLED: ReadonlySet<string> = new Set([
  "withResolvers",
  "fromAsync",
  "findLast",
  "findLastIndex",
]);

/**
 * Members whose polyfill does no harm in the tests. In the package it would tell the compiler of
 * everyone who uses it that all objects have a `hasOwn`.
 */
const POLYFILLED_IN_PACKAGE: ReadonlySet<string> = new Set(["hasOwn", "cause"]);

/** Whether a node is an `await` that belongs to no function. */
function awaitsAtTop(node: ts.Node, inFunction: boolean): boolean {
  const awaits = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier);
  return Boolean(awaits) && !inFunction;
}

/**
 * What is wrong with a node. The real package stops at an `await` at the top; the rest it replaces
 * by something that does not belong into this one's build.
 */
export function refusal(node: ts.Node, inFunction: boolean, isTest: boolean): string | undefined {
  if (awaitsAtTop(node, inFunction)) return "a top-level await, which CommonJS does not have";
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
    return "import.meta, which CommonJS does not have";
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const { text } = node.name;
  const isPolyfilled = POLYFILLED.has(text) || (!isTest && POLYFILLED_IN_PACKAGE.has(text));
  return isPolyfilled ? `.${text}, for which dnt adds a polyfill` : undefined;
}
