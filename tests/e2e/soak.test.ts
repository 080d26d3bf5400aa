import { expect, it } from 'vitest';
import { soak } from './soak/soak.ts';

// The long form: `npm run test:soak -- --minutes 10 --clients 500`.
const SHORT = { minutes: 0.4, clients: 20, seed: 20_261_122 };

it('loses, doubles and mixes up nothing while Redis, a server and connections break', async () => {
  const result = await soak({ ...SHORT, redisRestarts: 1, serverKills: 1, rolls: 0 });
  expect(result).toMatchObject({ lost: 0, doubled: 0, foreign: 0, disordered: 0, gaps: 0 });
  // That something was traded, and that something broke.
  expect(result.trades).toBeGreaterThan(20);
  expect(result.resumptions).toBeGreaterThan(SHORT.clients / 2);
}, 600_000);

it('loses no event while all servers and workers are replaced', async () => {
  const result = await soak({ ...SHORT, redisRestarts: 0, serverKills: 0, rolls: 1 });
  expect(result).toMatchObject({ lost: 0, doubled: 0, foreign: 0, disordered: 0, gaps: 0 });
  expect(result.resumptions).toBeGreaterThanOrEqual(SHORT.clients);
}, 600_000);
