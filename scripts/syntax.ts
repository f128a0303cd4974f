import ts from "typescript";

/** Parses a source text; `path` tells TypeScript from JavaScript. */
export function parse(path: string, text: string): ts.SourceFile {
  const kind = path.endsWith(".ts") ? ts.ScriptKind.TS : ts.ScriptKind.JS;
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
}

/** Calls back for a node and for everything in it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Line of a position in the file, from 1. */
export function lineAt(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

/** Line on which a node starts, from 1; its comments do not count as part of it. */
export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return lineAt(source, node.getStart(source));
}

/** A comment with its marks and its line. */
export interface Comment {
  text: string;
  line: number;
}

/** Every comment of a file, in order. */
export function comments(source: ts.SourceFile): Comment[] {
  const text = source.text;
  const found = new Map<number, number>();
  const collect = (start: number, end: number) => void found.set(start, end);
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source);
    if (children.length === 0 && node.kind !== ts.SyntaxKind.JsxText) {
      ts.forEachLeadingCommentRange(text, node.pos, collect);
      ts.forEachTrailingCommentRange(text, node.end, collect);
    }
    children.forEach(visit);
  };
  visit(source);
  return [...found].sort(([a], [b]) => a - b).map(([start, end]) => ({
    text: text.slice(start, end),
    line: lineAt(source, start),
  }));
}

/** Tells whether an identifier is only the name of a member, as in `options.crypto`. */
export function isMemberName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  return (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) || ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent)) && parent.name === node;
}
