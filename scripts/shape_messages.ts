import ts from "typescript";
import type { FileFinding } from "./shape_sizes.ts";
import { lineOf, walk } from "./syntax.ts";

const CONTRACTION = /\b(\w+n't|\w+'(re|ve|ll)|(it|that|there|what|here|who|let)'s)\b/i;

/** The fixed text of a string or template, with a mark where values go in. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `\0${literal.text}`).join("");
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return (textOf(node.left) ?? "\0") + (textOf(node.right) ?? "\0");
  }
  return undefined;
}

function complaint(text: string): string | undefined {
  if (/^\p{Ll}/u.test(text)) return "starts with a small letter";
  if (/[^.]\.$/.test(text)) return "ends with a full stop";
  const [contraction] = CONTRACTION.exec(text) ?? [];
  return contraction ? `has the contraction "${contraction}"` : undefined;
}

/** Messages are sentences; a lone word is a code or a name. */
function messagesOf(node: ts.NewExpression | ts.CallExpression): string[] {
  // `new NetError(...)`, and functions that make one: `netError(...)`.
  if (!ts.isIdentifier(node.expression) || !/Error$/.test(node.expression.text)) return [];
  return (node.arguments ?? []).map(textOf).filter((text) => text !== undefined)
    .filter((text) => text.includes(" "));
}

/** Finds error messages that break the rules of wording. */
export function checkMessages(source: ts.SourceFile): FileFinding[] {
  const findings: FileFinding[] = [];
  walk(source, (node) => {
    if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return;
    for (const text of messagesOf(node)) {
      const problem = complaint(text);
      if (!problem) continue;
      const shown = text.replaceAll("\0", "…");
      const message = `The error message "${shown}" ${problem}`;
      findings.push({ line: lineOf(source, node), rule: "wording", message });
    }
  });
  return findings;
}
