import type { Child } from "./child.ts";
import { type RunningServer, startServer } from "./contestants.ts";
import type { BenchOptions } from "./options.ts";
import type { Pinning } from "./pinning.ts";
import { shuffled } from "./statistics.ts";
import {
  type Contestant,
  type Entrant,
  labelOf,
  type MemoryCase,
  type SpeedCase,
} from "./suite.ts";
import { Wrk } from "./wrk.ts";

/** Long enough for connections to stand and the just-in-time compilers to have settled. */
const WARM_UP_MS = 250;

/**
 * The same with requests of HTTP, where much more code has to be compiled. V8 does that in threads of
 * its own, which share the server's core: for about 4 s they hold it up by 4 ms at a time, and a
 * 99th percentile would tell of nothing else.
 */
const WRK_WARM_UP_MS = 5000;

/** One round of one entrant. */
export interface Round {
  /** Operations per second of wall time. */
  readonly rate: number;
  /** Microseconds of the server process per operation. */
  readonly cpu: number;
  /** Share of its core that the server, and the generator, used. */
  readonly serverBusy: number;
  readonly generatorBusy: number;
  /** Within so many microseconds 99 of 100 operations were done, where the load tells. */
  readonly p99?: number;
  /** Resident bytes of the server at the end. */
  readonly rss: number;
}

/** Rounds by entrant's label; the n-th rounds of all of them were run next to each other. */
export type SpeedResult = ReadonlyMap<string, readonly Round[]>;

/** KiB per client by entrant's label, one figure a round. */
export type MemoryResult = ReadonlyMap<string, readonly number[]>;

export interface Bench {
  readonly options: BenchOptions;
  readonly pinning: Pinning;
  readonly generator: Child;
  /** Those that can run on this machine. */
  readonly contestants: ReadonlyMap<string, Contestant>;
}

interface Usage {
  readonly cpu: number;
  readonly ms: number;
  readonly rss: number;
}

interface Sample extends Usage {
  readonly operations: number;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function measureRound(bench: Bench, server: RunningServer, load: string): Promise<Round> {
  const { generator, options } = bench;
  const sample = () =>
    Promise.all([generator.ask<Sample>("sample"), server.child.ask<Usage>("usage")]);
  await generator.ask("open", { name: load, port: server.port });
  await pause(WARM_UP_MS);
  const [load0, server0] = await sample();
  await pause(options.seconds * 1000);
  const [load1, server1] = await sample();
  await generator.ask("close");
  // What the server still has to do about closed connections is not the next one's time.
  await pause(50);
  // Each process reads its own clock, so it does not matter that they answer at different moments.
  const rate = (load1.operations - load0.operations) / (load1.ms - load0.ms) * 1000;
  const serverBusy = (server1.cpu - server0.cpu) / (server1.ms - server0.ms) / 1000;
  const generatorBusy = (load1.cpu - load0.cpu) / (load1.ms - load0.ms) / 1000;
  return { rate, cpu: serverBusy * 1e6 / rate, serverBusy, generatorBusy, rss: server1.rss };
}

/** The first run warms up; what connecting costs in the second is nothing beside its requests. */
async function measureWrk(
  bench: Bench,
  server: RunningServer,
  wrk: Wrk,
  isFirst: boolean,
): Promise<Round> {
  await wrk.run(server.port, isFirst ? WRK_WARM_UP_MS : WARM_UP_MS);
  const before = await server.child.ask<Usage>("usage");
  const { requests, seconds, cpuSeconds, p99 } = await wrk.run(
    server.port,
    bench.options.seconds * 1000,
  );
  const after = await server.child.ask<Usage>("usage");
  const cpu = (after.cpu - before.cpu) / requests;
  const rate = requests / seconds;
  const serverBusy = cpu * rate / 1e6;
  return { rate, cpu, serverBusy, generatorBusy: cpuSeconds / seconds, p99, rss: after.rss };
}

function present(bench: Bench, entrants: readonly Entrant[]): [Entrant, Contestant][] {
  return entrants.flatMap((entrant) => {
    const contestant = bench.contestants.get(entrant.contestant);
    return contestant === undefined ? [] : [[entrant, contestant] as [Entrant, Contestant]];
  });
}

/** All servers of a case are up at once; the rounds go round among them. */
export async function measureSpeed(bench: Bench, speedCase: SpeedCase): Promise<SpeedResult> {
  await using servers = new AsyncDisposableStack();
  const { load } = speedCase;
  const wrk = typeof load === "string" ? null : servers.use(new Wrk(load, bench.pinning));
  const running: [string, RunningServer][] = [];
  for (const [entrant, contestant] of present(bench, speedCase.entrants)) {
    const server = await startServer(contestant, entrant.role, bench.pinning);
    servers.use(server.child);
    const problem = await wrk?.problemOf(server.port);
    if (problem !== undefined) {
      console.log(`Left out of ${speedCase.name}: ${labelOf(entrant)}, ${problem}\n`);
      continue;
    }
    running.push([labelOf(entrant), server]);
  }
  const result = new Map<string, Round[]>(running.map(([label]) => [label, []]));
  for (let i = 0; i < bench.options.rounds; i++) {
    for (const [label, server] of shuffled(running)) {
      const round = typeof load === "string"
        ? measureRound(bench, server, load)
        : measureWrk(bench, server, wrk!, i === 0);
      result.get(label)!.push(await round);
    }
  }
  return result;
}

async function measureClients(
  bench: Bench,
  memoryCase: MemoryCase,
  server: RunningServer,
): Promise<number> {
  const { generator } = bench;
  const level = async () => {
    await pause(200);
    return (await server.child.ask<{ rss: number }>("memory")).rss;
  };
  await generator.ask("open", {
    name: memoryCase.load,
    port: server.port,
    clients: memoryCase.baseline,
  });
  const before = await level();
  await generator.ask("grow", { clients: memoryCase.clients });
  const after = await level();
  await generator.ask("close");
  return (after - before) / memoryCase.clients / 1024;
}

/** A new process for each figure, since resident memory that was once used does not go away. */
export async function measureMemory(bench: Bench, memoryCase: MemoryCase): Promise<MemoryResult> {
  const result = new Map<string, number[]>();
  for (let i = 0; i < Math.min(3, bench.options.rounds); i++) {
    for (const [entrant, contestant] of shuffled(present(bench, memoryCase.entrants))) {
      const server = await startServer(contestant, entrant.role, bench.pinning);
      await using _process = server.child;
      const figures = result.get(labelOf(entrant)) ?? [];
      figures.push(await measureClients(bench, memoryCase, server));
      result.set(labelOf(entrant), figures);
    }
  }
  return result;
}
