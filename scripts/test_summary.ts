/** Numbers of tests. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

function countsOf(match: RegExpMatchArray | null): Counts | undefined {
  if (!match) return undefined;
  const [, passed, failed, skipped] = match;
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped ?? 0) };
}

/** Reads the closing line of `deno test`; steps inside of tests do not count. */
export function countDeno(output: string): Counts | undefined {
  return countsOf(
    output.match(
      /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?/m,
    ),
  );
}

/** Reads the closing line of `scripts/node_test_runner.cjs`. */
export function countNode(output: string): Counts | undefined {
  return countsOf(output.match(/^(\d+) passed, (\d+) failed, (\d+) skipped$/m));
}

/** Looks through the list that `deno publish --dry-run` prints for what is not to ship. */
export function shippedByMistake(output: string): string | undefined {
  const files = output.split("\n").filter((line) => /^ +file:\/\//.test(line));
  if (/excluded-module[\s\S]*jsr_links/.test(output)) {
    return "Shipped code imports a linked package, which keeps it from being published from here";
  }
  if (files.length === 0) return "There is no list of published files";
  const wrong = files.filter((line) => /\/(scripts|_testing)\/|[._]test\.ts /.test(line));
  return wrong.length > 0 ? `These files are not to ship:\n${wrong.join("\n")}` : undefined;
}

/** The end of a text, with a note of what is left out. */
export function lastLines(text: string, count: number): string {
  const lines = text.split("\n");
  if (lines.length <= count) return text;
  return [`[${lines.length - count} lines left out]`, ...lines.slice(-count)].join("\n");
}

/** Adds it all up. */
export function summary(results: Counts[]): { line: string; success: boolean } {
  const sum = (key: keyof Counts) => results.reduce((total, counts) => total + counts[key], 0);
  const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
  const tail = skipped > 0 ? `, ${skipped} skipped` : "";
  return {
    line: `${passed} passed, ${failed} failed${tail}`,
    success: failed === 0 && passed > 0,
  };
}
