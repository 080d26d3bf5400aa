import Table from 'cli-table3';
import { medianOf } from './bench-numbers.ts';
import { titleOf, type LoadName } from './read-mix.ts';
import type { Figures } from './read-run.ts';

export const TABLE_STYLE = { head: [], border: [], compact: true };

/** What is asked of the program at a load, as its share of the floor's requests a second. */
const ASKED: Partial<Record<LoadName, number>> = {
  trivial: 0.6,
  viewer: 0.4,
  orders: 0.4,
  leaderboard: 0.6,
  curve: 0.3,
  publicBoard: 1,
  publicBars: 1,
  publicInstruments: 1,
};

/** Of each round the share of the one's rate in the other's, and the median of those. */
export function ratioOf(one: Figures, other: Figures): number {
  return medianOf(one.rates.map((rate, round) => rate / (other.rates[round] ?? NaN)));
}

/** The program beside its floor, a line for each load. */
export function printBesideFloor(figures: readonly Figures[], connections: number): void {
  const table = new Table({
    head: [
      ...['', 'floor/s', 'ours/s', 'min–max', 'ratio', 'asked', 'CPU µs ours', 'floor'],
      ...['database ours', 'floor', `p50 at ${connections}`, 'p99 ours', 'p99 floor'],
    ],
    style: TABLE_STYLE,
    colAligns: ['left', ...Array.from({ length: 12 }, () => 'right' as const)],
  });
  for (const [load, ours] of figuresOf(figures, 'ours')) {
    const floor = figuresOf(figures, 'floor').get(load);
    if (!floor) continue;
    table.push([
      titleOf(load),
      medianOf(floor.rates).toFixed(0),
      medianOf(ours.rates).toFixed(0),
      `${Math.min(...ours.rates).toFixed(0)}–${Math.max(...ours.rates).toFixed(0)}`,
      ratioOf(ours, floor).toFixed(2),
      ASKED[load]?.toFixed(2) ?? '',
      ...[ours.serverUs, floor.serverUs, ours.databaseUs, floor.databaseUs].map(whole),
      ...[ours.manyP50Ms, ours.manyP99Ms, floor.manyP99Ms].map((ms) => `${ms.toFixed(1)} ms`),
    ]);
  }
  console.log(table.toString());
}

/** All systems by their share of the floor, what they cost, and how long their slowest answers take. */
export function printBesidePeers(figures: readonly Figures[], connections: number): void {
  const tables = [
    {
      title: 'ratio to the floor',
      cell: (one: Figures, floor: Figures) => ratioOf(one, floor).toFixed(2),
    },
    { title: 'CPU µs of server + database', cell: costOf },
    { title: `p99 at ${connections}, ms`, cell: ({ manyP99Ms }: Figures) => manyP99Ms.toFixed(0) },
  ];
  for (const { title, cell } of tables) {
    const systems = [...new Set(figures.map(({ system }) => system))];
    const table = new Table({
      head: [title, ...systems],
      style: TABLE_STYLE,
      colAligns: ['left', ...systems.map(() => 'right' as const)],
    });
    for (const [load, floor] of figuresOf(figures, 'floor')) {
      const found = systems.map((system) => figuresOf(figures, system).get(load));
      table.push([titleOf(load), ...found.map((one) => (one ? cell(one, floor) : ''))]);
    }
    console.log(table.toString());
  }
}

const costOf = ({ serverUs, databaseUs }: Figures) => `${whole(serverUs)} + ${whole(databaseUs)}`;

export function printMemory(
  memory: Readonly<Record<string, { nowMb: number; peakMb: number }>>,
): void {
  for (const [system, { nowMb, peakMb }] of Object.entries(memory)) {
    console.log(
      `Memory of ${system}: ${whole(nowMb)} MB after the load, ${whole(peakMb)} at its highest.`,
    );
  }
}

const whole = (value: number) => value.toFixed(0);

const figuresOf = (figures: readonly Figures[], system: string): ReadonlyMap<LoadName, Figures> =>
  new Map(figures.filter((one) => one.system === system).map((one) => [one.load, one]));
