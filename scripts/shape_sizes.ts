import ts from "typescript";
import type { Finding } from "./finding.ts";
import { isTest } from "./project_files.ts";
import { lineAt, lineOf, walk } from "./syntax.ts";

/** A finding in a file that is known from elsewhere. */
export type FileFinding = Omit<Finding, "path">;

const MAX_FILE_LINES = 400;
const MAX_TEST_LINES = 800;
const MAX_FUNCTION_LINES = 60;

function nameOf(node: ts.FunctionLikeDeclaration): string {
  if (node.name) return node.name.getText();
  const { parent } = node;
  return ts.isVariableDeclaration(parent) ? parent.name.getText() : "function";
}

/** Finds files and functions that are too long to take in. */
export function checkSizes(path: string, source: ts.SourceFile): FileFinding[] {
  const findings: FileFinding[] = [];
  const lines = source.text.replace(/\n$/, "").split("\n").length;
  const limit = isTest(path) ? MAX_TEST_LINES : MAX_FILE_LINES;
  if (lines > limit) {
    findings.push({ line: limit, rule: "file-length", message: `${lines} lines, not ${limit}` });
  }
  walk(source, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) return;
    const start = lineOf(source, node);
    const length = lineAt(source, node.end) - start + 1;
    if (length <= MAX_FUNCTION_LINES) return;
    const message = `${nameOf(node)} has ${length} lines, not ${MAX_FUNCTION_LINES}`;
    findings.push({ line: start, rule: "function-length", message });
  });
  return findings;
}
