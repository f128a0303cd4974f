/** A place where the project breaks one of its rules. */
export interface Finding {
  /** Path from the root of the project. */
  path: string;
  /** Line, from 1. */
  line: number;
  /** Short name of the rule. */
  rule: string;
  message: string;
}

/** Prints findings, one on each line, and ends the process with status 1 if there are any. */
export function report(findings: Finding[], what: string): void {
  for (const { path, line, rule, message } of findings) {
    console.log(`${path}:${line}: ${rule}: ${message}`);
  }
  console.log(`${what}: ${findings.length} findings`);
  if (findings.length > 0) Deno.exit(1);
}
