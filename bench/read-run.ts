import { readFileSync } from 'node:fs';
import { medianOf, quantileOf } from './bench-numbers.ts';
import { requestsOf, type LoadName } from './read-mix.ts';
import { load, type Slot } from './read-rounds.ts';
import type { System } from './read-systems.ts';
import type { Requests } from './read-verify.ts';

export interface RunOptions {
  readonly rounds: number;
  /** Of one system at one load in one round. */
  readonly seconds: number;
  readonly connections: number;
  /** Of the part that looks at how long answers take. */
  readonly latencyConnections: number;
  readonly latencyRounds: number;
  /** Seconds of each system at each load before anything counts. */
  readonly warmUpSeconds: number;
}

/** What one system does at one load. */
export interface Figures {
  readonly load: LoadName;
  readonly system: string;
  /** Requests a second, of each round. */
  readonly rates: readonly number[];
  /** Microseconds of processor time of one request: of each round, and of all of them. */
  readonly serverUsOfRounds: readonly number[];
  readonly databaseUsOfRounds: readonly number[];
  readonly serverUs: number;
  readonly databaseUs: number;
  /** With the connections of the rounds. */
  readonly p99Ms: number;
  /** With the connections of the latency part. */
  readonly manyP50Ms: number;
  readonly manyP99Ms: number;
}

/**
 * Puts each system under each load in turns, so that what else the machine does falls on all. One at a
 * time is under load; the others wait with their connections to the database open.
 */
export async function runAll(
  requests: ReadonlyMap<System, Requests>,
  loads: readonly LoadName[],
  options: RunOptions,
): Promise<readonly Figures[]> {
  const { rounds, seconds, connections, latencyConnections, latencyRounds } = options;
  const cases = loads.flatMap((name) =>
    [...requests]
      .map(([system, known]) => ({ name, system, requests: requestsOf(known, name) }))
      .filter((one) => one.requests.length > 0)
      .map((one) => ({ ...one, few: [] as Slot[], many: [] as Slot[] })),
  );
  for (const one of cases) {
    await load(one.system, { ...one, connections, seconds: options.warmUpSeconds });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const one of cases) one.few.push(await load(one.system, { ...one, connections, seconds }));
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  for (let round = 0; round < latencyRounds; round += 1) {
    for (const one of cases) {
      one.many.push(await load(one.system, { ...one, connections: latencyConnections, seconds }));
    }
  }
  return cases.map(({ name, system, few, many }) => ({
    load: name,
    system: system.name,
    ...figuresOf(few, many),
  }));
}

function figuresOf(few: readonly Slot[], many: readonly Slot[]): Omit<Figures, 'load' | 'system'> {
  const answered = sum(few.map((slot) => slot.answered));
  const manyMs = many.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    rates: few.map((slot) => slot.answered / slot.seconds),
    serverUsOfRounds: few.map((slot) => (slot.serverMs / slot.answered) * 1_000),
    databaseUsOfRounds: few.map((slot) => (slot.databaseMs / slot.answered) * 1_000),
    serverUs: (sum(few.map(({ serverMs }) => serverMs)) / answered) * 1_000,
    databaseUs: (sum(few.map(({ databaseMs }) => databaseMs)) / answered) * 1_000,
    p99Ms: quantileOf(
      few.flatMap(({ latenciesMs }) => latenciesMs),
      0.99,
    ),
    manyP50Ms: medianOf(manyMs),
    manyP99Ms: quantileOf(manyMs, 0.99),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Resident memory of a process now and at its highest, in MB, as Linux tells it; 0 elsewhere. */
export function memoryOf({ process: { processId } }: System): { nowMb: number; peakMb: number } {
  let text = '';
  try {
    text = readFileSync(`/proc/${processId}/status`, 'utf8');
  } catch {
    // No Linux, or the process has just ended.
  }
  const mbOf = (key: string) =>
    Number(new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1_024;
  return { nowMb: mbOf('VmRSS'), peakMb: mbOf('VmHWM') };
}
