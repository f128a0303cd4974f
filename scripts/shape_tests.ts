import ts from "typescript";
import type { FileFinding } from "./shape_sizes.ts";
import { lineOf, walk } from "./syntax.ts";

const WAITS = new Map([
  ["setTimeout", "A test that sleeps is slow or flaky: wait for the event, or use a fake clock"],
  ["delay", "A test that sleeps is slow or flaky: wait for the event, or use a fake clock"],
]);

function waitIn(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  if (ts.isIdentifier(expression)) return WAITS.get(expression.text);
  // A member of that name may well be the thing under test, as in `socket.setTimeout(5)`.
  const isGlobal = ts.isPropertyAccessExpression(expression) &&
    expression.expression.getText() === "globalThis";
  return isGlobal ? WAITS.get(expression.name.text) : undefined;
}

function isLiteral(node: ts.Expression): boolean {
  return node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword;
}

function skipIn(node: ts.Node): string | undefined {
  if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && isLiteral(node.initializer)) {
    if (node.name.text === "ignore") return "A test is skipped for no reason: `ignore` is fixed";
    if (node.name.text === "only") return "`only` leaves the other tests out";
  }
  if (ts.isPropertyAccessExpression(node) && node.expression.getText() === "Deno.test") {
    const { text } = node.name;
    if (text === "ignore" || text === "only") return `Deno.test.${text} leaves tests out`;
  }
  return undefined;
}

/** Finds tests that sleep, or that are left out for good. */
export function checkTestCode(source: ts.SourceFile): FileFinding[] {
  const findings: FileFinding[] = [];
  walk(source, (node) => {
    const line = lineOf(source, node);
    const wait = waitIn(node);
    if (wait) findings.push({ line, rule: "sleep", message: wait });
    const skip = skipIn(node);
    if (skip) findings.push({ line, rule: "skip", message: skip });
  });
  return findings;
}
