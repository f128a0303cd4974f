import type ts from "typescript";
import type { FileFinding } from "./shape_sizes.ts";
import { type Comment, comments } from "./syntax.ts";

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;
const SUPPRESSION = /@ts-(ignore|expect-error|nocheck)|deno-fmt-ignore/;
const LINT_IGNORE = /deno-lint-ignore/;
/** `deno-lint-ignore some-rule -- why it does not hold here`. */
const REASONED_IGNORE = /deno-lint-ignore [\w-]+( [\w-]+)* -- \S+ \S+/;

function complaint({ text }: Comment): [rule: string, message: string] | undefined {
  const [unfinished] = UNFINISHED.exec(text) ?? [];
  if (unfinished) return ["unfinished", `${unfinished} is work left over`];
  const [suppression] = SUPPRESSION.exec(text) ?? [];
  if (suppression) return ["suppression", `${suppression} hides what a tool has to say`];
  if (LINT_IGNORE.test(text) && !REASONED_IGNORE.test(text)) {
    return ["suppression", "deno-lint-ignore needs a rule and, after --, its reason"];
  }
  return undefined;
}

/** Finds comments that put work off or silence a tool. */
export function checkComments(source: ts.SourceFile): FileFinding[] {
  return comments(source).flatMap((comment) => {
    const broken = complaint(comment);
    return broken ? [{ line: comment.line, rule: broken[0], message: broken[1] }] : [];
  });
}
