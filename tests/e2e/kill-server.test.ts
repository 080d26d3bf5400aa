import { expect, it } from 'vitest';
import { killRounds } from './kill-server/rounds.ts';

// The long form: `npm run test:kill -- --rounds 10`.
it('loses and doubles nothing when it is killed under load, with and without its database', async () => {
  const rounds = await killRounds({ rounds: 2, seed: 20_261_121 });
  expect(rounds.map(({ victim }) => victim)).toEqual(['server', 'server and PostgreSQL']);
  for (const { sent, answered, findings } of rounds) {
    expect(findings).toEqual([]);
    // Some were cut off on their way.
    expect(sent).toBeGreaterThan(answered);
  }
}, 180_000);
