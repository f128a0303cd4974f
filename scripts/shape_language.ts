import ts from "typescript";
import type { FileFinding } from "./shape_sizes.ts";
import { lineOf, walk } from "./syntax.ts";

const KEYWORDS = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.AnyKeyword, "`any` switches the type checker off"],
  [ts.SyntaxKind.PrivateKeyword, "`private` is gone at run time: use `#name`"],
  [ts.SyntaxKind.ProtectedKeyword, "`protected` is gone at run time"],
]);

/** What is not plain JavaScript with types that can be erased, or nothing. */
function complaint(node: ts.Node): string | undefined {
  const keyword = KEYWORDS.get(node.kind);
  if (keyword) return keyword;
  if (ts.isEnumDeclaration(node)) return "`enum` makes code: use a const object and a union";
  if (ts.isModuleDeclaration(node) && !isAmbient(node)) return "`namespace` makes code";
  if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) {
    return "A parameter property makes code: declare the field";
  }
  return undefined;
}

/** `declare module "x"` and `declare global` add types and make no code. */
function isAmbient(node: ts.ModuleDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) ?? false;
}

/** Finds TypeScript that is more than JavaScript with types. */
export function checkLanguage(source: ts.SourceFile): FileFinding[] {
  const findings: FileFinding[] = [];
  walk(source, (node) => {
    const message = complaint(node);
    if (message) findings.push({ line: lineOf(source, node), rule: "plain", message });
  });
  return findings;
}
