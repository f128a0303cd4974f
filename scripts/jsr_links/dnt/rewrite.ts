import ts from "typescript";

/** A module as TypeScript for Node sees it. */
export interface Rewritten {
  text: string;
  /** What it takes from the shims of the tests. */
  shims: ReadonlySet<string>;
}

/** A module to rewrite. */
export interface RewriteRequest {
  /** Its place below `src/`. */
  path: string;
  /** Its text. */
  text: string;
  /** It is needed by tests alone. */
  isTest: boolean;
  /** What an import of it is called from now on. */
  rename: (specifier: string) => string;
}

interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Puts other names into the imports and the shimmed globals of a module. */
export function rewrite(request: RewriteRequest): Rewritten {
  const { path, text, isTest, rename } = request;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const edits: Edit[] = [];
  const shims = new Set<string>();
  const visit = (node: ts.Node, inFunction: boolean): void => {
    refuse(node, inFunction, path);
    const specifier = specifierOf(node);
    if (specifier) edits.push(renaming(specifier, source, rename));
    const shim = shimOf(node, source);
    if (shim && isTest) {
      shims.add(shim);
      edits.push({ start: node.getStart(source), end: node.end, text: shim });
    }
    const inner = inFunction || ts.isFunctionLike(node);
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(source, false);
  return { text: applied(text, edits), shims };
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

/** The export of the shims that stands in for a global: for `Deno`, and for all of `globalThis`. */
function shimOf(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (!ts.isIdentifier(node) || isName(node) || isIgnored(node, source)) return undefined;
  if (node.text === "Deno") return "Deno";
  return node.text === "globalThis" && !isPlainMember(node) ? "dntGlobalThis" : undefined;
}

/** Whether an identifier is a name of its own, and no use of a global. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) ||
    ts.isBindingElement(parent);
}

/** `globalThis.x` stays as it is, and so does a type. */
function isPlainMember({ parent }: ts.Identifier): boolean {
  return ts.isQualifiedName(parent) ||
    (ts.isPropertyAccessExpression(parent) && parent.name.text !== "Deno");
}

/** Whether the line before tells dnt to leave a line alone. */
function isIgnored(node: ts.Node, source: ts.SourceFile): boolean {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return /^\s*\/\/ dnt-shim-ignore/.test(source.text.split("\n")[line - 1] ?? "");
}

function applied(text: string, edits: Edit[]): string {
  // From the end to the start, so that the positions still to come stay right.
  for (const { start, end, text: replacement } of edits.sort((a, b) => b.start - a.start)) {
    text = text.slice(0, start) + replacement + text.slice(end);
  }
  return text;
}
