import { parseArgs } from 'node:util';
import { killRounds, type Round } from './kill-server/rounds.ts';

/**
 * `npm run test:kill -- --rounds 10 --seed 1`: kills API, worker or both under load, again and again, and
 * prints what each round found. Ends with code 1 when anything was lost, doubled or left half done.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});

const COLUMNS: readonly (readonly [string, (round: Round) => string | number])[] = [
  ['round', ({ round }) => round],
  ['killed', ({ victim }) => victim],
  ['after ms', ({ loadMs }) => loadMs],
  ['sent', ({ sent }) => sent],
  ['answered', ({ answered }) => answered],
  ['unanswered, stored', ({ storedUnanswered }) => storedUnanswered],
  ['restart ms', ({ restartMs }) => restartMs],
  ['to a fill ms', ({ fillMs }) => fillMs],
  ['trades in all', ({ trades }) => trades],
  ['resumed', ({ resumptions }) => resumptions],
  ['findings', ({ findings }) => findings.length],
];
const WIDTH = 22;

function say(cells: readonly (string | number)[]): void {
  process.stdout.write(`${cells.map((cell) => String(cell).padEnd(WIDTH)).join(' ')}\n`);
}

say(COLUMNS.map(([title]) => title));
const rounds = await killRounds({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  onRound(round) {
    say(COLUMNS.map(([, cellOf]) => cellOf(round)));
    for (const finding of round.findings) process.stdout.write(`  ${finding}\n`);
  },
});
const broken = rounds.filter(({ findings }) => findings.length > 0).length;
process.stdout.write(`${String(rounds.length)} rounds, ${String(broken)} with findings.\n`);
process.exitCode = broken === 0 ? 0 : 1;
