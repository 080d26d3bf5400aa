import { expect, it } from 'vitest';
import { killRounds } from './kill-server/rounds.ts';

// The long form: `npm run test:kill -- --rounds 10`.
it('loses and doubles nothing when it is killed under load, the worker alone and the API with it', async () => {
  const rounds = await killRounds({ rounds: 2, seed: 20_261_121 });
  expect(rounds.map(({ victim }) => victim)).toEqual(['worker', 'server and worker']);
  for (const { findings } of rounds) expect(findings).toEqual([]);
  // Where the API was killed too, some were cut off on their way.
  const [, both] = rounds;
  expect(both?.sent).toBeGreaterThan(both?.answered ?? 0);
}, 600_000);
