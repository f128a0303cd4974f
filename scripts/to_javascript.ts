/** Programs in TypeScript as Node 20 runs them. @module */

import ts from "typescript";

/** Types out, and `./x.ts` to `./x.js`; `await using` is not in Node 20. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** The module as JavaScript. */
export function toJavaScript(source: string): string {
  return ts.transpileModule(source, { compilerOptions }).outputText;
}
