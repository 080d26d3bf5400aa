import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import Table from 'cli-table3';
import { medianOf, quantileOf } from './bench-numbers.ts';
import { titleOf } from './read-mix.ts';
import type { Figures } from './read-run.ts';
import { TABLE_STYLE } from './read-table.ts';

const ROOT = path.join(import.meta.dirname, '..');
const SCHEMA = 'prisma/schema.prisma';
const GENERATED = ['src/services/platform/prisma', 'src/services/platform/pothos-types.ts'];

/**
 * Puts the tree of a revision into `folder`, ready to run: with the packages of this checkout, and code
 * generated of its own schema. Throws for a revision that git does not know, or that has no server of a
 * bench.
 */
export function checkOut(revision: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync('git', ['archive', '--format=tar', revision], {
    cwd: ROOT,
    maxBuffer: 2 ** 30,
  });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  if (!existsSync(path.join(folder, 'bench/bench-server.ts'))) {
    throw new Error(`${revision} has no bench/bench-server.ts to compare with.`);
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  if (textOf(folder, 'package-lock.json') !== textOf(ROOT, 'package-lock.json')) {
    console.log(`${revision} had other packages: it runs with those of this checkout.`);
  }
  if (textOf(folder, SCHEMA) === textOf(ROOT, SCHEMA)) {
    for (const file of GENERATED) {
      cpSync(path.join(ROOT, file), path.join(folder, file), { recursive: true });
    }
  } else generate(folder);
}

const textOf = (root: string, file: string) => readFileSync(path.join(root, file), 'utf8');

function generate(cwd: string): void {
  const prisma = path.join(ROOT, 'node_modules/prisma/build/index.js');
  execFileSync(process.execPath, [prisma, 'generate'], {
    cwd,
    stdio: 'ignore',
    env: {
      ...process.env,
      // Prisma would download its engine although `generate` never runs it: any program will do.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
    },
  });
}

/** What a change did to a figure, of the rounds one by one. */
export interface Change {
  /** The median of the rounds: 0.1 is a tenth more. */
  readonly median: number;
  /** All rounds but the outermost on either side lie between. */
  readonly low: number;
  readonly high: number;
  /** Whether nearly every round says the same: else it may be the machine. */
  readonly isClear: boolean;
}

/** One in ten of the rounds may say otherwise. */
const OUTERMOST = 0.1;

export function changeOf(before: readonly number[], now: readonly number[]): Change {
  const changes = now.map((value, round) => shareOf(value, before[round] ?? 0) - 1);
  const low = quantileOf(changes, OUTERMOST);
  const high = -quantileOf(
    changes.map((change) => -change),
    OUTERMOST,
  );
  return { median: medianOf(changes), low, high, isClear: low > 0 || high < 0 };
}

/** Nothing of nothing is as much as before: what is too short to be counted says so. */
const shareOf = (now: number, before: number) => (now === before ? 1 : now / before);

/** What is not clear is marked: it may be no change at all. */
export function changeInWords({ median, low, high, isClear }: Change): string {
  const [middle, ...ends] = [median, low, high].map((share) =>
    `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(0)}%`.replace('Infinity', '∞'),
  );
  return `${isClear ? '' : '≈ '}${middle ?? ''} (${ends.join(' … ')})`;
}

export function printComparison(figures: readonly Figures[], before: string, now: string): void {
  const table = new Table({
    head: [
      ...['', 'requests/s before', 'now', 'change', 'CPU µs before', 'now', 'change'],
      ...['database µs before', 'now', 'change'],
    ],
    style: TABLE_STYLE,
    colAligns: ['left', ...Array.from({ length: 9 }, () => 'right' as const)],
  });
  for (const one of figures.filter(({ system }) => system === now)) {
    const other = figures.find(({ system, load }) => system === before && load === one.load);
    if (!other) continue;
    const cells = (['rates', 'serverUsOfRounds', 'databaseUsOfRounds'] as const).flatMap((of) => [
      medianOf(other[of]).toFixed(0),
      medianOf(one[of]).toFixed(0),
      changeInWords(changeOf(other[of], one[of])),
    ]);
    table.push([titleOf(one.load), ...cells]);
  }
  console.log(table.toString());
  console.log(
    'A change is the median of the rounds, with all of them but the outermost tenth on either side.\n' +
      '≈ is what the rounds do not agree on: it may be the machine alone.',
  );
}
