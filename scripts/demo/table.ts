import type { Exchange } from "./service.ts";

/** An exchange with the name of its service. */
export interface Row extends Exchange {
  /** The service's name. */
  service: string;
}

/** Whether an exchange went as it should. */
export function isExpected({ received, expected }: Exchange): boolean {
  return received === expected;
}

/** Sets rows as a table of text; a service is named on its first row only. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row, index) => [
    row.service === rows[index - 1]?.service ? "" : row.service,
    row.sent,
    row.received,
    row.milliseconds.toFixed(1).padStart(6),
    isExpected(row) ? "ok" : `FAILED, not: ${row.expected}`,
  ]);
  const all = [["SERVICE", "SENT", "RECEIVED", "    MS", ""], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...all.map((line) => line[column]?.length ?? 0))
  );
  return all.map((line) =>
    line.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  ).join("\n");
}
