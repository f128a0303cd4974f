import ts from "typescript";
import type { FileFinding } from "./shape_sizes.ts";
import { lineOf } from "./syntax.ts";

/** Finds statements in a `mod.ts` that do more than re-export. */
export function checkModFile(source: ts.SourceFile): FileFinding[] {
  return source.statements
    .filter((statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier))
    .map((statement) => ({
      line: lineOf(source, statement),
      rule: "mod",
      message: "A mod.ts holds re-exports and nothing else",
    }));
}

/** Tells whether a module has nothing that runs. */
export function exportsOnlyTypes(source: ts.SourceFile): boolean {
  return source.statements.every((statement) =>
    ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) ||
    ts.isImportDeclaration(statement) || isTypeExport(statement)
  );
}

function isTypeExport(statement: ts.Statement): boolean {
  if (!ts.isExportDeclaration(statement)) return false;
  if (statement.isTypeOnly) return true;
  const { exportClause } = statement;
  if (!exportClause || !ts.isNamedExports(exportClause)) return false;
  return exportClause.elements.every(({ isTypeOnly }) => isTypeOnly);
}
