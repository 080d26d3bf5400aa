import { parseArgs } from 'node:util';
import { startTestCluster } from '../support/test-cluster.ts';
import { killRounds } from './kill-engine/kill-rounds.ts';

/** `node tests/e2e/kill-engine.ts --rounds 10`: the same on a database of its own. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const cluster = await startTestCluster();
try {
  say(`seed ${values.seed}`);
  const result = await killRounds({
    ownerUrl: cluster.templateUrl,
    rounds: Number(values.rounds),
    seed: Number(values.seed),
    say,
  });
  say(JSON.stringify(result, undefined, 2));
  if (result.problems.length > 0) process.exitCode = 1;
} finally {
  await cluster.stop();
}
