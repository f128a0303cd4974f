import ts from "typescript";

/** A module as TypeScript for Node sees it. */
export interface Rewritten {
  text: string;
  /** It reads the global `Deno`. */
  usesDeno: boolean;
  /** It calls `Promise.withResolvers`, which Node 20 lacks. */
  usesWithResolvers: boolean;
}

interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Puts other module names into the imports of a source text, and tells what else it needs. */
export function rewrite(
  path: string,
  text: string,
  rename: (specifier: string) => string,
): Rewritten {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = { edits: new Array<Edit>(), usesDeno: false, usesWithResolvers: false };
  const visit = (node: ts.Node, inFunction: boolean): void => {
    refuse(node, inFunction, path);
    const specifier = specifierOf(node);
    if (specifier) found.edits.push(renaming(specifier, source, rename));
    if (isGlobalDeno(node)) found.usesDeno = true;
    if (isWithResolvers(node)) found.usesWithResolvers = true;
    const inner = inFunction || ts.isFunctionLike(node);
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(source, false);
  return {
    text: applied(text, found.edits),
    usesDeno: found.usesDeno,
    usesWithResolvers: found.usesWithResolvers,
  };
}

/** What cannot be said in CommonJS. The real package stops at the first, polyfills the second. */
function refuse(node: ts.Node, inFunction: boolean, path: string): void {
  const awaits = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier);
  if (awaits && !inFunction) {
    throw new Error(`Cannot build ${path} as CommonJS: it has a top-level await`);
  }
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
    throw new Error(`Cannot build ${path} as CommonJS: it uses import.meta`);
  }
}

/** The string that names a module, wherever the language allows one. */
function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  let name: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    name = node.moduleSpecifier;
  } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    name = node.arguments[0];
  } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    name = node.argument.literal;
  }
  return name && ts.isStringLiteralLike(name) ? name : undefined;
}

function renaming(
  specifier: ts.StringLiteralLike,
  source: ts.SourceFile,
  rename: (specifier: string) => string,
): Edit {
  const text = JSON.stringify(rename(specifier.text));
  return { start: specifier.getStart(source), end: specifier.end, text };
}

function isGlobalDeno(node: ts.Node): boolean {
  if (!ts.isIdentifier(node) || node.text !== "Deno") return false;
  const parent = node.parent;
  const isMember = (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent);
  return !isMember;
}

function isWithResolvers(node: ts.Node): boolean {
  return ts.isPropertyAccessExpression(node) && node.name.text === "withResolvers";
}

function applied(text: string, edits: Edit[]): string {
  // From the end to the start, so that the positions still to come stay right.
  for (const { start, end, text: replacement } of edits.sort((a, b) => b.start - a.start)) {
    text = text.slice(0, start) + replacement + text.slice(end);
  }
  return text;
}
