import type { MemoryResult, Round, SpeedResult } from "./measure.ts";
import { median } from "./statistics.ts";
import {
  labelOf,
  type LatencyTarget,
  type MemoryCase,
  type MemoryTarget,
  type RatioTarget,
  type SpeedCase,
  type Target,
} from "./suite.ts";

/** A Markdown table with its columns lined up, as `deno fmt` would write it. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]!.length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const [head, ...body] = rows;
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...body.map(line)]
    .join("\n");
}

function rounded(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

const of = (rounds: readonly Round[], key: keyof Round) => median(rounds.map((r) => r[key] ?? NaN));
const percent = (share: number) => `${Math.round(share * 100)} %`;

/** What each entrant of a case reached. */
export function figures(speedCase: SpeedCase, result: SpeedResult): string {
  const { title, unit, showsMemory = false } = speedCase;
  const hasLatency = [...result.values()].flat().some(({ p99 }) => p99 !== undefined);
  const rows = speedCase.entrants.flatMap((entrant) => {
    const rounds = result.get(labelOf(entrant));
    if (rounds === undefined) return [];
    return [[
      labelOf(entrant),
      rounded(of(rounds, "rate")),
      rounded(of(rounds, "cpu")),
      percent(of(rounds, "serverBusy")),
      percent(of(rounds, "generatorBusy")),
      ...(hasLatency ? [rounded(of(rounds, "p99") / 1000)] : []),
      ...(showsMemory ? [rounded(of(rounds, "rss") / 2 ** 20)] : []),
    ]];
  });
  const head = ["", `${unit}/s`, `server CPU, µs per ${unit}`, "server busy", "generator busy"];
  if (hasLatency) head.push("p99, ms");
  if (showsMemory) head.push("server RSS, MiB");
  return `### ${title}\n\n${table([head, ...rows])}\n`;
}

/** Ratios of rounds that ran side by side: what slowed one of a pair slowed the other. */
function pairedRatio(
  ours: readonly Round[],
  peer: readonly Round[],
  ratio: (ours: Round, peer: Round) => number,
): number {
  return median(ours.map((round, i) => ratio(round, peer[i]!)));
}

function verdict(target: number, wall: number, cpu: number): string {
  // As precise as the figures beside it: 0.996 is printed, and counts, as 1.00.
  const met = (value: number) => Math.round(value * 100) >= Math.round(target * 100);
  if (met(cpu)) return met(wall) ? "yes" : "by CPU";
  return met(wall) ? "by wall" : "no";
}

function ratioCells(
  target: RatioTarget,
  ours: readonly Round[],
  peer: readonly Round[],
): string[] {
  const wall = pairedRatio(ours, peer, (a, b) => a.rate / b.rate);
  const cpu = pairedRatio(ours, peer, (a, b) => b.cpu / a.cpu);
  return [wall.toFixed(2), cpu.toFixed(2), verdict(target.ratio, wall, cpu)];
}

function latencyCells(
  target: LatencyTarget,
  ours: readonly Round[],
  peer: readonly Round[],
): string[] {
  const reached = pairedRatio(ours, peer, (a, b) => (a.p99 ?? NaN) / (b.p99 ?? NaN)).toFixed(2);
  return [reached, "–", Number(reached) <= target.p99 ? "yes" : "no"];
}

function memoryCells(
  target: MemoryTarget,
  ours: readonly Round[],
  peer: readonly Round[],
): string[] {
  const reached = (of(ours, "rss") / of(peer, "rss")).toFixed(2);
  return [reached, "–", Number(reached) <= target.memory ? "yes" : "no"];
}

function limitOf(target: Target): string {
  if ("p99" in target) return `p99 ≤ ${target.p99.toFixed(2)}`;
  if ("memory" in target) return `RSS ≤ ${target.memory.toFixed(2)}`;
  return `≥ ${target.ratio.toFixed(2)}`;
}

function cellsOf(target: Target, ours: readonly Round[], peer: readonly Round[]): string[] {
  if ("p99" in target) return latencyCells(target, ours, peer);
  if ("memory" in target) return memoryCells(target, ours, peer);
  return ratioCells(target, ours, peer);
}

function targetRow(title: string, target: Target, result: SpeedResult): string[] {
  const { contestant, peer } = target;
  const names = [title, contestant, peer, limitOf(target)];
  const [ours, theirs] = [result.get(contestant), result.get(peer)];
  if (ours === undefined || theirs === undefined) return [...names, "–", "–", "not run"];
  return [...names, ...cellsOf(target, ours, theirs)];
}

/** Every target of the suite with the ratio reached, by wall time and by work per CPU second. */
export function ratios(results: readonly (readonly [SpeedCase, SpeedResult])[]): string {
  const head = ["case", "server", "against", "target", "wall", "CPU", "met"];
  const rows = results.flatMap(([speedCase, result]) =>
    speedCase.targets.map((target) => targetRow(speedCase.title, target, result))
  );
  return table([head, ...rows]);
}

/** What a client cost an entrant, or undefined if that was not run. */
function levelOf(result: MemoryResult, label: string): number | undefined {
  const kib = result.get(label);
  return kib === undefined ? undefined : median(kib);
}

/** Memory per client with the most it may be. */
export function memoryTable(memoryCase: MemoryCase, result: MemoryResult): string {
  const rows = memoryCase.entrants.flatMap((entrant) => {
    const label = labelOf(entrant);
    const kib = result.get(label);
    if (kib === undefined) return [];
    const given = memoryCase.limits[label];
    const limit = typeof given === "string" ? levelOf(result, given) : given;
    const level = median(kib);
    const met = limit === undefined ? "" : level <= limit ? "yes" : "no";
    return [[
      label,
      level.toFixed(1),
      limit === undefined ? "–" : `≤ ${Math.round(limit * 10) / 10}`,
      met,
    ]];
  });
  const head = ["", "KiB per connection", "target", "met"];
  return `### ${memoryCase.title}\n\n${table([head, ...rows])}\n`;
}
