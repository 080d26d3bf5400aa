import { parseArgs } from 'node:util';
import { startTestCluster } from '../support/test-cluster.ts';
import { ATTACKS } from './attack/all.ts';
import { openAttackHouse } from './attack/house.ts';
import { runAttacks, type AttackOutcome } from './attack/rounds.ts';

/**
 * `npm run test:attack -- --rounds 3 --only token --quick`: attacks a server of its own, in production
 * mode and with little memory, and prints what came of each attack; --quick leaves out those that take
 * long. Ends with code 1 when one went through, something stayed behind, or memory grew from round to
 * round.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
  },
});
/** Of the second round; in the first, code is loaded and compiled. */
const GROWTH_MAX = 1.25;

const cell = (text: string, width: number) => text.slice(0, width).padEnd(width);
const say = (text: string) => process.stdout.write(`${text}\n`);

function sayOutcome({ name, refusal, got, tookMs, residentMib, findings }: AttackOutcome): void {
  const verdict = findings.length === 0 ? 'refused' : 'FOUND';
  const figures = `${tookMs.toFixed(0).padStart(6)} ms ${String(residentMib).padStart(4)} MiB`;
  say(`${cell(verdict, 7)} ${cell(name, 64)} ${cell(refusal, 56)} ${cell(got, 44)} ${figures}`);
  for (const finding of findings) say(`        ${finding}`);
}

const cluster = await startTestCluster();
try {
  const house = await openAttackHouse(cluster.templateUrl);
  try {
    const chosen = ATTACKS.filter(
      ({ name, isLong }) => new RegExp(values.only).test(name) && !(values.quick && isLong),
    );
    const peaks: number[] = [];
    let found = 0;
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      say(`Round ${String(round)}`);
      const outcomes = await runAttacks(house, chosen, sayOutcome);
      found += outcomes.filter(({ findings }) => findings.length > 0).length;
      peaks.push(Math.max(...outcomes.map(({ residentMib }) => residentMib)));
    }
    const [, second = 0] = peaks;
    const last = peaks.at(-1) ?? 0;
    const hasGrown = peaks.length > 2 && last > second * GROWTH_MAX;
    say(`Most memory of each round, in MiB: ${peaks.join(', ')}${hasGrown ? ' - it grows' : ''}`);
    say(`${String(chosen.length)} attacks a round, ${String(found)} with findings.`);
    process.exitCode = found === 0 && !hasGrown ? 0 : 1;
  } finally {
    await house.stop();
  }
} finally {
  await cluster.stop();
}
