import { expect, it } from 'vitest';
import { hasNginx } from '../support/nginx.ts';
import { rollUnderLoad } from './soak/rolling.ts';

const isThere = hasNginx();
const name = 'fails no query and loses no event while servers and workers are replaced';

// The long form: `npm run test:rolling -- --rolls 5`.
it.skipIf(!isThere)(
  isThere ? name : `${name} (not run: nginx is not installed)`,
  async () => {
    const clients = 12;
    const result = await rollUnderLoad({ rolls: 1, servers: 2, workers: 1, clients, seed: 1 });
    expect(result.failures).toEqual([]);
    expect(result).toMatchObject({ failedQueries: 0, lost: 0, doubled: 0, foreign: 0 });
    expect(result).toMatchObject({ disordered: 0, gaps: 0 });
    // That much was asked, and that each client had to come again.
    expect(result.queries).toBeGreaterThan(100);
    expect(result.resumptions).toBeGreaterThanOrEqual(clients);
  },
  600_000,
);
